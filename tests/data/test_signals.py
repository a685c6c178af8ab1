"""The test signals are what they say, and the same for everyone."""

import numpy as np
import pytest

from fxchain.data import signals

RATE = 44_100
MAKERS = [
    signals.plucked_strings,
    signals.white_noise,
    signals.sine,
    signals.sweep,
    signals.impulse,
    signals.click_track,
]


def level_db(amplitude: float) -> float:
    return 20 * np.log10(amplitude)


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("rate", [16_000, 44_100, 192_000])
def test_shape_and_kind(make, rate):
    signal = make(0.5, rate)
    assert signal.shape == (1, rate // 2)
    assert signal.dtype == np.float32
    assert np.isfinite(signal).all()
    np.testing.assert_array_equal(signal, make(0.5, rate))


@pytest.mark.parametrize("make", [signals.plucked_strings, signals.white_noise])
def test_the_seed_decides(make):
    assert not np.array_equal(make(0.5, RATE, 1), make(0.5, RATE, 2))


@pytest.mark.parametrize("seed", range(5))
def test_the_riff_peaks_at_minus_6_dbfs_and_varies(seed):
    riff = signals.plucked_strings(10.0, RATE, seed)[0]
    assert level_db(np.abs(riff).max()) == pytest.approx(-6.0, abs=0.01)
    assert abs(riff.mean()) < 0.01
    tenths = np.sqrt((riff.reshape(100, -1) ** 2).mean(axis=1))
    assert level_db(np.percentile(tenths, 95) / max(np.percentile(tenths, 10), 1e-9)) > 12
    assert tenths[:5].max() > 0.01
    assert np.sqrt((riff[-2 * RATE :] ** 2).mean()) > 0.01  # it plays to the end


def test_the_first_note_is_in_tune():
    riff = signals.plucked_strings(0.3, 48_000, seed=0)[0]
    spectrum = np.abs(np.fft.rfft(riff * np.hanning(len(riff)), 2**19))
    frequencies_hz = np.fft.rfftfreq(2**19, 1 / 48_000)
    products = np.ones(20_000)
    for harmonic in (1, 2, 3):
        products *= spectrum[: 20_000 * harmonic : harmonic]
    semitones = 12 * np.log2(frequencies_hz[200 + np.argmax(products[200:])] / 82.41)
    assert semitones == pytest.approx(round(semitones), abs=0.15)


def test_noise_has_its_level_and_independent_channels():
    noise = signals.white_noise(1.0, RATE, seed=3, level_dbfs=-14.0, channels=2)
    assert level_db(np.sqrt((noise.astype(np.float64) ** 2).mean())) == pytest.approx(-14, abs=1e-3)
    assert abs(np.corrcoef(noise)[0, 1]) < 0.02


def test_the_sine_has_its_frequency():
    spectrum = np.abs(np.fft.rfft(signals.sine(1.0, RATE, 440.0, -6.0)[0]))
    assert np.argmax(spectrum) == 440
    assert level_db(spectrum.max() / (RATE / 2)) == pytest.approx(-6.0, abs=1e-3)


def test_the_sweep_is_held_below_the_end_of_the_band():
    swept = signals.sweep(1.0, 16_000)[0]
    crossings = np.flatnonzero(np.diff(np.signbit(swept)))
    last_hz = 16_000 * (len(crossings[-50:]) - 1) / (crossings[-1] - crossings[-50]) / 2
    assert 6_500 < last_hz < 7_200
    assert level_db(np.abs(swept).max()) == pytest.approx(-6.0, abs=0.1)


def test_the_impulse_stands_where_it_should():
    signal = signals.impulse(1.0, RATE, position_seconds=0.25, height=-0.5)[0]
    assert np.flatnonzero(signal).tolist() == [RATE // 4]
    assert signal[RATE // 4] == -0.5


def test_the_clicks_are_regular():
    track = signals.click_track(2.0, RATE, clicks_per_minute=120.0)[0]
    peaks = np.flatnonzero(track == track.max())
    assert peaks.tolist() == [0, 22_050, 44_100, 66_150]
    assert level_db(track.max()) == pytest.approx(-6.0, abs=1e-4)
