"""Notes are found in recordings of one voice, and only there."""

import numpy as np
import pytest

from fxchain.errors import MatchError
from fxchain.files.audio_input import from_array
from fxchain.notes.note import Note, note_name
from fxchain.notes.one_voice import find_notes
from fxchain.synth.patch import Patch
from fxchain.synth.play import render_patch

RATE = 44_100
#: Leaps, steps, a repetition, legato and gaps.
PHRASE = (
    Note(0.1, 0.3, 57.0, 1.0),
    Note(0.5, 0.3, 60.0, 0.6),
    Note(0.8, 0.35, 48.0, 0.9),
    Note(1.3, 0.25, 48.0, 0.9),
    Note(1.55, 0.4, 67.0, 0.8),
    Note(2.0, 0.5, 66.0, 1.0),
)


def played(sources, phrase=PHRASE, **controls):
    patch = Patch.model_validate({"sources": sources, "controls": controls, "level_db": -12.0})
    return from_array(render_patch(patch, phrase, RATE), RATE, "phrase.wav")


def pitches_and_starts(audio):
    notes = find_notes(audio).notes
    return [note.pitch for note in notes], np.array([note.start_seconds for note in notes])


@pytest.mark.parametrize(
    ("sources", "controls"),
    [
        ([{"source": "saw"}], {}),
        ([{"source": "triangle"}], {"amp_sustain": 0.2, "amp_decay_ms": 80.0}),
        ([{"source": "pulse", "parameters": {"width": 0.2}}], {"amp_attack_ms": 60.0}),
        ([{"source": "saw"}, {"source": "sine", "octave": -1, "weight": 0.8}], {}),
        ([{"source": "saw"}], {"vibrato_depth_cents": 40.0, "vibrato_rate_hz": 6.0}),
        ([{"source": "pulse"}, {"source": "noise", "weight": 0.3}], {"cutoff_frequency_hz": 900.0}),
        ([{"source": "frequency_modulation"}], {"amp_release_ms": 200.0}),
    ],
)
def test_onsets_and_pitches_of_a_phrase_are_found(sources, controls):
    pitches, starts = pitches_and_starts(played(sources, **controls))
    assert pitches == [note.pitch for note in PHRASE]
    assert np.abs(starts - [note.start_seconds for note in PHRASE]).max() < 0.05


def test_releases_and_velocities_are_found():
    audio = played([{"source": "saw"}], amp_sustain=0.9, amp_release_ms=60.0, velocity_to_level=1.0)
    for found, note in zip(find_notes(audio).notes, PHRASE, strict=True):
        assert found.duration_seconds == pytest.approx(note.duration_seconds, abs=0.08)
        assert found.velocity == pytest.approx(note.velocity, abs=0.25)


def test_a_stereo_recording_at_another_rate_has_the_same_notes():
    mono = played([{"source": "saw"}])
    patch = Patch.model_validate({"sources": [{"source": "saw"}], "level_db": -12.0})
    other = render_patch(patch, PHRASE, 32_000)
    stereo = from_array(np.concatenate([other, 0.5 * other]), 32_000)
    assert [note.pitch for note in find_notes(stereo).notes] == [
        note.pitch for note in find_notes(mono).notes
    ]


def test_both_octaves_are_kept_where_two_sines_an_octave_apart_play():
    audio = played([{"source": "sine"}, {"source": "sine", "octave": -1}])
    found = find_notes(audio)
    assert len(found.octaves) > 1
    assert found.octaves[0] == 0
    true = [note.pitch for note in PHRASE]
    assert true in [[n.pitch for n in found.shifted(shift)] for shift in found.octaves]


@pytest.mark.parametrize(
    ("samples", "said"),
    [
        (np.zeros(RATE), "silent"),
        (np.random.default_rng(1).standard_normal(2 * RATE) * 0.1, "no notes were found"),
        (np.ones(RATE) * 0.1, "no notes were found"),
        (np.eye(1, RATE, 500)[0], "no notes were found"),
    ],
)
def test_what_is_no_voice_is_refused_in_one_line(samples, said):
    with pytest.raises(MatchError, match=said) as error:
        find_notes(from_array(samples, RATE, "take.wav"))
    assert str(error.value).startswith("take.wav: ")
    assert "\n" not in str(error.value)


def test_names_of_notes():
    assert [note_name(pitch) for pitch in (60, 69.2, 21, 58)] == ["C4", "A4", "A0", "A#3"]
