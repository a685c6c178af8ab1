"""Drums and chords are what they say, and the same for everyone."""

import numpy as np
import pytest

from fxchain.data.performances import chord_progression, drum_pattern


@pytest.mark.parametrize("make", [drum_pattern, chord_progression])
@pytest.mark.parametrize("rate", [16_000, 44_100])
def test_shape_level_and_seed(make, rate):
    signal = make(2.0, rate, 3)
    assert signal.shape == (1, 2 * rate) and signal.dtype == np.float32
    assert 20 * np.log10(np.abs(signal).max()) == pytest.approx(-6.0, abs=0.01)
    np.testing.assert_array_equal(signal, make(2.0, rate, 3))
    assert not np.array_equal(signal, make(2.0, rate, 4))
    assert np.square(signal[0, -rate:]).mean() > 1e-6  # it plays to the end


def test_chords_hold_nothing_above_the_band():
    chord = chord_progression(4.0, 44_100, 1)[0]
    power = np.square(np.abs(np.fft.rfft(chord * np.hanning(len(chord)))))
    frequencies_hz = np.fft.rfftfreq(len(chord), 1 / 44_100)
    assert power[frequencies_hz > 20_500].sum() < 1e-7 * power.sum()


def test_drums_are_strokes():
    drums = drum_pattern(8.0, 16_000, 5)[0]
    peaks = np.abs(drums[: len(drums) // 160 * 160].reshape(-1, 160)).max(axis=1)
    assert np.median(peaks) < 0.2 * peaks.max()
