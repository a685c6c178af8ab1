"""The spectrum of a response by a recursive filter."""

import numpy as np
import pytest
from scipy.signal import freqz, lfilter

from fxchain.data.signals import white_noise
from fxchain.recurrent.all_pole import ORDER, all_pole


def impulse(length: int) -> np.ndarray:
    found = np.zeros(length, np.float32)
    found[0] = 1.0
    return found


def spectrum_db(taps: np.ndarray) -> np.ndarray:
    """Return the level of a response, (frequencies,)."""
    found: np.ndarray = 20.0 * np.log10(np.abs(freqz(taps, worN=256)[1]) + 1e-12)
    return found


def played(taps: np.ndarray, audio: np.ndarray) -> np.ndarray:
    """Return (samples,) through the recursive filter of a response."""
    rows = np.append(np.zeros(ORDER, np.float32), audio)[:, None]
    all_pole(taps).filter(rows)
    return rows[ORDER:, 0]


@pytest.mark.parametrize("delay", [0, 9])
def test_a_recursive_filter_is_found_again(delay: int) -> None:
    """Whatever its delay: the phase is not followed."""
    poles = [0.9 * np.exp(0.3j), 0.9 * np.exp(-0.3j), 0.8 * np.exp(1.5j), 0.8 * np.exp(-1.5j), 0.6]
    taps = lfilter([0.5], np.poly(poles).real, np.roll(impulse(500), delay)).astype(np.float32)
    found, wanted = spectrum_db(played(taps, impulse(4_000))), spectrum_db(taps)
    loud = wanted > wanted.max() - 30.0
    assert np.abs(found - wanted)[loud].max() < 0.5


def test_peaks_are_followed_before_dips() -> None:
    notch = np.convolve([1.0, -1.9, 0.95], [1.0, 0.0, 0.5]).astype(np.float32)
    found, wanted = spectrum_db(played(notch, impulse(4_000))), spectrum_db(notch)
    loud = wanted > wanted.max() - 20.0
    assert np.abs(found - wanted)[loud].max() < 1.5
    assert np.all(found < wanted.max() + 1.5)


@pytest.mark.parametrize("taps", [impulse(1), impulse(100), np.roll(impulse(100), 50)])
def test_a_delay_is_no_filter(taps: np.ndarray) -> None:
    audio = white_noise(0.1, 16_000, seed=3)[0]
    np.testing.assert_allclose(played(taps, audio), audio, rtol=1e-3)


def test_silence_stays_silent() -> None:
    audio = white_noise(0.1, 16_000, seed=3)[0]
    assert np.abs(played(np.zeros(100, np.float32), audio)).max() < 1e-9


def test_parts_continue_each_other() -> None:
    taps = white_noise(0.02, 16_000, seed=5)[0] * np.float32(0.98) ** np.arange(320)
    audio = white_noise(0.1, 16_000, seed=3)[0]
    rows = np.zeros((ORDER + 400, 2), np.float32)
    parts = []
    for begin in range(0, len(audio), 400):
        rows[ORDER:] = audio[begin : begin + 400, None] * np.array([1.0, -2.0], np.float32)
        all_pole(taps.astype(np.float32)).filter(rows)
        parts.append(rows[ORDER:].copy())
        rows[:ORDER] = rows[-ORDER:]
    found, whole = np.concatenate(parts), played(taps.astype(np.float32), audio)
    np.testing.assert_allclose(found[:, 0], whole, atol=1e-4)
    np.testing.assert_allclose(found[:, 1], -2.0 * whole, atol=2e-4)
