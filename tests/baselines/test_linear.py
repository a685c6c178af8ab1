"""Linear baselines: they find what they can, look at nothing else, and run from the start."""

import numpy as np
import pytest
from scipy.linalg import lstsq
from scipy.signal import lfilter

from fxchain.alignment.aligned_audio import AlignedAudio
from fxchain.baselines.linear import (
    RIDGES,
    TAPS,
    best_gain,
    best_linear_filter,
    joint_gain,
    joint_linear_filter,
    unprocessed,
)
from fxchain.errors import MatchError
from fxchain.metrics.scores import esr


def noise(channels: int = 1, samples: int = 40_000, seed: int = 0) -> np.ndarray:
    """Return repeatable noise."""
    return np.random.default_rng(seed).standard_normal((channels, samples)).astype(np.float32)


def test_unprocessed_is_the_dry():
    dry = noise(2)
    assert np.array_equal(unprocessed(dry, noise(2, seed=1))(dry), dry)


def test_blocks_change_nothing(monkeypatch):
    dry = noise(1, 9_000)
    wet = lfilter([1.0, 0.5], [1.0, -0.7], dry).astype(np.float32)
    whole = best_linear_filter(dry, wet, first_valid=100, taps=64)
    monkeypatch.setattr("fxchain.fir.parts._BLOCK", 1_000)
    parts = best_linear_filter(dry, wet, first_valid=100, taps=64)
    np.testing.assert_allclose(parts.taps, whole.taps, atol=1e-9)
    np.testing.assert_allclose(parts(dry), whole(dry), atol=1e-5)


@pytest.mark.parametrize("factor", [0.3, -2.0])
def test_best_gain(factor):
    dry = noise(2)
    wet = np.float32(factor) * dry + 0.01 * noise(2, seed=1)
    wet[:, :500] = 100
    gain = best_gain(dry, wet, first_valid=500)
    assert gain.factor == pytest.approx(factor, abs=1e-3)
    np.testing.assert_array_equal(gain(dry), dry * np.float32(gain.factor))


def test_filter_recovers_a_known_one_and_holds_out():
    dry = noise(2, 60_000)
    taps = np.random.default_rng(5).standard_normal((2, TAPS)) * np.exp(-np.arange(TAPS) / 200)
    wet = np.stack([lfilter(h, 1, x) for h, x in zip(taps, dry, strict=True)]).astype(np.float32)
    found = best_linear_filter(dry[:, :45_000], wet[:, :45_000])
    np.testing.assert_allclose(found.taps, taps, atol=1e-4)
    assert found.ridges == (RIDGES[0],) * 2
    rendered = found(dry)
    assert rendered.shape == dry.shape
    assert rendered.dtype == np.float32
    assert esr(wet[:, 45_000:], rendered[:, 45_000:]) < 1e-8


def test_filter_is_causal():
    dry = noise()
    wet = np.roll(dry, -50, axis=1)
    found = best_linear_filter(dry, wet)
    assert esr(wet, found(dry)) > 0.9
    later = dry.copy()
    later[:, 20_000:] = 0
    rendered = found(later)
    np.testing.assert_allclose(rendered[:, :20_000], found(dry)[:, :20_000], atol=1e-5)


def test_noise_asks_for_a_larger_ridge():
    dry = lfilter([1], [1, -0.98], noise(samples=12_000)).astype(np.float32)
    clean = lfilter([1, 0.5], 1, dry).astype(np.float32)
    noisy = clean + 10 * noise(samples=12_000, seed=1)
    assert best_linear_filter(dry, noisy).ridges[0] > best_linear_filter(dry, clean).ridges[0]


def test_exact_least_squares_at_the_edges():
    """The covariance method, against the plain least-squares problem written out."""
    samples, taps, start = 300, 20, 40
    dry, wet = noise(samples=samples), noise(samples=samples, seed=1)
    found = best_linear_filter(dry, wet, first_valid=start, taps=taps)
    padded = np.concatenate([np.zeros(taps - 1), dry[0]])
    rows = np.stack([padded[n : n + taps][::-1] for n in range(start, samples)])
    added = np.sqrt(found.ridges[0] * np.max(np.sum(rows**2, axis=0))) * np.eye(taps)
    right = np.concatenate([wet[0, start:], np.zeros(taps)])
    expected = lstsq(np.concatenate([rows, added]), right)[0]
    np.testing.assert_allclose(found.taps[0], expected, atol=1e-8)


def test_several_parts_are_one_least_squares_problem():
    taps = 20
    parts = [
        AlignedAudio(level * noise(samples=n, seed=n), level * noise(samples=n, seed=n + 1), start)
        for n, start, level in ((300, 40, 1.0), (500, 0, 0.2))
    ]
    rows, right = [], []
    for part in parts:
        padded = np.concatenate([np.zeros(taps - 1), part.dry[0]])
        counted = range(part.first_valid, part.dry.shape[1])
        rows += [padded[n : n + taps][::-1] for n in counted]
        right.append(part.wet[0, part.first_valid :])
    matrix, wet = np.stack(rows), np.concatenate(right)
    found = joint_linear_filter(parts, taps=taps)
    added = np.sqrt(found.ridges[0] * np.max(np.sum(matrix**2, axis=0))) * np.eye(taps)
    expected = lstsq(np.concatenate([matrix, added]), np.concatenate([wet, np.zeros(taps)]))[0]
    np.testing.assert_allclose(found.taps[0], expected, atol=1e-8)
    assert joint_gain(parts).factor == pytest.approx(lstsq(matrix[:, :1], wet)[0][0])


@pytest.mark.parametrize("dry_level, wet_level", [(0, 1), (1, 0), (0, 0)])
def test_silence(dry_level, wet_level):
    dry, wet = dry_level * noise(), wet_level * noise(seed=1)
    for fit in (best_gain, best_linear_filter):
        assert np.all(np.isfinite(fit(dry, wet)(dry)))


def test_band_limited_dry_is_no_obstacle():
    dry = np.fft.irfft(np.where(np.arange(20_001) < 6_000, np.fft.rfft(noise()), 0))
    dry = dry.astype(np.float32)
    wet = lfilter([0.0, 1.0, -0.4], 1, dry).astype(np.float32)
    found = best_linear_filter(dry[:, :30_000], wet[:, :30_000])
    assert esr(wet[:, 30_000:], found(dry)[:, 30_000:]) < 1e-4


def test_refusals():
    with pytest.raises(MatchError, match="equal shape"):
        best_gain(noise(1), noise(2))
    with pytest.raises(MatchError, match="nothing is left"):
        best_linear_filter(noise(), noise(), first_valid=40_000)
    with pytest.raises(MatchError, match="1 channel,"):
        best_linear_filter(noise(), noise())(noise(2))
