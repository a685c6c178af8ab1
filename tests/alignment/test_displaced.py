"""Stretches between two jumps that are too short to have a lag of their own."""

import numpy as np
import pedalboard as pb
import pytest
import soxr

from fxchain.alignment.displaced import find_displaced
from fxchain.data.signals import plucked_strings, sweep

RATE = 22_050
EFFECTS = {
    "drive": [pb.HighpassFilter(90), pb.Distortion(18), pb.PeakFilter(900, 5, 0.8)],
    "compressor": [pb.Compressor(-30, 6), pb.HighShelfFilter(3_000, 6)],
    "gate": [pb.NoiseGate(-25, 10, 1, 60), pb.Distortion(12)],
    "echo": [pb.Delay(0.2, 0.4, 0.4), pb.Distortion(10)],
    "slapback": [pb.Delay(0.015, 0.2, 0.5)],
    "room": [pb.Reverb(0.3)],
    "chorus": [pb.Chorus(1.0, 0.5, 7, 0.2, 0.5)],
    "vibrato": [pb.Chorus(5.0, 0.3, 5, 0.0, 1.0)],
    "phaser": [pb.Phaser()],
    "wet echo": [pb.Delay(0.25, 0.5, 1.0)],
}


def played(dry: np.ndarray, name: str) -> np.ndarray:
    return np.asarray(pb.Pedalboard(EFFECTS[name])(dry, RATE), np.float32)


def strings(seed: int) -> np.ndarray:
    return plucked_strings(6.0, RATE, seed)


@pytest.mark.parametrize("name", ["drive", "compressor"])
@pytest.mark.parametrize("seed", range(4))
def test_a_short_stretch_at_another_lag_is_found(name, seed):
    random = np.random.default_rng([9, seed])
    dry, late = strings(seed), int(random.integers(0, 400))
    wet = np.pad(played(dry, name), ((0, 0), (late, 0)))
    level = np.abs(wet[0, RATE : 4 * RATE])
    begin = RATE + int(random.choice(np.flatnonzero(level > 0.3 * level.max())))
    end = begin + round(random.uniform(0.15, 0.3) * RATE)
    apart = int(random.choice([-1, 1]) * random.integers(100, 400))
    cut = wet.copy()
    cut[:, begin:end] = wet[:, begin - apart : end - apart]
    found = find_displaced(dry, cut, RATE, late)
    assert found
    inside = np.zeros(wet.shape[1], dtype=bool)
    for low, high in found:
        inside[low:high] = True
    left = np.square((cut - wet)[:, ~inside]).sum()
    assert left < 0.05 * np.square(cut - wet).sum()
    assert inside.sum() < end - begin + 0.1 * RATE


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("name", sorted(EFFECTS))
def test_effects_displace_nothing(name, seed):
    dry = strings(seed + 10)
    assert find_displaced(dry, played(dry, name), RATE, 0) == ()


@pytest.mark.parametrize("ppm", [40.0, 300.0, 1_500.0])
def test_a_clock_that_drifts_displaces_nothing(ppm):
    dry = strings(6)
    wet = soxr.resample(played(dry, "drive").T, 1.0, 1.0 + 1e-6 * ppm, quality="VHQ").T
    assert find_displaced(dry, np.asarray(wet, np.float32), RATE, 0) == ()


def test_harmonics_of_a_sweep_are_not_displaced():
    dry = sweep(6.0, RATE)
    assert find_displaced(dry, played(dry, "drive"), RATE, 0) == ()
