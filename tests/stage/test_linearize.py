"""Forward tangents against differences.

In float64 the differences are exact to about 1e-6, but for the knobs of captured effects, which
are captured in float32 and therefore compared over longer steps. In float32, differences of the
recursions are mostly rounding, so the float32 tangents are compared with those of float64.
"""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from fxchain.data.presets import hidden_chain, noise_assets, on_sample_grid
from fxchain.data.signals import white_noise
from fxchain.player import Playback
from fxchain.primitives import REGISTRY
from fxchain.stage import Chain, Effect, Mix, PerChannel, Slot, Stage

RATE = 16_000.0


def effect(kind: str) -> Effect:
    return Effect(REGISTRY[kind], noise_assets(REGISTRY[kind], np.random.default_rng(0)))


def chain(*kinds: str) -> Chain:
    return Chain(tuple(effect(kind) for kind in kinds))


STAGES: dict[str, Stage] = {
    **{
        kind: effect(kind)
        for kind, primitive in REGISTRY.items()
        if primitive.parameters and primitive.gradient in ("full", "signal")
    },
    "equalizer": chain("low_shelf_filter", "peak_filter", "gain", "high_shelf_filter"),
    "two of a kind": chain("peak_filter", "invert", "low_shelf_filter", "peak_filter", "gain"),
    "space": chain("peak_filter", "delay", "gain", "reverb", "low_shelf_filter"),
    "two reverbs": chain("reverb", "highpass_filter", "reverb"),
    "linear mix": Chain(
        (
            effect("delay"),
            Mix((chain("peak_filter", "gain"), Chain(), chain("reverb", "lowpass_filter"))),
            effect("gain"),
        )
    ),
    "mix of sections": Mix((chain("peak_filter", "gain"), Mix((Chain(), chain("lowpass_filter"))))),
    "drive": Chain(
        (
            effect("peak_filter"),
            Mix((Chain(), chain("distortion", "peak_filter"), chain("waveshaper"))),
            effect("compressor"),
            effect("delay"),
        )
    ),
    "hidden chain": hidden_chain(np.random.default_rng(0))[0],
    "a chain for each channel": PerChannel((chain("peak_filter", "gain"), chain("distortion"))),
    "empty": Chain(),
}


def values_of(stage: Stage) -> np.ndarray:
    rng = np.random.default_rng(4)
    at = [
        slot.spec.denormalize(torch.tensor(rng.uniform(0.3, 0.7))).item() for slot in stage.slots()
    ]
    for index, slot in enumerate(stage.slots()):
        if slot.name == "delay.delay_seconds":
            at[index] = on_sample_grid(0.1 * at[index], RATE)
    return np.array(at)


def difference(stage: Stage, audio: Tensor, values: np.ndarray, index: int, step: float) -> Tensor:
    ends = []
    for sign in (1, -1):
        moved = values.copy()
        moved[index] += sign * step
        ends.append(stage.process(audio[None], Playback(RATE), torch.from_numpy(moved)[None])[0])
    return (ends[0] - ends[1]) / (2 * step)


def is_captured(slot: Slot) -> bool:
    return slot.kind in REGISTRY and REGISTRY[slot.kind].gradient == "signal"


def is_interpolated(slot: Slot) -> bool:
    return slot.kind in REGISTRY and REGISTRY[slot.kind].pre_roll is not None


def has_oscillator(slot: Slot) -> bool:
    return slot.kind in REGISTRY and REGISTRY[slot.kind].phase is not None


def noise(channels: int, dtype: torch.dtype = torch.float64, seed: int = 0) -> Tensor:
    return torch.from_numpy(white_noise(0.3, round(RATE), seed=seed, channels=channels)).to(dtype)


def all_columns(stage: Stage, audio: Tensor, active: np.ndarray | None = None) -> Tensor:
    has_jacobian = np.array([slot.has_jacobian for slot in stage.slots()], dtype=bool)
    chosen = has_jacobian if active is None else active
    values = torch.from_numpy(values_of(stage))
    output, columns = stage.linearize(
        audio, torch.zeros(0, *audio.shape, dtype=audio.dtype), Playback(RATE), values, chosen
    )
    expected = stage.process(audio[None], Playback(RATE), values[None])[0]
    torch.testing.assert_close(output, expected, rtol=0.0, atol=0.0)
    return columns


every_stage = pytest.mark.parametrize("stage", STAGES.values(), ids=STAGES.keys())


@every_stage
@pytest.mark.parametrize("channels", [1, 2])
def test_every_column_is_a_difference(stage: Stage, channels: int) -> None:
    audio, values = noise(channels), values_of(stage)
    columns = all_columns(stage, audio)
    has_jacobian = [index for index, slot in enumerate(stage.slots()) if slot.has_jacobian]
    assert columns.shape == (len(has_jacobian), *audio.shape)
    for column, index in zip(columns, has_jacobian, strict=True):
        slot = stage.slots()[index]
        share, tolerance = (2e-3, 2e-2) if is_captured(slot) else (1e-6, 3e-4)
        if is_interpolated(slot) or has_oscillator(slot):
            share = 1e-9  # of another sample the slope is another one
        scale = values[index] if slot.spec.scale == "log" else slot.spec.high - slot.spec.low
        step = share * scale
        expected = difference(stage, audio, values, index, step)
        error = (column - expected).norm() / max(expected.norm().item(), 1e-9)
        assert error < tolerance, f"{slot.path} {slot.name}: {error:.1e}"


@pytest.mark.parametrize(
    "stage", [s for s in STAGES.values() if not any(map(is_interpolated, s.slots()))]
)
@pytest.mark.parametrize("channels", [1, 2])
def test_float32_columns_are_those_of_float64(stage: Stage, channels: int) -> None:
    """Not of effects whose oscillator is rounded with the bits of pedalboard: its rate differs."""
    single = all_columns(stage, noise(channels, torch.float32))
    double = all_columns(stage, noise(channels))
    for one, other in zip(single, double, strict=True):
        assert (one - other).norm() <= 5e-3 * other.norm()


@every_stage
def test_columns_can_be_had_one_by_one(stage: Stage) -> None:
    audio = noise(1)
    columns = all_columns(stage, audio)
    has_jacobian = [index for index, slot in enumerate(stage.slots()) if slot.has_jacobian]
    for column, index in list(zip(columns, has_jacobian, strict=True))[::3]:
        active = np.arange(stage.size) == index
        alone = all_columns(stage, audio, active)
        torch.testing.assert_close(alone, column[None], rtol=1e-6, atol=1e-9)


@every_stage
@pytest.mark.parametrize("channels", [1, 2])
def test_given_directions_pass_through_and_come_first(stage: Stage, channels: int) -> None:
    audio, values = noise(channels), torch.from_numpy(values_of(stage))
    along = torch.stack([noise(channels, seed=seed) for seed in range(1, 20)])
    has_jacobian = np.array([slot.has_jacobian for slot in stage.slots()], dtype=bool)
    _, moved = stage.linearize(audio, along, Playback(RATE), values, has_jacobian)
    assert len(moved) == len(along) + has_jacobian.sum()
    step = 1e-7
    for direction in (0, 18):
        ends = [
            stage.process((audio + s * along[direction])[None], Playback(RATE), values[None])[0]
            for s in (step, -step)
        ]
        expected = (ends[0] - ends[1]) / (2 * step)
        assert (moved[direction] - expected).norm() <= 1e-4 * expected.norm()
    if stage.size:
        torch.testing.assert_close(moved[len(along) :], all_columns(stage, audio))


@pytest.mark.filterwarnings("ignore:.*torch.jit.script:DeprecationWarning")  # torch's own
def test_an_effect_of_plain_torch_goes_by_forward_mode() -> None:
    """A new effect needs neither `push` nor to be memoryless."""
    plain = replace(REGISTRY["clipping"], nature="dynamic")
    audio = noise(1)
    columns = all_columns(Effect(plain), audio)
    torch.testing.assert_close(columns, all_columns(effect("clipping"), audio))
