"""The notes of chords are found in a recording."""

import numpy as np
import pytest

from fxchain.errors import MatchError
from fxchain.files.audio_input import from_array
from fxchain.notes.harmonic_templates import explained
from fxchain.notes.note import Note
from fxchain.notes.several_voices import find_chords, found_notes
from fxchain.notes.spectra import spectra_of
from fxchain.synth.patch import Patch
from fxchain.synth.play import render_patch

RATE = 22_050
PATCH = Patch.model_validate(
    {
        "sources": [{"source": "saw"}, {"source": "noise", "weight": 0.05}],
        "controls": {"cutoff_frequency_hz": 2_000.0, "amp_release_ms": 40.0},
        "level_db": -12.0,
    }
)
CHORDS = ((0.1, (48, 55, 64)), (0.8, (48, 53, 69)), (1.5, (50, 57, 62)))
NOTES = tuple(Note(at, 0.5, float(p), 0.8) for at, chord in CHORDS for p in chord)


def recording(notes=NOTES, patch=PATCH):
    return from_array(render_patch(patch, notes, RATE), RATE, "chords.wav")


def test_chords_are_found_with_octaves_and_pitches_that_are_played_again():
    found = found_notes(recording(), 3).notes
    for at, chord in CHORDS:
        near = [note for note in found if abs(note.start_seconds - at) < 0.03]
        assert {note.pitch for note in near} == set(chord)
        assert all(0.35 < note.duration_seconds < 0.65 for note in near)
    assert len(found) == len(NOTES)


def test_no_more_notes_begin_together_than_there_are_voices():
    found = find_chords(recording(), 2).notes
    starts = [note.start_seconds for note in found]
    assert max(starts.count(each) for each in starts) == 2


def test_notes_share_the_levels_of_their_harmonics():
    times = np.arange(RATE) / RATE
    levels = {1: 1.0, 2: 0.1, 3: 0.6}
    notes = [
        sum(level * np.sin(2.0 * np.pi * hertz * n * times) for n, level in levels.items())
        for hertz in (220.0, 293.66)
    ]
    spectra = spectra_of(notes[0] + notes[1], RATE, 0.093, 0.1)
    found = explained(spectra.amplitudes[4:6], np.arange(45, 75), spectra)
    assert sorted(np.argsort(found.heard.sum(axis=1))[-2:] + 45) == [57, 62]
    assert found.harmonics[2] > 3.0 * found.harmonics[1]


@pytest.mark.parametrize("voices", [0, 7])
def test_a_number_of_voices_out_of_range_is_refused(voices):
    with pytest.raises(MatchError, match=f"--voices {voices}: give 1 to 6"):
        find_chords(recording(), voices)


def test_silence_has_no_chords():
    silent = from_array(np.zeros((1, RATE)), RATE, "silent.wav")
    with pytest.raises(MatchError, match="silent"):
        find_chords(silent, 3)


def _bursts():
    noise = np.random.default_rng(5).standard_normal((4, 5_500))
    return (0.1 * noise * np.exp(-np.arange(5_500) / 1_000.0)).reshape(1, -1)


WITHOUT_NOTES = {
    "noise": (0.2 * np.random.default_rng(3).standard_normal((1, RATE)), RATE),
    "random_walk": (
        0.005 * np.cumsum(np.random.default_rng(4).standard_normal((1, RATE)), axis=1),
        RATE,
    ),
    "click": (np.eye(1, RATE, 5_000), RATE),
    "constant": (np.full((1, RATE), 0.3), RATE),
    "bursts": (_bursts(), RATE),
    "sine_above_what_is_heard": (0.3 * np.sin(2.0 * np.pi * 0.4535 * np.arange(44_100)), 44_100),
}


@pytest.mark.parametrize("name", WITHOUT_NOTES)
def test_what_has_no_pitch_has_no_chords(name):
    samples, rate = WITHOUT_NOTES[name]
    audio = from_array(np.atleast_2d(samples).astype(np.float32), rate, f"{name}.wav")
    with pytest.raises(MatchError, match=f"{name}.wav: no notes were found"):
        find_chords(audio, 3)


def test_a_chord_that_is_cut_has_no_other_at_its_end():
    chord = tuple(Note(0.1, 3.0, float(pitch), 0.8) for pitch in (48, 55, 64))
    samples = render_patch(PATCH, chord, RATE)[..., :RATE]
    found = find_chords(from_array(samples, RATE, "cut.wav"), 3).notes
    assert [note.pitch for note in found] == [48, 55, 64]
    assert all(note.start_seconds == pytest.approx(0.1, abs=0.03) for note in found)
