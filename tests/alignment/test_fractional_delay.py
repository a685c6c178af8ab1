"""Shifts by part of a sample."""

import numpy as np
import pytest

from fxchain.alignment.fractional_delay import REACH, advanced, advancing

RATE = 44_100


def _tone(frequency_hz: float, earlier: float = 0.0) -> np.ndarray:
    at = np.arange(4_000) + earlier
    return np.sin(2.0 * np.pi * frequency_hz * at / RATE).astype(np.float32)[None]


def _level_db(error: np.ndarray, signal: np.ndarray) -> float:
    inside = slice(2 * REACH, -2 * REACH)
    return float(10.0 * np.log10(np.mean(error[:, inside] ** 2) / np.mean(signal[:, inside] ** 2)))


@pytest.mark.parametrize("frequency_hz", [100.0, 5_000.0, 15_000.0, 20_000.0])
@pytest.mark.parametrize("samples", [0.5, -0.3, 1.3])
def test_a_tone_comes_earlier(frequency_hz: float, samples: float) -> None:
    tone, wanted = _tone(frequency_hz), _tone(frequency_hz, samples)
    assert _level_db(advanced(tone, samples) - wanted, wanted) < -95.0


@pytest.mark.parametrize("frequency_hz", [1_000.0, 15_000.0])
def test_its_slope(frequency_hz: float) -> None:
    tone, turn = _tone(frequency_hz), 2.0 * np.pi * frequency_hz / RATE
    wanted = turn * _tone(frequency_hz, 0.3 + 0.5 * np.pi / turn)
    assert _level_db(advancing(tone, 0.3) - wanted, wanted) < -80.0


def test_whole_samples_are_whole_samples() -> None:
    noise = np.random.default_rng(0).normal(size=(2, 1_000)).astype(np.float32)
    assert advanced(noise, 0.0) is noise
    np.testing.assert_allclose(advanced(noise, 1.0)[:, :-1], noise[:, 1:], atol=1e-5)
    np.testing.assert_allclose(advanced(noise, -1.0)[:, 1:], noise[:, :-1], atol=1e-5)


def test_half_a_sample_is_heard_at_5_khz() -> None:
    tone = _tone(5_000.0)
    assert _level_db(advanced(tone, 0.5) - tone, tone) == pytest.approx(
        10 * np.log10(0.127), abs=0.2
    )
