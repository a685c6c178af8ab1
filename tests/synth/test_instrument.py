"""A voice and the effects behind it as one position in the unit cube."""

import json

import numpy as np
import pytest

from fxchain.files.audio_input import from_array
from fxchain.notes.note import Note
from fxchain.optim.budget import Budget
from fxchain.preset import Preset
from fxchain.preset.effects import effects_of
from fxchain.primitives import get_primitive
from fxchain.stage import Chain, Effect
from fxchain.synth.effects_growth import with_another_effect
from fxchain.synth.instrument.needed import needed_effects
from fxchain.synth.instrument.space import InstrumentSpace
from fxchain.synth.play import render_patch
from fxchain.synth.search.audio_error import AudioError
from fxchain.synth.search.heard import heard
from fxchain.synth.search.space import Space

RATE = 44_100
NOTES = (Note(0.0, 0.2, 57.0, 1.0), Note(0.3, 0.15, 64.0, 0.7))
VOICE = Space((("saw", 0),), level=0.5)
REVERB = ("reverb", [0.4, 0.5, 0.3, 0.7, 1.0])
DELAY = ("delay", [0.21, 0.3, 0.4])
DRIVE = ("distortion", [18.0])
PEAK = ("peak_filter", [1_000.0, 0.05, 1.0])


def chain(*effects):
    stages = tuple(Effect(get_primitive(kind)) for kind, _ in effects)
    return Preset(Chain(stages), np.concatenate([values for _, values in effects]), RATE)


def voice():
    cube = VOICE.start()
    cube[VOICE.weights] = 0.8
    return cube


def stretch(*effects):
    patch = VOICE.patch(voice()).model_copy(
        update={"effects": json.loads(chain(*effects).to_json())}
    )
    samples = render_patch(patch, NOTES, RATE, RATE * 4 // 5)
    return heard(from_array(samples, RATE, "take.wav"), NOTES)


@pytest.mark.parametrize("effect", [REVERB, DELAY])
def test_at_the_rate_of_the_search_effects_sound_as_at_that_of_the_recording(effect):
    hidden = stretch(effect)
    assert hidden.sample_rate < RATE
    space, cube = InstrumentSpace.of(VOICE, voice(), chain(effect))
    assert AudioError(hidden, space).esr(cube) < 1e-4


def test_a_patch_has_the_effects_that_are_played():
    space, cube = InstrumentSpace.of(VOICE, voice(), chain(REVERB, DELAY))
    assert space.names[-3:] == ("chain[0].dry_level", "chain[1].feedback", "chain[1].mix")
    preset = space.patch(cube).preset
    assert preset is not None
    assert preset.values == pytest.approx(chain(REVERB, DELAY).values, abs=1e-6)


def test_without_an_effect_the_others_stay_as_they_are():
    space, cube = InstrumentSpace.of(VOICE, voice(), chain(REVERB, DELAY))
    smaller, left = space.without_effect(cube, 0)
    assert isinstance(smaller, InstrumentSpace)
    assert smaller.effects(left).values == pytest.approx(DELAY[1], abs=1e-6)
    alone, last = smaller.without_effect(left, 0)
    assert alone == VOICE
    assert np.array_equal(last, voice())


def test_an_effect_that_cannot_be_heard_is_left_out_and_an_echo_stays():
    space, cube = InstrumentSpace.of(VOICE, voice(), chain(PEAK, DELAY))
    error, cube = needed_effects(AudioError(stretch(DELAY), space), cube, Budget(steps=40))
    assert isinstance(error.space, InstrumentSpace)
    preset = error.space.effects(cube)
    assert [each.effect.primitive.kind for each in effects_of(preset.stage, preset.values)] == [
        "delay"
    ]
    assert error.esr(cube) < 1e-5


@pytest.mark.parametrize("effect", [REVERB, DELAY])
def test_the_effect_that_a_recording_has_is_added(effect):
    kinds = [get_primitive(kind) for kind in ("peak_filter", "distortion", effect[0])]
    error = AudioError(stretch(effect), VOICE)
    error, cube = with_another_effect(error, voice(), kinds, RATE, Budget(steps=60))
    assert isinstance(error.space, InstrumentSpace)
    assert error.space.stages[0].primitive.kind == effect[0]
    assert error.esr(cube) < 1e-4


def test_a_filter_is_added_before_a_drive_that_is_there():
    kinds = [get_primitive(kind) for kind in ("distortion", "delay")]
    hidden = stretch(DELAY, DRIVE)
    space, cube = InstrumentSpace.of(VOICE, voice(), chain(DRIVE))
    error = AudioError(hidden, space)
    error, cube = with_another_effect(error, cube, kinds, RATE, Budget(steps=80))
    assert isinstance(error.space, InstrumentSpace)
    assert [each.primitive.kind for each in error.space.stages] == ["delay", "distortion"]
    assert error.esr(cube) < 1e-3


def test_an_effect_is_added_no_more_often_than_it_is_named():
    space, cube = InstrumentSpace.of(VOICE, voice(), chain(DELAY))
    error = AudioError(stretch(DELAY, ("delay", [0.13, 0.2, 0.4])), space)
    kinds = [get_primitive("delay")]
    assert with_another_effect(error, cube, kinds, RATE, Budget(steps=120))[0] is error
    two, _ = with_another_effect(error, cube, 2 * kinds, RATE, Budget(steps=120))
    assert isinstance(two.space, InstrumentSpace)
    assert len(two.space.stages) == 2


def test_an_effect_that_cannot_be_heard_is_not_added():
    kinds = [get_primitive(kind) for kind in ("peak_filter", "reverb")]
    error = AudioError(stretch(("peak_filter", [1_000.0, 0.02, 1.0])), VOICE)
    assert with_another_effect(error, voice(), kinds, RATE, Budget(steps=40))[0] is error
