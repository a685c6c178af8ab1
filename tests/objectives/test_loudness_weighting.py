"""The gain that evens a recording out."""

import numpy as np
import pytest

from fxchain.objectives.loudness_weighting import FLOOR, loudness_weighting

RATE = 44_100


def _decaying(seconds: float, decay_db: float) -> np.ndarray:
    """Return noise that falls by so many decibels, (1, samples)."""
    count = round(seconds * RATE)
    fall = 10.0 ** (-decay_db / 20.0 * np.arange(count) / count)
    return (np.random.default_rng(0).normal(0.0, 0.1, (1, count)) * fall).astype(np.float32)


def _fall_db(audio: np.ndarray) -> float:
    """Return by how much the second half is quieter than the first."""
    first, second = np.split(audio[0].astype(np.float64), 2)
    return float(10.0 * np.log10(np.mean(first**2) / np.mean(second**2)))


@pytest.mark.parametrize("strength", [0.0, 0.5, 1.0])
def test_a_decay_is_flattened_in_proportion_and_keeps_its_energy(strength: float) -> None:
    wet = _decaying(2.0, 20.0)
    even = wet * loudness_weighting(wet, RATE, strength)
    assert np.sum(even**2) == pytest.approx(np.sum(wet**2), rel=1e-3)
    assert _fall_db(even) == pytest.approx((1.0 - strength) * _fall_db(wet), abs=0.4)


def test_noise_is_not_lifted_further_than_the_floor() -> None:
    wet = _decaying(2.0, 0.0)
    wet[:, RATE:] *= 1e-4
    gain = loudness_weighting(wet, RATE, 1.0)[0].astype(np.float64)
    assert (gain[-1] / gain[RATE // 2]) ** 2 == pytest.approx(2.0 / FLOOR, rel=0.1)


def test_all_channels_share_one_gain_and_silence_is_left_alone() -> None:
    wet = np.concatenate([_decaying(1.0, 10.0), np.zeros((1, RATE), np.float32)])
    assert loudness_weighting(wet, RATE, 0.5).shape == (1, RATE)
    assert np.array_equal(
        loudness_weighting(np.zeros((2, 100), np.float32), RATE, 0.5), np.ones((1, 100))
    )
    assert loudness_weighting(np.ones((2, 1), np.float32), RATE, 1.0).shape == (1, 1)
