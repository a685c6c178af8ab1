"""Levels far from full scale, and constants that a converter added."""

import numpy as np
import pytest

from fxchain.data.signals import plucked_strings
from fxchain.files.audio_input import from_array
from fxchain.preset import Preset
from fxchain.primitives import get_primitive
from fxchain.recordings.levels import quantisation_share
from fxchain.stage import Effect
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
    assert pair.routing.constants == pytest.approx((constant / 2,), abs=3e-3)


@pytest.mark.parametrize("seed", range(4))
def test_the_preset_plays_the_dry_with_its_constant_as_it_was_compared(seed):
    random = np.random.default_rng(seed)
    clean = np.concatenate([strings(seed), strings(seed + 10)])[: 1 + seed % 2]
    constants = random.uniform(0.02, 0.3, (len(clean), 1)).astype(np.float32)
    level = np.float32(random.choice([1.0, 1e-3]))
    dry = level * (clean + constants)
    pair = read_pair(dry, np.tanh(4.0 * clean), RATE)
    drive = Effect(get_primitive("distortion"))
    compared = Preset(drive, np.array([15.0]), RATE).board(RATE)(pair.dry.samples, RATE)
    preset = Preset(drive, np.array([15.0]), RATE, {}, pair.routing)
    for board in (preset.board(RATE), Preset.from_json(preset.to_json()).board(RATE)):
        np.testing.assert_allclose(board(dry, RATE), compared, atol=1e-5)


@pytest.mark.parametrize("bias", [0.2, 0.5, 0.9, -0.7])
def test_what_a_device_makes_stays(bias):
    wet = (np.tanh(6.0 * strings() + bias) - np.tanh(bias)).astype(np.float32)
    pair = read_pair(strings(), wet, RATE)
    assert abs(wet.mean()) > 1e-3
    np.testing.assert_array_equal(pair.wet.samples, wet)
    assert not pair.warnings


@pytest.mark.parametrize("seed", range(4))
def test_the_quantisation_noise_of_a_quiet_wet_is_said(seed):
    random = np.random.default_rng(seed)
    bits, level_db = int(random.choice([14, 15, 16])), random.uniform(-50.0, -42.0)
    exact = np.float32(10.0 ** (level_db / 20.0)) * np.tanh(4.0 * strings(seed))
    steps = np.float32(2.0 ** (bits - 1))
    wet = np.rint(steps * exact) / steps
    share = quantisation_share(from_array(wet, RATE, "wet"))
    assert share == pytest.approx(np.mean((wet - exact) ** 2) / np.mean(wet**2), rel=0.25)
    assert "its quantisation noise" in " ".join(read_pair(strings(seed), wet, RATE).warnings)
    floating = read_pair(strings(seed), exact, RATE)
    assert "quantisation" not in " ".join(floating.warnings)
