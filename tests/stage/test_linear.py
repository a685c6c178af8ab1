"""Runs of linear stages: few FFTs, and the same as one stage after the other."""

from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from fxchain.data.presets import noise_assets, random_values
from fxchain.data.signals import white_noise
from fxchain.player import Playback
from fxchain.primitives import REGISTRY
from fxchain.stage import Chain, Effect, Mix, Stage
from fxchain.stage.linear import linearize_linear

RATE = 16_000.0


def effect(kind: str) -> Effect:
    return Effect(REGISTRY[kind], noise_assets(REGISTRY[kind], np.random.default_rng(0)))


def chain(*kinds: str) -> Chain:
    return Chain(tuple(effect(kind) for kind in kinds))


def noise(channels: int = 1, seconds: float = 0.5, seed: int = 0) -> Tensor:
    return torch.from_numpy(white_noise(seconds, round(RATE), seed=seed, channels=channels))[None]


def values_of(stage: Stage, seed: int = 0) -> Tensor:
    """Return gentle values (1, size): each within the middle of its range."""
    rng = np.random.default_rng(seed)
    at = [
        slot.spec.denormalize(torch.tensor(rng.uniform(0.3, 0.7))).item() for slot in stage.slots()
    ]
    return torch.tensor([at], dtype=torch.float64)


@pytest.fixture
def count_ffts(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count calls of torch's FFTs of real signals."""
    calls: Counter[str] = Counter()

    def counting(name: str, function: Callable[..., Tensor]) -> Callable[..., Tensor]:
        def called(*arguments: object, **options: object) -> Tensor:
            calls[name] += 1
            return function(*arguments, **options)

        return called

    for name in ("rfft", "irfft"):
        monkeypatch.setattr(torch.fft, name, counting(name, getattr(torch.fft, name)))
    return calls


EQUALIZER = ("low_shelf_filter", "peak_filter", "peak_filter", "high_shelf_filter", "gain")


def test_sections_cost_no_fft(count_ffts: Counter[str]) -> None:
    stage = chain(*EQUALIZER)
    values = values_of(stage).requires_grad_()
    stage.process(noise(), Playback(RATE), values).square().sum().backward()
    assert not count_ffts


def test_a_run_of_linear_stages_costs_one_pair_of_ffts(count_ffts: Counter[str]) -> None:
    stage = chain(*EQUALIZER, "delay", "reverb", "convolution")
    values = values_of(stage).requires_grad_()
    stage.process(noise(), Playback(RATE), values).sum().backward()  # captures the responses
    count_ffts.clear()
    made = stage.process(noise(), Playback(RATE), values)
    assert not count_ffts, "playing needs none"
    made.square().sum().backward()
    assert count_ffts == {"rfft": 1, "irfft": 1}


def test_in_float64_a_run_is_convolved_with_one_pair_of_ffts(count_ffts: Counter[str]) -> None:
    stage = chain("peak_filter", "delay", "reverb", "convolution")
    audio, values = noise().double(), values_of(stage)
    stage.process(audio, Playback(RATE), values)
    count_ffts.clear()
    stage.process(audio, Playback(RATE), values)
    assert count_ffts == {"rfft": 1, "irfft": 1}


def test_a_run_is_linearised_with_one_pair_of_ffts_a_chunk(count_ffts: Counter[str]) -> None:
    stage = chain(*EQUALIZER, "delay", "low_shelf_filter", "reverb")
    values, nothing = values_of(stage)[0], np.zeros(stage.size, dtype=bool)
    tangents = noise(seed=1).repeat(8, 1, 1)
    stage.linearize(noise()[0], tangents, Playback(RATE), values, nothing)
    count_ffts.clear()
    stage.linearize(noise()[0], tangents, Playback(RATE), values, nothing)
    assert count_ffts == {"rfft": 2, "irfft": 1}, "of the audio, and there and back of the tangents"


RUNS = [
    ("reverb",),
    ("peak_filter", "reverb", "low_shelf_filter"),
    ("reverb", "reverb"),
    ("delay", "peak_filter", "reverb", "gain", "convolution", "reverb"),
]


@pytest.mark.parametrize("kinds", RUNS, ids="-".join)
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_a_run_is_one_stage_after_the_other(
    kinds: tuple[str, ...], channels: int, dtype: torch.dtype
) -> None:
    """Stereo reverbs let one channel be heard in the other, so their order is kept."""
    stage, audio = chain(*kinds), noise(channels).to(dtype)
    values, start = values_of(stage), 0
    expected = audio
    for part in stage.stages:
        expected = part.process(expected, Playback(RATE), values[:, start : start + part.size])
        start += part.size
    torch.testing.assert_close(
        stage.process(audio, Playback(RATE), values), expected, atol=1e-6, rtol=1e-5
    )


@pytest.mark.parametrize("kinds", RUNS, ids="-".join)
@pytest.mark.parametrize("channels", [1, 2])
def test_gradients_through_a_run_are_its_adjoint(kinds: tuple[str, ...], channels: int) -> None:
    stage, weights, along = chain(*kinds), noise(channels, seed=1), noise(channels, seed=2)
    values, audio = values_of(stage), noise(channels).requires_grad_()
    (slope,) = torch.autograd.grad(
        (stage.process(audio, Playback(RATE), values) * weights).sum(), audio
    )
    terms = stage.process(along, Playback(RATE), values) * weights
    expected, size = terms.sum().item(), terms.norm().item()
    assert (slope * along).sum().item() == pytest.approx(expected, abs=1e-4 * size)


def linear_mix() -> Mix:
    return Mix((chain("peak_filter", "delay"), Chain(), chain("gain"), chain("reverb")))


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("weights", [(0.7, -0.4, 1.5, -1.0)])
def test_a_mix_inside_a_run_is_the_sum_of_its_branches(
    channels: int, weights: tuple[float, ...]
) -> None:
    mix = linear_mix()
    stage = Chain((effect("high_shelf_filter"), mix, effect("reverb")))
    rng = np.random.default_rng(1)
    row = random_values(stage, rng, RATE)
    starts = [3, 3 + 7, 3 + 8, 3 + 10]
    row[starts] = weights
    values = torch.from_numpy(row)[None]
    audio = noise(channels)
    before = effect("high_shelf_filter").process(audio, Playback(RATE), values[:, :3])
    total = torch.zeros_like(before)
    for branch, weight, start in zip(mix.branches, weights, starts, strict=True):
        part = values[:, start + 1 : start + 1 + branch.size]
        total = total + weight * branch.process(before, Playback(RATE), part)
    expected = effect("reverb").process(total, Playback(RATE), values[:, -5:])
    torch.testing.assert_close(
        stage.process(audio, Playback(RATE), values), expected, atol=2e-6, rtol=1e-5
    )


@pytest.mark.parametrize("channels", [1, 2])
def test_a_linear_mix_has_the_response_of_its_sum(channels: int) -> None:
    """What `linearize` multiplies in the frequency domain is what `process` plays."""
    stage = Chain((effect("delay"), linear_mix(), effect("low_shelf_filter")))
    values, audio = values_of(stage), noise(channels).double()
    linear = stage.linear(audio, Playback(RATE), values)
    assert linear is not None
    along = noise(channels, seed=1).double()
    nothing = np.zeros(stage.size, dtype=bool)
    output, moved = linearize_linear(audio[0], along, RATE, linear, nothing)
    torch.testing.assert_close(output, stage.process(audio, Playback(RATE), values)[0])
    expected = stage.process(along, Playback(RATE), values)
    torch.testing.assert_close(moved, expected, atol=1e-5, rtol=0.0)


def test_a_chain_with_a_distortion_is_no_filter() -> None:
    stage = Chain((effect("gain"), Mix((chain("distortion"), Chain()))))
    assert stage.linear(noise(), Playback(RATE), values_of(stage)) is None
