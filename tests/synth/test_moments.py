"""The waveform at moments is that of the player, and so are its derivatives."""

import numpy as np
import pytest

from fxchain.files.audio_input import from_array
from fxchain.notes.note import Note
from fxchain.optim.budget import Budget
from fxchain.synth.patch import Patch
from fxchain.synth.play import render_patch
from fxchain.synth.search.heard import heard
from fxchain.synth.search.moments import Moments, drawn_moments
from fxchain.synth.search.space import Space
from fxchain.synth.search.waveform_start import RATIOS, Dictionary, by_waveform

RATE = 44_100
NOTES = (Note(0.0, 0.3, 52.0, 1.0), Note(0.4001, 0.3, 63.0, 0.5))
SPACE = Space(level=0.3)


def hidden_cube():
    """Return a voice of saw, pulse and FM pair, with unison and vibrato."""
    cube = SPACE.start()
    cube[SPACE.weights] = (0.5, 0.4, 0.0, 0.0, 0.0, 0.3, 0.0)
    named = {
        "pulse.width": 0.3,
        "frequency_modulation.ratio": 0.4,
        "cutoff_frequency_hz": 0.5,
        "filter_envelope_octaves": 0.4,
        "filter_decay_ms": 0.3,
        "amp_attack_ms": 0.4,
        "unison_mix": 0.4,
        "vibrato_depth_cents": 0.2,
        "key_tracking": 0.5,
    }
    for name, position in named.items():
        cube[SPACE.indices(name)] = position
    return cube


def moments_of(cube, count=400):
    audio = from_array(render_patch(SPACE.patch(cube), NOTES, RATE, RATE), RATE, "voice.wav")
    stretch = heard(audio, NOTES)
    return Moments(stretch, SPACE, drawn_moments(stretch, count, np.random.default_rng(3)))


def test_the_hidden_voice_leaves_nothing_of_a_recording_at_another_rate():
    cube = hidden_cube()
    moments = moments_of(cube)
    assert float(np.square(moments.residual(cube)).sum()) < 1e-6
    moved = cube.copy()
    moved[SPACE.indices("amp_sustain")] -= 0.1
    assert float(np.square(moments.residual(moved)).sum()) > 1e-3


def test_derivatives_in_closed_form_are_those_of_differences():
    cube = hidden_cube()
    moments = moments_of(cube)
    moved = np.clip(cube + np.random.default_rng(5).uniform(-0.03, 0.03, len(cube)), 0.01, 0.98)
    index = moments.jacobian_indices()
    found = moments.linearize(moved, index)
    for column, coordinate in zip(found.jacobian.T, index, strict=True):
        beside = [moved.copy(), moved.copy()]
        beside[0][coordinate] += 2e-4
        beside[1][coordinate] -= 2e-4
        difference = (moments.residual(beside[0]) - moments.residual(beside[1])) / 4e-4
        close = 0.05 * float(np.linalg.norm(difference)) + 2e-3
        assert float(np.linalg.norm(column - difference)) < close, SPACE.names[coordinate]


def test_the_waveform_alone_finds_a_hidden_voice_from_random_starts():
    hidden = Patch.model_validate(
        {
            "sources": [{"source": "saw"}, {"source": "pulse", "parameters": {"width": 0.2}}],
            "controls": {"cutoff_frequency_hz": 1_200.0, "amp_decay_ms": 150.0},
            "level_db": -9.0,
        }
    )
    audio = from_array(render_patch(hidden, NOTES, RATE, RATE), RATE, "voice.wav")
    stretch = heard(audio, NOTES)
    cube, left = by_waveform(stretch, Space(level=1.0), Budget(steps=110), 1)
    found = Space(level=1.0).patch(cube)
    widths = [each.parameters["width"] for each in found.sources if each.source == "pulse"]
    assert left < 1e-2
    assert widths == [pytest.approx(0.2, abs=0.03)]
    assert found.controls["cutoff_frequency_hz"] == pytest.approx(1_200.0, rel=0.1)


def test_a_dictionary_of_one_ratio_holds_all_sources_and_no_other_ratio():
    space = Space(sources=(("saw", 0), ("frequency_modulation", 0)))
    whole = Dictionary.of(space)
    part = whole.of_ratio(RATIOS[1])
    pairs = list(zip(part.kinds, part.sources, strict=True))
    assert {round(each.values["ratio"]) for kind, each in pairs if kind == 1} == {2}
    assert sum(kind == 0 for kind, _ in pairs) == sum(whole.kinds == 0)
    assert sum(kind == 1 for kind, _ in pairs) == sum(whole.kinds == 1) // len(RATIOS)
    assert len(part.cubes) == len(pairs)
