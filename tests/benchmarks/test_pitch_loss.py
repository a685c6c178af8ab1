"""The transport of power of `benchmarks/pitch_loss.py` points to the right pitch."""

import numpy as np
import pytest

from benchmarks.pitch_loss import (
    bands_of_note,
    drawn_voice,
    pitch_loss,
    right_slopes,
    transport_semitones,
)


def test_the_slope_has_the_right_sign_up_to_an_octave():
    right = right_slopes(13, 17)
    assert len(right) == 104
    assert np.mean(right) >= 0.98


def test_what_is_moved_as_a_whole_is_carried_by_its_interval():
    powers = np.zeros((3, 100))
    powers[:, [20, 44]] = (1.0, 0.25)
    moved = np.roll(powers, 7, axis=1)
    assert transport_semitones(moved, powers) == pytest.approx(3.5, rel=1e-3)
    assert transport_semitones(powers, powers) == 0.0


def test_a_note_is_nearest_where_it_was_played():
    patch = drawn_voice(np.random.default_rng(3))
    bands = bands_of_note(patch, 57.0)
    there = pitch_loss(bands, patch.voice)
    assert there < 0.5
    assert min(pitch_loss(bands, patch.voice, each) for each in (-12.0, -1.0, 1.0, 12.0)) > there
