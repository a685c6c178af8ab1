"""Metrics: values computed by hand, and numbers where nothing is heard."""

import dataclasses
import json
import math

import auraloss
import numpy as np
import pyloudnorm
import pytest
import torch

from fxchain.errors import AudioError
from fxchain.metrics.energy import energy
from fxchain.metrics.loudness import integrated_loudness
from fxchain.metrics.scores import (
    MR_STFT_SETTINGS,
    esr,
    loudness_error_db,
    mr_stft,
    null_depth_db,
    score,
    scores,
)

RATE = 48_000


def noise(channels: int = 1, samples: int = 30_000, seed: int = 0) -> np.ndarray:
    """Return repeatable noise at −20 dBFS."""
    rng = np.random.default_rng(seed)
    return (0.1 * rng.standard_normal((channels, samples))).astype(np.float32)


def tone(seconds: float, frequency: float = 997.0, amplitude: float = 1.0) -> np.ndarray:
    """Return a sine."""
    time = np.arange(round(seconds * RATE)) / RATE
    return (amplitude * np.sin(2 * np.pi * frequency * time))[None].astype(np.float32)


def test_esr_by_hand():
    target = np.array([[1, 2], [2, 0]], np.float32)
    estimate = np.array([[1, 1], [2, 1]], np.float32)
    assert esr(target, estimate) == pytest.approx(2 / 9)
    assert esr(target, np.zeros_like(target)) == 1
    assert esr(target, -target) == 4


def test_null_depth_by_hand():
    target = noise()
    assert null_depth_db(target, target * np.float32(0.9)) == pytest.approx(-20, abs=1e-3)
    assert null_depth_db(target, target) == -200


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_not_finite_does_not_null(value):
    broken = noise()
    broken[0, 5] = value
    assert null_depth_db(noise(), broken) == null_depth_db(broken, noise()) == math.inf


def test_mr_stft_settings_are_the_defaults_of_auraloss():
    target, estimate = noise(2), noise(2, seed=1)
    default = auraloss.freq.MultiResolutionSTFTLoss()
    expected = default(torch.from_numpy(estimate)[None], torch.from_numpy(target)[None])
    assert mr_stft(target, estimate, RATE) == pytest.approx(expected.item(), rel=1e-6)
    assert mr_stft(target, target, RATE) == 0
    json.dumps(MR_STFT_SETTINGS)


def test_mr_stft_in_blocks_is_that_of_the_whole(monkeypatch):
    target, estimate = noise(2), noise(2, seed=1)
    whole = mr_stft(target, estimate, RATE)
    monkeypatch.setattr("fxchain.metrics.stft_distance._BLOCK_FRAMES", 101)
    assert mr_stft(target, estimate, RATE) == pytest.approx(whole, rel=1e-6)


@pytest.mark.parametrize("samples", [2_048, 2_400, 30_000, 30_001])
def test_mr_stft_mirrors_both_ends(samples, monkeypatch):
    """Also where the last block is a single frame in the middle of what is mirrored."""
    monkeypatch.setattr("fxchain.metrics.stft_distance._BLOCK_FRAMES", 2)
    target, estimate = noise(2, samples), noise(2, samples, seed=1)
    default = auraloss.freq.MultiResolutionSTFTLoss()
    expected = default(torch.from_numpy(estimate)[None], torch.from_numpy(target)[None])
    assert mr_stft(target, estimate, RATE) == pytest.approx(expected.item(), rel=1e-5)


def auraloss_in_doubles(target: np.ndarray, estimate: np.ndarray) -> float:
    """Return the distance with sums and transforms in double precision."""
    default = auraloss.freq.MultiResolutionSTFTLoss()
    for each in default.stft_losses:
        each.window = each.window.double()
    audio = (torch.from_numpy(samples.astype(np.float64))[None] for samples in (estimate, target))
    return default(*audio).item()


def test_mr_stft_is_nearer_to_its_definition_than_auraloss_is():
    target = noise(1, 10 * RATE)
    estimate = target + noise(1, 10 * RATE, seed=1) / 10
    exact = auraloss_in_doubles(target, estimate)
    single = auraloss.freq.MultiResolutionSTFTLoss()(
        torch.from_numpy(estimate)[None], torch.from_numpy(target)[None]
    )
    assert mr_stft(target, estimate, RATE) == pytest.approx(exact, rel=1e-6)
    assert abs(single.item() / exact - 1) > 5e-6


def test_mr_stft_transforms_few_frames_at_a_time_and_the_target_once(monkeypatch):
    transformed, stft = [], torch.stft

    def counting(*args, **kwargs):
        spectrum = stft(*args, **kwargs)
        transformed.append(spectrum.shape[0] * spectrum.shape[-1])
        return spectrum

    monkeypatch.setattr(torch, "stft", counting)
    target, estimates = noise(2, 3 * RATE), [noise(2, 3 * RATE, seed=seed) for seed in (1, 2)]
    scores(target, estimates, RATE)
    frames = sum(2 * (1 + 3 * RATE // hop) for hop in MR_STFT_SETTINGS["hop_sizes"])
    assert sum(transformed) == 3 * frames and max(transformed) <= 2_048


def test_scores_of_several_are_those_of_each():
    target, estimates = noise(2), [noise(2, seed=1), noise(2) / 2]
    assert scores(target, estimates, RATE) == [score(target, each, RATE) for each in estimates]


def test_energy_of_more_than_a_block():
    ones = np.full((2, 2**18 + 5), 0.5, np.float32)
    assert energy(ones) == 0.25 * 2 * (2**18 + 5)
    assert energy(ones[:, :0]) == 0


def test_mr_stft_of_a_gain():
    """Half the amplitude: convergence 1/2 and log 2 at every resolution."""
    assert mr_stft(noise(), noise() / 2, RATE) == pytest.approx(0.5 + math.log(2), abs=1e-3)


def test_loudness_of_the_reference_tone():
    assert integrated_loudness(tone(5), RATE) == pytest.approx(-3.01, abs=0.01)
    stereo = np.repeat(tone(5), 2, axis=0)
    assert integrated_loudness(stereo, RATE) == pytest.approx(0.0, abs=0.01)


def test_loudness_is_gated():
    """Silence after a tone does not make it quieter, but for the few blocks at the seam."""
    half = np.concatenate([tone(5), np.zeros((1, 5 * RATE), np.float32)], axis=1)
    assert integrated_loudness(half, RATE) == pytest.approx(-3.01, abs=0.2)


@pytest.mark.parametrize("rate", [16_000, 22_050, 44_101])
@pytest.mark.parametrize("seconds", [0.45, 59.97, 130.03])
def test_loudness_in_pieces_is_that_of_the_whole(rate, seconds):
    """With a loud minute, a quiet one, and silence: both gates count."""
    samples = round(seconds * rate)
    level = np.interp(np.arange(samples) / rate, [0, 50, 70, 125, 126], [1, 1, 0.01, 0.01, 0])
    audio = noise(2, samples) * level.astype(np.float32)
    meter = pyloudnorm.Meter(rate, filter_class="DeMan")
    whole = meter.integrated_loudness(np.ascontiguousarray(audio.T, np.float64))
    assert integrated_loudness(audio, rate) == pytest.approx(whole, abs=1e-4)


@pytest.mark.parametrize("seconds", [3.0, 0.2])
@pytest.mark.parametrize("level", [1.0, 1e-4])
def test_loudness_error_is_the_gain(seconds, level):
    target = tone(seconds, amplitude=0.5) * np.float32(level)
    assert loudness_error_db(target, target / 2, RATE) == pytest.approx(-6.02, abs=0.01)
    assert loudness_error_db(target, target * 2, RATE) == pytest.approx(6.02, abs=0.01)


@pytest.mark.parametrize("samples", [1, 500, 30_000])
def test_silence_gives_finite_numbers(samples):
    silent, sounding = np.zeros((2, samples), np.float32), noise(2, samples)
    assert dataclasses.astuple(score(silent, silent, RATE)) == (0, 0, 0)
    for target, estimate in ((silent, sounding), (sounding, silent)):
        figures = dataclasses.asdict(score(target, estimate, RATE))
        json.dumps(figures, allow_nan=False)
    assert score(sounding, silent, RATE).esr == 1
    assert score(sounding, silent, RATE).loudness_error_db < -60
    assert score(silent, sounding, RATE).loudness_error_db > 60


def test_shapes_must_agree():
    with pytest.raises(AudioError, match="equal shape"):
        score(noise(1), noise(2), RATE)
    with pytest.raises(AudioError, match="no samples"):
        score(noise(1, 0), noise(1, 0), RATE)
