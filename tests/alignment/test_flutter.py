"""A lag that wanders, as that of a tape: found, taken out, and not invented."""

import numpy as np
import pytest
from scipy.signal import lfilter

from fxchain.alignment.best_path import continuous_path
from fxchain.alignment.flutter import measure_flutter, without_flutter
from fxchain.alignment.warping import warped
from fxchain.data.signals import plucked_strings

RATE = 16_000
SECONDS = 4.0
DRY = plucked_strings(SECONDS, RATE, seed=2)
LATENCY = 300


def taped(dry: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a filtered recording that wanders, late by `LATENCY`, and its lag in samples."""
    time = np.arange(dry.shape[1]) / RATE
    lag = 12.0 * np.sin(2 * np.pi * 0.7 * time) + 2.0 * np.sin(2 * np.pi * 5.0 * time + 1.0)
    made = lfilter([0.6, 0.3], [1.0, -0.2], dry)
    # made(t) is heard at t + lag(t)
    heard = np.arange(dry.shape[1]) + lag
    wet = warped(made, np.interp(np.arange(dry.shape[1]), heard, time * RATE))
    return np.pad(wet, ((0, 0), (LATENCY, 0)))[:, : dry.shape[1]].astype(np.float32), lag


@pytest.mark.parametrize("polarity", [1, -1])
def test_a_lag_that_wanders_is_found_in_the_held_out_part_too(polarity: int) -> None:
    wet, lag = taped(DRY)
    wet *= polarity
    fitted = round(0.7 * DRY.shape[1])
    found = measure_flutter(DRY[:, :-LATENCY], wet[:, LATENCY:], RATE, fitted)
    assert found is not None and found.certain
    assert found.error < 2e-3 < 0.3 < found.before
    power = wet[0, LATENCY:] ** 2
    away = found.lag_samples - lag[: len(power)]
    away += np.average(lag[:fitted], weights=power[:fitted])
    for part in (slice(0, fitted), slice(fitted, None)):
        assert np.average(away[part] ** 2, weights=power[part]) < 0.05**2
    lags = found.metrics()["lag_ms"]
    assert isinstance(lags, list) and len(lags) == pytest.approx(len(away) / RATE / 0.025, abs=2)
    still = without_flutter(wet, found, LATENCY)
    shift = np.average(lag[:fitted], weights=power[:fitted])  # what stays is a part of the latency
    wanted = warped(lfilter([0.6, 0.3], [1.0, -0.2], DRY), np.arange(DRY.shape[1]) - shift)
    left = polarity * still[:, LATENCY:-RATE] - wanted[:, : -LATENCY - RATE]
    assert np.mean(left**2) < 5e-3 * np.mean(wanted**2)


def test_nothing_wanders_in_what_is_steady() -> None:
    for steady in (lfilter([0.6, 0.3], [1.0, -0.2], DRY), np.tanh(4.0 * DRY)):
        found = measure_flutter(DRY, steady.astype(np.float32), RATE, DRY.shape[1])
        assert found is not None and not found.certain
        assert found.milliseconds < 0.1


def test_silence_is_not_measured() -> None:
    assert measure_flutter(DRY, np.zeros_like(DRY), RATE, DRY.shape[1]) is None


def test_reading_at_positions_is_exact_for_a_sine() -> None:
    places = np.arange(2_000) * 0.97 + 40.3
    audio = np.sin(0.9 * np.arange(2_100))[None]
    np.testing.assert_allclose(warped(audio, places)[0], np.sin(0.9 * places), atol=5e-5)


def test_the_path_is_that_of_the_highest_sum() -> None:
    gains = np.random.default_rng(0).random((4, 5))
    paths = np.stack(np.meshgrid(*[np.arange(5)] * 4, indexing="ij"), -1).reshape(-1, 4)
    sums = gains[np.arange(4), paths].sum(1) - 0.3 * np.abs(np.diff(paths)).sum(1)
    np.testing.assert_array_equal(continuous_path(gains, 0.3), paths[np.argmax(sums)])


def test_a_position_hardly_before_the_first_sample_is_that_sample():
    audio = np.arange(1.0, 50.0)[None]
    np.testing.assert_allclose(warped(audio, np.array([-1e-18, 0.0, 3.0])), [[1.0, 1.0, 4.0]])
