"""A voice and the effects behind it are found in turns."""

import json

import numpy as np
import pytest

from fxchain.files.audio_input import from_array
from fxchain.notes.note import Note
from fxchain.optim.budget import Budget
from fxchain.preset import Preset
from fxchain.primitives import get_primitive
from fxchain.stage import Chain, Effect
from fxchain.synth import alternating
from fxchain.synth.hooks import Hooks
from fxchain.synth.instrument.space import InstrumentSpace
from fxchain.synth.match import match_patch
from fxchain.synth.options import SynthOptions
from fxchain.synth.patch import Patch
from fxchain.synth.play import render_patch
from fxchain.synth.search.audio_error import AudioError
from fxchain.synth.search.heard import heard
from fxchain.synth.search.refining import FoundVoice
from fxchain.synth.search.space import Space

RATE = 22_050
NOTES = (Note(0.0, 0.3, 52.0, 1.0), Note(0.45, 0.3, 59.0, 0.7))
DELAY = Preset(Chain((Effect(get_primitive("delay")),)), np.array([0.11, 0.3, 0.4]), RATE)
DRIVE = Preset(Chain((Effect(get_primitive("distortion")),)), np.array([20.0]), RATE)
SPACE = Space((("saw", 0),), level=0.5)


def hidden(behind):
    cube = SPACE.start()
    cube[SPACE.weights] = 0.8
    effects = None if behind is None else json.loads(behind.to_json())
    return SPACE.patch(cube).model_copy(update={"effects": effects}), cube


def recording(behind):
    samples = render_patch(hidden(behind)[0], NOTES, RATE, RATE)
    return from_array(samples.astype(np.float32), RATE, "take.wav")


def test_without_its_effects_a_recording_is_that_of_the_voice():
    stretch, dry = (heard(recording(behind), NOTES) for behind in (DELAY, None))
    space, cube = InstrumentSpace.of(SPACE, hidden(None)[1], DELAY)
    found = alternating.without_effects(stretch, space, cube).samples
    away = float(np.square(stretch.samples - dry.samples).sum())
    assert float(np.square(found - dry.samples).sum()) < 1e-3 * away


def test_the_beginning_of_a_recording_ends_with_its_second_note():
    stretch = heard(recording(DELAY), (NOTES[0], Note(0.1, 0.2, 55.0, 1.0), NOTES[1]))
    first = alternating.beginning(stretch)
    assert [note.start_seconds for note in first.notes] == [0.0, 0.1]
    assert len(first.samples) == round(0.45 * RATE)
    assert alternating.beginning(first) is first


def test_where_there_are_no_effects_none_are_found():
    options = SynthOptions(iterations=40, seed=3, threads=1, chain="space")
    found = match_patch(recording(None), NOTES, options)
    assert isinstance(found.patch, Patch) and found.patch.effects is None
    assert found.metrics["steps"] <= 40
    assert found.metrics["fitted"]["mel_spectral_distance_db"] < 0.2


def test_a_budget_too_short_for_every_part_is_no_error():
    shares = []
    options = SynthOptions(iterations=1, threads=1, chain="space")
    hooks = Hooks(progress=lambda phase, loss, share: shares.append(share))
    found = match_patch(recording(DELAY), NOTES, options, hooks)
    assert isinstance(found.patch, Patch) and not found.interrupted
    assert shares == sorted(shares) and shares[-1] <= 1.0


@pytest.mark.parametrize("behind", [DRIVE, None])
def test_a_drive_is_undone_where_a_voice_comes_nearer_to_what_was_before_it(behind):
    take, kinds = recording(behind), (get_primitive("distortion"), get_primitive("delay"))
    options = SynthOptions(iterations=120, seed=3, threads=1)
    asked = alternating.Asked(take, NOTES, heard(take, NOTES), options, kinds)
    found = alternating.Search(asked, Budget(steps=120), Hooks()).first_voice()
    assert isinstance(found.error.space, InstrumentSpace) == (behind is not None)
    assert found.error.esr(found.cube) < 1e-3


def test_the_error_of_a_voice_alone_is_that_to_the_recording(monkeypatch):
    cube = hidden(None)[1]
    without_delay = FoundVoice(SPACE, cube, 0.0, 0.0)  # found in what has no effects
    monkeypatch.setattr(alternating, "search_voice", lambda *given, **named: without_delay)
    take = recording(DELAY)
    stretch, budget = heard(take, NOTES), Budget(steps=4, halted=True)
    options = SynthOptions(iterations=4, threads=1, chain="space")
    asked = alternating.Asked(take, NOTES, stretch, options, ())
    _, found = alternating.voice_and_effects(asked, budget, Hooks())
    error = AudioError(stretch, SPACE)
    assert found.esr == error.esr(cube) > 0.01
    assert found.band_error_db > 0.1
