"""Time-varying effects: the same samples wherever playing begins, and in whatever blocks.

Those that have assets play them by FFTs, whose rounding depends on the length of a block. They, and
those with a recursion, hear some of what came before.
"""

import numpy as np
import pytest
import torch

from fxchain.data.presets import noise_assets
from fxchain.data.signals import white_noise
from fxchain.objectives.excerpt import choose_excerpt
from fxchain.objectives.waveform_error import WaveformError
from fxchain.player import Playback, play
from fxchain.preset import Preset
from fxchain.primitives import REGISTRY, Primitive
from fxchain.recordings.problem import Problem
from fxchain.stage import Chain, Effect

RATE = 44_100
BEGIN = 12_345
FOUND = {kind: p for kind, p in REGISTRY.items() if p.nature == "time_varying"}
#: Samples after which nothing is heard of what came before, of effects that have assets or a
#: recursion with feedback.
SETTLED, SETTLED_RECURSION, ROUNDING = 1_000, 5_000, 2e-6
TIME_VARYING = pytest.mark.parametrize("primitive", FOUND.values(), ids=FOUND.keys())


def probe(primitive: Primitive) -> np.ndarray:
    return np.array([primitive.probe[spec.name] for spec in primitive.parameters])


def effect_of(primitive: Primitive) -> Effect:
    return Effect(primitive, noise_assets(primitive, np.random.default_rng(0)))


def settled(primitive: Primitive) -> int:
    if primitive.assets and "feedback" not in primitive.probe:
        return SETTLED
    impulse = np.zeros((1, 1_000), np.float32)
    impulse[:, 0] = 1.0
    remembers = bool(np.any(processed(primitive, impulse)[:, 1:]))
    return SETTLED_RECURSION if remembers else 0


def assert_equal(made: np.ndarray, wanted: np.ndarray, rounded: bool) -> None:
    if rounded:
        assert np.abs(made - wanted).max() < ROUNDING * np.abs(wanted).max()
    else:
        np.testing.assert_array_equal(made, wanted)


def preset_of(primitive: Primitive) -> Preset:
    gain = REGISTRY["gain"]
    stage = Chain((Effect(gain), effect_of(primitive)))
    return Preset(stage, np.array([-3.0, *probe(primitive)]), RATE)


def processed(primitive: Primitive, audio: np.ndarray, first_sample: int = 0) -> np.ndarray:
    rows = torch.from_numpy(probe(primitive))[None]
    playback = Playback(float(RATE), first_sample)
    return effect_of(primitive).process(torch.from_numpy(audio)[None], playback, rows)[0].numpy()


@TIME_VARYING
def test_an_excerpt_is_played_as_the_whole_is(primitive: Primitive) -> None:
    audio = white_noise(0.5, RATE, channels=2)
    whole, excerpt = processed(primitive, audio), processed(primitive, audio[:, BEGIN:], BEGIN)
    heard = settled(primitive)
    assert_equal(excerpt[:, heard:], whole[:, BEGIN + heard :], rounded=heard > 0)
    from_the_start = processed(primitive, audio[:, BEGIN:])
    assert np.abs(from_the_start[:, heard:] - whole[:, BEGIN + heard :]).max() > 0.01


@TIME_VARYING
@pytest.mark.parametrize("size", [64, 1_000, 4_097, 65_536])
def test_blocks_of_any_size_are_the_same_samples(primitive: Primitive, size: int) -> None:
    audio = white_noise(0.4, RATE, channels=2)
    script: dict[str, object] = {"__name__": "board"}
    exec(preset_of(primitive).to_python(), script)
    boards = [preset_of(primitive).board(RATE), script["build"](RATE)]  # type: ignore[operator]
    blocks = [audio[:, start : start + size] for start in range(0, audio.shape[1], size)]
    whole = boards[0](audio, RATE, reset=True)
    for board in boards:
        for _ in range(2):  # the second time after a reset
            made = np.concatenate(list(play(board, blocks, RATE)), axis=1)
            assert_equal(made, whole, rounded=bool(primitive.assets))


@TIME_VARYING
def test_the_error_of_a_late_excerpt_is_zero_at_the_truth(primitive: Primitive) -> None:
    dry = white_noise(4.0, RATE) * np.linspace(0.05, 1.0, 4 * RATE, dtype=np.float32)
    wet = preset_of(primitive).board(RATE)(dry, RATE, reset=True)
    excerpt = choose_excerpt(Problem(dry, wet, 0, RATE, 1), 1.0)
    assert excerpt.first_sample > 0
    stage, values = preset_of(primitive).stage, preset_of(primitive).values
    objective = WaveformError(stage, values, np.ones(len(values), dtype=bool), excerpt, RATE)
    assert objective.losses(objective.cube(values)[None])[0] < 1e-10


def test_a_sine_becomes_the_sum_and_the_difference() -> None:
    time = np.arange(RATE) / RATE
    audio = np.sin(2.0 * np.pi * 1_000.0 * time)[None, None]
    values = torch.tensor([[300.0, 90.0, 1.0]], dtype=torch.float64)
    effect = Effect(REGISTRY["ring_modulator"])
    made = effect.process(torch.from_numpy(audio), Playback(float(RATE)), values)[0, 0].numpy()
    level = np.abs(np.fft.rfft(made)) / (RATE / 2)
    np.testing.assert_allclose(level[[700, 1_300]], 0.5, atol=1e-9)
    assert np.delete(level, [700, 1_300]).max() < 1e-9
