"""The sweep signal is what it says."""

import numpy as np
import pytest

from fxchain.errors import MatchError
from fxchain.measuring.marker import MARKER_SAMPLES, distance, find_places, marker
from fxchain.measuring.sweep import LEVELS_DBFS, START_HZ, SweepSignal, marker_distance
from tests.measuring.recordings import RATE, played


@pytest.mark.parametrize(("rate", "seconds"), [(16_000, 2), (44_100, 2), (96_000, 3)])
def test_sweeps_have_their_levels_and_silence_between(rate, seconds):
    signal, samples = SweepSignal(rate, seconds), played(rate, seconds)
    assert len(samples) == signal.length and signal.sweep_samples <= seconds * rate
    for start, level_dbfs in zip(signal.sweep_starts, LEVELS_DBFS, strict=True):
        part = samples[start : start + signal.sweep_samples]
        assert 20 * np.log10(np.abs(part).max()) == pytest.approx(level_dbfs, abs=0.01)
        assert not samples[start + signal.sweep_samples : start + (seconds + 2) * rate].any()
    assert not samples[: 3 * rate].any() and not samples[-rate:].any()


def test_the_sweep_is_synchronized():
    """After L ln n it has n times the frequency, at the same phase."""
    signal = SweepSignal(RATE, 4)
    assert (START_HZ * signal.rate_seconds) % 1.0 == pytest.approx(0.0, abs=1e-9)
    times = np.arange(20_000, 60_000)
    turns = START_HZ * signal.rate_seconds * np.exp(times / RATE / signal.rate_seconds)
    np.testing.assert_allclose(signal.sweep[times], np.sin(2 * np.pi * turns), atol=1e-9)
    octave = round(signal.rate_seconds * np.log(2) * RATE)
    counts = [
        np.count_nonzero(np.diff(np.signbit(signal.sweep[begin : begin + 10_000])))
        for begin in (70_000, 70_000 + octave, 70_000 + 2 * octave)
    ]
    assert np.divide(counts[1:], counts[:2]) == pytest.approx([2.0, 2.0], rel=0.02)


def test_the_distance_of_the_markers_tells_the_length():
    found = [marker_distance(RATE, seconds) for seconds in range(2, 61)]
    assert len(set(np.diff(found))) == 1
    starts = SweepSignal(RATE, 5).marker_starts
    assert found[3] == starts[1] - starts[0]


def test_markers_are_found_in_noise_and_measured_to_a_hundredth_of_a_sample():
    random = np.random.default_rng(0)
    recording = 0.01 * random.standard_normal(90_000)
    for start in (10_000, 60_000):
        recording[start : start + MARKER_SAMPLES] += 0.2 * marker()
    places = find_places(recording)
    assert sorted(place.start for place in places[:2]) == [10_000, 60_000]
    apart, equality = distance(recording, 10_000, 60_003)
    assert apart == pytest.approx(50_000.0, abs=0.01) and equality > 0.95


@pytest.mark.parametrize(
    ("rate", "seconds", "reason"),
    [(8_000, 8, "--sample-rate 8000"), (44_100, 1, "--seconds 1"), (44_100, 61, "--seconds 61")],
)
def test_a_signal_that_cannot_be(rate, seconds, reason):
    with pytest.raises(MatchError, match=reason):
        SweepSignal(rate, seconds)
