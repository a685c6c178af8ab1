"""The clocks of two recordings are compared, and brought together."""

import itertools

import numpy as np
import pytest
import soxr
from pedalboard import Delay, LowpassFilter, Pedalboard

from fxchain.alignment.clock_drift import measure_drift, without_drift
from fxchain.data.presets import hidden_chain
from fxchain.data.signals import plucked_strings, sweep, white_noise
from fxchain.preset import Preset
from fxchain.render import render

RATE = 22_050


def drifting(ppm: float, seconds: float = 12.0, late: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return a dry, and a wet of a whole chain whose clock is slower by so much."""
    dry = plucked_strings(seconds, RATE, seed=4)
    stage, values = hidden_chain(np.random.default_rng(4), RATE)
    wet = render(Preset(stage, values, RATE), dry, RATE)
    slow = soxr.resample(wet.T, 1.0, 1.0 + 1e-6 * ppm, quality="VHQ").T
    return dry, np.pad(np.asarray(slow, np.float32), ((0, 0), (late, 0)))


@pytest.mark.parametrize("ppm", [-800.0, -60.0, 25.0, 150.0, 1_500.0])
def test_a_drift_is_found_through_a_whole_chain(ppm):
    found = measure_drift(*drifting(ppm), RATE, 0)
    assert found.certain
    assert found.ppm == pytest.approx(ppm, abs=1.0 + 0.01 * abs(ppm))


@pytest.mark.parametrize("seed", range(5))
def test_a_drift_is_found_though_samples_are_lost_or_doubled(seed):
    """One or two jumps of 2 to 20 ms, which do not undo each other."""
    rng = np.random.default_rng([33, seed])
    ppm = float(rng.choice([-1, 1]) * rng.uniform(60.0, 800.0))
    dry, wet = drifting(ppm, seconds=8.0)
    way = rng.choice([-1, 1])
    for share in np.sort(rng.uniform(0.2, 0.8, int(rng.integers(1, 3))))[::-1]:
        at, count = round(share * wet.shape[1]), round(rng.uniform(0.002, 0.02) * RATE)
        after = at + way * count
        wet = np.concatenate([wet[:, :at], wet[:, after:]], axis=1)
    found = measure_drift(dry, wet, RATE, 0)
    assert found.certain
    assert found.ppm == pytest.approx(ppm, abs=3.0 + 0.05 * abs(ppm))


@pytest.mark.parametrize("seed", range(4))
def test_jumps_alone_are_no_drift(seed):
    rng = np.random.default_rng([34, seed])
    dry, wet = drifting(0.0, seconds=8.0)
    at, count = round(rng.uniform(0.2, 0.8) * wet.shape[1]), int(rng.integers(40, 400))
    found = measure_drift(dry, np.delete(wet, np.s_[at : at + count], axis=1), RATE, 0)
    assert not found.certain and abs(found.ppm) < 3.0


def test_it_is_found_behind_a_latency():
    found = measure_drift(*drifting(100.0, late=700), RATE, 700)
    assert found.certain and found.ppm == pytest.approx(100.0, abs=2.0)


def test_equal_clocks_are_not_accused():
    found = measure_drift(*drifting(0.0), RATE, 0)
    assert not found.certain and abs(found.ppm) < 1.0


@pytest.mark.parametrize("seed", range(4))
def test_lags_that_scatter_are_no_drift(seed):
    """A filter whose delay depends on the note: the lag is 0 at first, then one or another."""
    dry = white_noise(4.0, RATE, seed)
    late = [0] * 7 + np.roll([1, 5, 10, 0, 1, 4, 3], seed).tolist()
    edges = np.linspace(0, dry.shape[1], len(late) + 1).astype(int)
    spans = zip(edges[:-1], edges[1:], late, strict=True)
    wet = np.concatenate([np.roll(dry, lag)[:, a:b] for a, b, lag in spans], axis=1)
    found = measure_drift(dry, wet, RATE, 0)
    assert found is not None and not found.certain


def test_unrelated_recordings_have_no_drift():
    pairs = [white_noise(6.0, RATE, seed) for seed in range(6)]
    for first, second in itertools.pairwise(pairs):
        found = measure_drift(first, second, RATE, 0)
        assert found is None or not found.certain


def test_what_is_taken_out_is_gone():
    dry = white_noise(10.0, RATE)
    slow = soxr.resample(dry.T, 1.0, 1.0003, quality="VHQ").T.astype(np.float32)
    back = without_drift(slow, 300.0)
    length = min(back.shape[1], dry.shape[1])
    error = back[:, 500 : length - 500] - dry[:, 500 : length - 500]
    band = np.abs(np.fft.rfft(error[0]))[: int(0.4 * error.shape[1])]
    whole = np.abs(np.fft.rfft(dry[0, 500 : length - 500]))[: len(band)]
    assert np.sum(band**2) < 1e-6 * np.sum(whole**2)


@pytest.mark.parametrize("seconds", [0.01, 0.5, 1.5])
def test_too_short_for_a_line(seconds):
    dry = white_noise(seconds, RATE)
    assert measure_drift(dry, dry, RATE, 0) is None


@pytest.mark.parametrize("seed", range(4))
def test_the_delay_of_a_filter_under_a_sweep_is_no_drift(seed):
    rng = np.random.default_rng([32, seed])
    dry = np.pad(sweep(rng.uniform(3.0, 8.0), 44_100), ((0, 0), (0, round(rng.uniform(0, 88_200)))))
    corner = rng.uniform(300.0, 2_000.0)
    wet = Pedalboard([LowpassFilter(corner), Delay(0.2, 0.3, 0.3)][: 1 + seed % 2])(dry, 44_100)
    drift = measure_drift(dry, np.asarray(wet, np.float32), 44_100, 0)
    assert drift is None or not drift.certain
