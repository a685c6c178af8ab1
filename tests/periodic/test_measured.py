"""Periodic filters measured from a dry and a wet recording."""

import numpy as np
import pytest
from scipy.signal import butter, lfilter, sosfilt

from fxchain.alignment.aligned_audio import AlignedAudio
from fxchain.data.signals import plucked_strings, white_noise
from fxchain.periodic.folds import folds
from fxchain.periodic.least_squares import NormalEquations
from fxchain.periodic.measured import measure_periodic_filter
from fxchain.periodic.moments import measure_moments
from fxchain.player import Playback
from fxchain.primitives import get_primitive

RATE = 16_000
SECONDS = 4.0
MOVED_HZ = 2.37


def moved(dry: np.ndarray, first_sample: int = 0, rate_hz: float = MOVED_HZ) -> np.ndarray:
    """Return the dry crossfaded periodically between two filters, channels in opposite phase."""
    time = (np.arange(dry.shape[-1]) + first_sample) / RATE
    turns = 0.7 + np.pi * np.arange(len(dry))[:, None]
    share = 0.5 + 0.5 * np.sin(2.0 * np.pi * rate_hz * time + turns)
    low, high = lfilter([0.3], [1.0, -0.7], dry), lfilter([0.5, -0.5], [1.0, 0.2], dry)
    return np.asarray(share * low + (1.0 - share) * high, np.float32)


def error(wet: np.ndarray, played: np.ndarray) -> float:
    return float(np.sum((wet - played) ** 2) / np.sum(wet**2))


@pytest.mark.parametrize("channels", [1, 2])
def test_a_filter_that_changes_is_found_with_its_rate_and_phase(channels: int) -> None:
    dry = white_noise(SECONDS + 1.0, RATE, channels=channels)
    wet, split = moved(dry), round(SECONDS * RATE)
    found = measure_periodic_filter([AlignedAudio(dry[:, :split], wet[:, :split], 0)], RATE, [0])
    assert found is not None
    assert found.rates_hz == pytest.approx((MOVED_HZ,), rel=1e-3)
    assert found.checked < 1e-2 < 0.1 < found.constant
    effect = get_primitive("periodic_filter")
    assert effect.render is not None
    playback = Playback(RATE, assets={"responses": found.responses})
    played = effect.render(dry, playback, found.rates_hz[0], 0.0, 1.0)
    assert error(wet[:, split:], played[:, split:]) < 1e-3  # what it was not solved from


def test_the_phase_belongs_to_the_recording() -> None:
    dry = white_noise(SECONDS, RATE)
    part = AlignedAudio(dry, moved(dry, 3_000), 500)
    found = measure_periodic_filter([part], RATE, [3_000])
    assert found is not None
    effect = get_primitive("periodic_filter")
    assert effect.render is not None
    playback = Playback(RATE, 3_000, assets={"responses": found.responses})
    played = effect.render(dry, playback, found.rates_hz[0], 0.0, 1.0)
    assert error(part.wet[:, 500:], played[:, 500:]) < 1e-3


def test_recordings_with_rates_and_phases_of_their_own_share_one_filter() -> None:
    """Each recording has half of the spectrum: one alone says nothing about the other half."""
    low, high = (
        sosfilt(butter(6, 2_000.0, kind, fs=RATE, output="sos"), white_noise(SECONDS, RATE, seed=3))
        for kind in ("lowpass", "highpass")
    )
    rates = (MOVED_HZ, 1.002 * MOVED_HZ)
    wets = [moved(low, 0, rates[0]), moved(high, 9_000, rates[1])]
    pairs = zip((low, high), wets, strict=True)
    parts = [AlignedAudio(dry.astype(np.float32), wet, 0) for dry, wet in pairs]
    found = measure_periodic_filter(parts, RATE, [0, 0])
    assert found is not None
    assert found.rates_hz == pytest.approx(rates, rel=5e-4)
    assert found.phases_degrees[0] == 0.0
    # the second began 9,000 samples later
    wanted = 360.0 * rates[1] * 9_000 / RATE
    assert (found.phases_degrees[1] - wanted + 180.0) % 360.0 - 180.0 == pytest.approx(0.0, abs=4.0)
    assert found.checked < 1e-2 < 0.1 < found.constant
    both = white_noise(SECONDS, RATE, seed=4)  # what neither of them played
    effect = get_primitive("periodic_filter")
    assert effect.render is not None
    playback = Playback(RATE, assets={"responses": found.responses})
    played = effect.render(both, playback, found.rates_hz[0], 0.0, 1.0)
    assert error(moved(both), played) < 3e-2


@pytest.mark.parametrize("drive", [0.0, 20.0])
def test_nothing_moves_in_what_is_steady(drive: float) -> None:
    dry = plucked_strings(SECONDS, RATE)
    wet = np.tanh(drive * dry) if drive else lfilter([0.3], [1.0, -0.7], dry).astype(np.float32)
    found = measure_periodic_filter([AlignedAudio(dry, wet, 0)], RATE, [0])
    assert found is None or found.checked > 0.5 * found.constant


def test_what_is_too_short_or_silent_is_not_measured() -> None:
    dry = white_noise(1.0, RATE)
    assert measure_periodic_filter([AlignedAudio(dry, moved(dry), 0)], RATE, [0]) is None
    silent = np.zeros((1, 4 * RATE), np.float32)
    assert measure_periodic_filter([AlignedAudio(silent, silent, 0)], RATE, [0]) is None


def test_the_normal_equations_are_those_of_the_modulated_signals() -> None:
    rng = np.random.default_rng(0)
    dry, wet = rng.standard_normal((2, 300))
    turn, harmonics, taps = 0.3, 2, 5
    moments = measure_moments(dry, wet, turn, harmonics, taps)
    padded = np.concatenate([np.zeros(taps), dry, np.zeros(taps)])
    modulated = [
        np.exp(1j * k * turn * (np.arange(len(padded)) - taps)) * padded for k in range(-2, 3)
    ]
    columns = np.stack([np.roll(each, lag) for each in modulated for lag in range(taps)])
    filters = rng.standard_normal((5, taps)) + 1j * rng.standard_normal((5, taps))
    target = np.concatenate([np.zeros(taps), wet, np.zeros(taps)])
    squared = float(np.sum(np.abs(target - filters.reshape(-1) @ columns) ** 2))
    assert NormalEquations(moments, turn).squared_error(filters) == pytest.approx(squared, rel=1e-9)


def test_folds_share_the_recording() -> None:
    weights = folds(10_000, 700, 4)
    np.testing.assert_allclose(sum(weight**2 for weight in weights), 1.0)
