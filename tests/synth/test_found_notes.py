"""A patch from a recording alone: notes are found, and their octave where it is open."""

import numpy as np
import pytest

from fxchain.files.audio_input import from_array
from fxchain.notes.note import Note
from fxchain.notes.one_voice import FoundNotes, find_notes
from fxchain.optim.budget import Budget
from fxchain.synth.hooks import Hooks
from fxchain.synth.match import match_patch
from fxchain.synth.options import SynthOptions
from fxchain.synth.patch import Patch
from fxchain.synth.play import render_patch
from fxchain.synth.search.octaves import nearest_octave

RATE = 22_050
NOTES = (Note(0.0, 0.4, 57.0, 1.0), Note(0.5, 0.4, 60.0, 0.7))
PATCH = Patch.model_validate(
    {"sources": [{"source": "saw"}, {"source": "sine", "octave": -1, "weight": 0.6}]}
)


def recording(patch=PATCH, notes=NOTES):
    return from_array(render_patch(patch, notes, RATE, RATE), RATE, "take.wav")


@pytest.mark.parametrize("shift", [-12, 12])
def test_the_octave_in_which_the_voice_is_nearer_is_taken(shift):
    wrong = tuple(Note(n.start_seconds, n.duration_seconds, n.pitch + shift, 1.0) for n in NOTES)
    saw = Patch.model_validate({"sources": [{"source": "saw"}]})
    found = FoundNotes(wrong, (0, -shift), found=True)
    fitted = nearest_octave(recording(saw), found, Budget(steps=30), 0)
    assert fitted.shift == -shift
    assert [note.pitch for note in fitted.notes] == [note.pitch for note in NOTES]


def test_found_notes_are_matched_and_said_in_one_sentence():
    said = []
    audio = recording()
    found = match_patch(
        audio, find_notes(audio), SynthOptions(iterations=4, threads=1), Hooks(notice=said.append)
    )
    assert [note.pitch for note in found.notes] == [57.0, 60.0]
    sentences = [each for each in said if "notes found" in each]
    assert len(sentences) == 1
    assert "2 notes found: A3 C4" in sentences[0]
    assert sentences[0] in found.metrics["warnings"]
    assert np.isfinite(found.metrics["fitted"]["mel_spectral_distance_db"])
