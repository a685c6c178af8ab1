"""The frames that two recordings have in common: what the effect is told by."""

import numpy as np
import pytest
import torch
from torch import Tensor

from fxchain.data.signals import white_noise
from fxchain.transferring.descriptors import Descriptors
from fxchain.transferring.drive import density
from fxchain.transferring.overlap import overlap
from fxchain.transferring.spectrum import LOSS, describe
from fxchain.transferring.target import targets

RATE = 16_000
#: Fundamentals that no two chords share.
COMMON, FIRST, SECOND = (110.0, 277.2), (174.6, 440.0), (233.1, 1_318.5)


def chord(*fundamentals_hz: float, seconds: float = 2.0, level: float = 0.1) -> Tensor:
    """Return (1, samples) of tones with eight partials each, and a little noise."""
    time = np.arange(round(seconds * RATE)) / RATE
    tones = [
        np.sin(2.0 * np.pi * number * hz * time) / number
        for hz in fundamentals_hz
        for number in range(1, 9)
        if number * hz < 0.45 * RATE
    ]
    noise = 1e-4 * white_noise(seconds, RATE, seed=int(fundamentals_hz[0]))[0]
    return torch.from_numpy((level * np.sum(tones, axis=0) + noise).astype(np.float32))[None]


def brightened(audio: Tensor) -> Tensor:
    """Return it through a filter that rises by 12 dB over the spectrum."""
    spectrum = torch.fft.rfft(audio)
    return torch.fft.irfft(spectrum * torch.linspace(1.0, 4.0, spectrum.shape[-1]), audio.shape[-1])


def test_equal_recordings_count_evenly():
    audio = torch.cat([chord(*COMMON), chord(*FIRST)], dim=1)
    first, second = overlap(Descriptors(audio, RATE), Descriptors(audio.clone(), RATE))
    kept = first.weights[first.kept]
    assert torch.allclose(kept, kept.mean().expand_as(kept), rtol=1e-4)
    assert torch.equal(first.weights, second.weights)


def test_what_only_one_of_them_plays_counts_little():
    first = Descriptors(torch.cat([chord(*COMMON), chord(*FIRST)], dim=1), RATE)
    second = Descriptors(torch.cat([chord(*SECOND), brightened(chord(*COMMON))], dim=1), RATE)
    here, there = (each.weights for each in overlap(first, second))
    assert here[: len(here) // 2].sum() > 0.9
    assert there[len(there) // 2 :].sum() > 0.9


@pytest.mark.parametrize("describe", [describe, density])
def test_the_effect_is_told_by_what_is_in_common(describe):
    raw = torch.cat([chord(*COMMON), chord(*FIRST)], dim=1)
    other = torch.cat([chord(*SECOND), chord(*COMMON, level=0.03)], dim=1)
    recording, effect = Descriptors(raw, RATE), describe(Descriptors(brightened(raw), RATE))
    reference = Descriptors(brightened(other), RATE)
    apart = describe(reference) - describe(recording) - (effect - describe(recording))
    own, shared = overlap(recording, reference)
    left = describe(shared) - describe(own) - (effect - describe(recording))
    assert left.square().mean() < 0.25 * apart.square().mean()


def test_recordings_that_have_nothing_in_common_still_count():
    noise = torch.from_numpy(white_noise(2.0, RATE, seed=1))
    first, second = overlap(Descriptors(noise, RATE), Descriptors(chord(*COMMON), RATE))
    for each in (first, second):
        assert torch.isfinite(each.weights).all()
        assert each.weights.sum() == pytest.approx(1.0, abs=1e-4)
        assert 1.0 / each.weights.square().sum() > 0.1 * each.kept.sum()


def test_silence_never_counts():
    audio = torch.cat([chord(*COMMON), torch.zeros(1, 2 * RATE)], dim=1)
    recording, _ = overlap(Descriptors(audio, RATE), Descriptors(chord(*COMMON), RATE))
    assert recording.weights[~recording.kept].sum() == 0.0


def test_between_unlike_contents_all_frames_count():
    first = Descriptors(torch.cat([chord(*COMMON), chord(*FIRST)], dim=1), RATE)
    second = Descriptors(torch.cat([chord(*SECOND), brightened(chord(*COMMON))], dim=1), RATE)
    told = [targets([LOSS], first, first, [second], unlike)[0] for unlike in (0.0, 0.5, 1.0)]
    alike, between, unlike = (each.description for each in told)
    assert torch.allclose(unlike, describe(second), atol=1e-3)
    assert torch.allclose(between, (alike + unlike) / 2.0, atol=1e-3)
    assert not torch.allclose(alike, unlike, atol=1.0)
