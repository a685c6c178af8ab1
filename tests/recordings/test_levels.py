"""Levels far from full scale, and constants that a converter added."""

import numpy as np
import pytest

from fxchain.data.signals import plucked_strings
from tests.recordings.reading import read_pair

RATE = 16_000


def strings(seed: int = 0) -> np.ndarray:
    return plucked_strings(5.0, RATE, seed)


@pytest.mark.parametrize("seed", range(4))
def test_a_scaled_pair_is_compared_as_the_same(seed):
    random = np.random.default_rng(seed)
    before, behind = (float(10.0 ** (sign * random.uniform(2.0, 3.5))) for sign in (1, -1))
    dry, wet = strings(seed), np.tanh(4.0 * strings(seed))
    pair = read_pair(np.float32(before) * dry, np.float32(behind) * wet, RATE)
    for found, clean in ((pair.dry, dry), (pair.wet, wet)):
        assert np.abs(found.samples).max() == pytest.approx(10 ** (-6 / 20), rel=1e-4)
        np.testing.assert_allclose(
            found.samples / np.abs(found.samples).max(), clean / np.abs(clean).max(), atol=1e-5
        )
    played = pair.routing.output(pair.wet.samples)
    np.testing.assert_allclose(played, np.float32(behind) * wet, rtol=1e-3, atol=1e-6 * behind)
    assert sum("far from full scale" in sentence for sentence in pair.warnings) == 2


def test_ordinary_levels_stay():
    for factor in (0.2, 1.0, 2.0):
        pair = read_pair(factor * strings(), 0.5 * factor * strings(), RATE)
        np.testing.assert_array_equal(pair.dry.samples, np.float32(factor) * strings())
        assert pair.routing.is_plain and not pair.warnings


@pytest.mark.parametrize("seed", range(4))
def test_a_constant_is_taken_out_and_said(seed):
    constant = np.float32(np.random.default_rng(seed).uniform(0.02, 0.3) * (-1) ** seed)
    wet = np.tanh(4.0 * strings(seed))
    pair = read_pair(strings(seed) + constant / 2, wet + constant, RATE)
    np.testing.assert_allclose(pair.wet.samples, wet, atol=3e-3)
    np.testing.assert_allclose(pair.dry.samples, strings(seed), atol=3e-3)
    assert sum("(DC)" in sentence for sentence in pair.warnings) == 2


@pytest.mark.parametrize("bias", [0.2, 0.5, 0.9, -0.7])
def test_what_a_device_makes_stays(bias):
    wet = (np.tanh(6.0 * strings() + bias) - np.tanh(bias)).astype(np.float32)
    pair = read_pair(strings(), wet, RATE)
    assert abs(wet.mean()) > 1e-3
    np.testing.assert_array_equal(pair.wet.samples, wet)
    assert not pair.warnings
