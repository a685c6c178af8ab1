"""Recordings that lost or repeated samples, and effects that only look like it."""

import numpy as np
import pedalboard as pb
import pytest
import soxr
from scipy.ndimage import uniform_filter1d

from fxchain.alignment import jumps
from fxchain.alignment.dropouts import find_dropouts
from fxchain.alignment.jumps import find_jumps
from fxchain.alignment.lag_track import lag_pieces
from fxchain.data.signals import click_track, plucked_strings, sweep

RATE = 22_050
BOARDS = {
    "drive": [pb.HighpassFilter(90), pb.Distortion(18), pb.PeakFilter(900, 5, 0.8)],
    "compressor": [pb.Compressor(-30, 6), pb.HighShelfFilter(3_000, 6)],
    "echo": [pb.Delay(0.2, 0.4, 0.4), pb.Distortion(10)],
    "room": [pb.Reverb(0.3)],
    "chorus": [pb.Chorus(1.0, 0.5, 7, 0.2, 0.5)],
    "phaser": [pb.Phaser()],
    "wet echo": [pb.Delay(0.25, 0.5, 1.0)],
}


def played(dry: np.ndarray, name: str) -> np.ndarray:
    return np.asarray(pb.Pedalboard(BOARDS[name])(dry, RATE), np.float32)


def strings(seed: int, seconds: float = 7.0) -> np.ndarray:
    return plucked_strings(seconds, RATE, seed)


@pytest.mark.parametrize("lost", [441, 64, -256, 20_000])
def test_a_jump_is_found_with_its_place(lost):
    dry = strings(3)
    wet = played(dry, "drive")
    at = wet.shape[1] // 2
    (jump,) = find_jumps(dry, np.concatenate([wet[:, :at], wet[:, at + lost :]], 1), RATE, 0)
    assert jump.lost == lost and jump.before == 0
    assert abs(jump.at - at) <= 8 and jump.unsure[0] <= at <= jump.unsure[1]


@pytest.mark.parametrize("seed", range(4))
def test_jumps_drawn_at_random(seed):
    rng = np.random.default_rng([26, seed])
    dry = strings(seed + 10)
    late = int(rng.integers(0, 2_000))
    wet = np.pad(played(dry, ["drive", "compressor", "echo", "room"][seed]), ((0, 0), (late, 0)))
    at = int(rng.uniform(0.25, 0.75) * wet.shape[1])
    lost = int(rng.choice([-1, 1]) * rng.integers(24, 3_000))
    cut = np.concatenate([wet[:, :at], wet[:, at + lost :]], axis=1)
    (jump,) = find_jumps(dry, cut, RATE, late)
    assert jump.lost == lost and jump.unsure[0] <= at <= jump.unsure[1]


def test_two_jumps_are_two():
    dry = strings(5, 9.0)
    wet = played(dry, "drive")
    a, b = 60_000, 120_000
    cut = np.concatenate([wet[:, :a], wet[:, a + 300 : b], wet[:, b - 500 :]], axis=1)
    assert [jump.lost for jump in find_jumps(dry, cut, RATE, 0)] == [300, -500]


@pytest.mark.parametrize("name", sorted(BOARDS))
def test_effects_are_no_jumps(name):
    dry = strings(4)
    assert find_jumps(dry, played(dry, name), RATE, 0) == ()


@pytest.mark.parametrize("ppm", [40.0, 300.0, 1_500.0])
def test_a_clock_that_drifts_does_not_jump(ppm):
    dry = strings(6)
    wet = soxr.resample(played(dry, "drive").T, 1.0, 1.0 + 1e-6 * ppm, quality="VHQ").T
    assert find_jumps(dry, np.asarray(wet, np.float32), RATE, 0) == ()


def test_bars_that_repeat_behind_a_drift_are_no_jumps(monkeypatch):
    """Their pieces are not even compared."""
    monkeypatch.setattr(jumps, "_jump", lambda *_: jumps.Jump(0, 0, 0, (0, 0)))
    bar = strings(6, 0.75)[:, : 3 * RATE // 4]
    dry = np.tile(bar, 7)
    dry += 0.1 * strings(7, 6.0)[:, : dry.shape[1]]
    board = pb.Pedalboard([pb.Reverb(0.5, wet_level=0.5), pb.Compressor(-30, 6), pb.Delay(0.3)])
    wet = soxr.resample(board(dry, RATE).T, 1.0, 1.0 + 145e-6, quality="VHQ").T
    assert find_jumps(dry, np.asarray(wet, np.float32), RATE, 0) == ()


def test_harmonics_of_a_sweep_are_no_jumps():
    dry = sweep(7.0, RATE)
    assert find_jumps(dry, played(dry, "drive"), RATE, 0) == ()


def test_where_nothing_changes_there_is_one_piece():
    dry = click_track(6.0, RATE)
    (piece,) = lag_pieces(dry, np.pad(dry, ((0, 0), (50, 0))), RATE, 50)
    assert piece.lag == 50


@pytest.mark.parametrize("seed", range(4))
def test_dropouts_are_found_and_only_those(seed):
    rng = np.random.default_rng([27, seed])
    dry = strings(seed + 20)
    wet = played(dry, ["drive", "compressor", "phaser", "room"][seed])
    assert find_dropouts(dry, wet, RATE, 0) == ()
    level = uniform_filter1d(np.abs(wet[0]), RATE // 20)
    places = []
    for start in (1.0, 2.7, 4.4):
        first = round(start * RATE)
        sounding = np.flatnonzero(level[first : first + RATE] > 0.1 * level.max())
        begin = first + int(rng.choice(sounding))
        end = begin + round(rng.uniform(0.006, 0.04) * RATE)
        wet[:, begin:end] = 0.0
        places.append((begin, end))
    wet += np.float32(1e-5) * rng.normal(size=wet.shape).astype(np.float32)
    found = find_dropouts(dry, wet, RATE, 0)
    assert len(found) == 3
    assert np.abs(np.array(found) - np.array(places)).max() <= 20


def test_pauses_and_gates_are_no_dropouts():
    dry = strings(8)
    for begin in (30_000, 70_000, 110_000):
        dry[:, begin : begin + 900] = 0.0  # the player's
    assert find_dropouts(dry, 0.5 * dry, RATE, 0) == ()
    dry = strings(8)
    threshold = np.where(np.abs(dry) < 0.05, 0.0, dry).astype(np.float32)
    assert find_dropouts(dry, threshold, RATE, 0) == ()


def test_a_chopper_is_an_effect():
    dry = strings(9)
    wet = dry * (np.arange(dry.shape[1]) % 5_000 < 2_500)
    assert find_dropouts(dry, wet.astype(np.float32), RATE, 0) == ()


def test_an_echo_that_is_louder_than_what_is_played_is_no_jump():
    dry = plucked_strings(6.0, 16_000, 3)
    wet = np.asarray(pb.Delay(0.3, 0.0, 0.5)(dry, 16_000), np.float32)
    late = np.pad(wet, ((0, 0), (16_000, 0)))
    assert find_jumps(dry, late, 16_000, 16_000) == ()
