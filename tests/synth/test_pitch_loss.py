"""The transport of power points to the right pitch, however far it is."""

from dataclasses import replace

import numpy as np
import pytest

from fxchain.files.audio_input import from_array
from fxchain.notes.note import Note
from fxchain.synth.play import render_patch
from fxchain.synth.search.heard import heard
from fxchain.synth.search.pitch_loss import log_bands, pitch_loss, transport_semitones
from fxchain.synth.search.space import Space

RATE = 22_050
PITCHED = ("saw", "pulse", "triangle", "sine", "frequency_modulation")


def drawn_voice(rng):
    """Return a patch of one or two sources with random controls."""
    space = Space(level=0.3)
    cube = rng.uniform(0.05, 0.95, len(space.specs))
    cube[space.weights] = 0.0
    for name in rng.choice(PITCHED, rng.integers(1, 3), replace=False):
        cube[space.indices(f"{name}.weight")] = rng.uniform(0.2, 1.0)
    cube[space.indices("vibrato_depth_cents")] = 0.0
    return space.patch(cube)


def test_the_slope_has_the_right_sign_up_to_an_octave():
    rng, right = np.random.default_rng(17), []
    for _ in range(13):
        patch, pitch = drawn_voice(rng), float(rng.integers(43, 70))
        note = Note(0.0, 0.4, pitch, 1.0)
        audio = from_array(render_patch(patch, (note,), RATE, RATE // 2), RATE, "note.wav")
        bands = log_bands(heard(audio, (note,)))
        for away in rng.uniform(0.5, 12.0, 4):
            for side in (-1.0, 1.0):
                beside = [pitch_loss(bands, patch.voice, side * away + d) for d in (-0.1, 0.1)]
                right.append(side * (beside[1] - beside[0]) > 0.0)
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
    note = Note(0.0, 0.4, 57.0, 1.0)
    audio = from_array(render_patch(patch, (note,), RATE, RATE // 2), RATE, "note.wav")
    bands = log_bands(heard(audio, (replace(note, pitch=57.0),)))
    there = pitch_loss(bands, patch.voice)
    assert there < 0.5
    assert min(pitch_loss(bands, patch.voice, each) for each in (-12.0, -1.0, 1.0, 12.0)) > there
