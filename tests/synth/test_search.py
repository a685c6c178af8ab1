"""The search finds what was hidden."""

import numpy as np
import pytest

from fxchain.errors import MatchError
from fxchain.files.audio_input import from_array
from fxchain.notes.note import Note
from fxchain.optim.budget import Budget
from fxchain.synth.match import match_patch
from fxchain.synth.options import SynthOptions
from fxchain.synth.patch import Patch
from fxchain.synth.play import render_patch
from fxchain.synth.search.analytic_bands import analytic_bands
from fxchain.synth.search.audio_error import AudioError
from fxchain.synth.search.heard import heard
from fxchain.synth.search.least_squares import ResidualObjective
from fxchain.synth.search.refining import refine
from fxchain.synth.search.space import Space
from fxchain.synth.search.vibrato_start import measured_vibrato
from fxchain.synth.search.weights import solved_weights

RATE = 22_050
NOTES = (Note(0.0, 0.35, 48.0, 1.0), Note(0.45, 0.4, 60.0, 0.5))
HIDDEN = Patch.model_validate(
    {
        "sources": [{"source": "saw"}, {"source": "sine", "octave": -1, "weight": 0.5}],
        "controls": {
            "cutoff_frequency_hz": 700.0,
            "filter_envelope_octaves": 2.0,
            "resonance": 2.0,
            "amp_decay_ms": 200.0,
        },
        "level_db": -9.0,
    }
)


def recording(patch=HIDDEN, notes=NOTES):
    return from_array(render_patch(patch, notes, RATE, RATE), RATE, "recording.wav")


def cube_of(patch, space):
    """Return the position of a patch in a space that has its sources."""
    named = {}
    for each in patch.sources:
        label = each.source + (f"{each.octave:+d}" if each.octave else "")
        gain = 10.0 ** (patch.level_db / 20.0) / space.level
        named[f"{label}.weight"] = gain * each.weight
        named |= {f"{label}.{name}": value for name, value in each.parameters.items()}
    named |= patch.controls
    return np.array(
        [spec.normalize(named[name]) for name, spec in zip(space.names, space.specs, strict=True)]
    )


SPACE = Space(sources=(("saw", 0), ("sine", -1)))


def test_predicted_bands_are_those_of_the_recording():
    stretch = heard(recording(), NOTES)
    bands = analytic_bands(stretch)
    cube = cube_of(HIDDEN, SPACE)
    right = np.linalg.norm(bands.residual(SPACE.voice(cube)))
    moved = cube.copy()
    moved[SPACE.indices("cutoff_frequency_hz")] += 0.15
    wrong = np.linalg.norm(bands.residual(SPACE.voice(moved)))
    assert right < 3.0
    assert wrong > 1.5 * right


def test_weights_are_solved_where_the_other_knobs_are_right():
    stretch = heard(recording(), NOTES)
    found = solved_weights(SPACE, analytic_bands(stretch), cube_of(HIDDEN, SPACE))
    gain = 10.0 ** (HIDDEN.level_db / 20.0)
    assert found == pytest.approx([gain, 0.5 * gain], rel=0.3)


def test_second_order_steps_find_the_hidden_knobs():
    stretch = heard(recording(), NOTES)
    hidden = cube_of(HIDDEN, SPACE)
    start = np.clip(hidden + np.random.default_rng(4).uniform(-0.04, 0.04, len(hidden)), 0.0, 1.0)
    start[SPACE.indices("vibrato_depth_cents", "unison_mix")] = 0.0
    found = refine(AudioError(stretch, SPACE), start, Budget(steps=16), 0)
    audible = SPACE.indices("saw.weight", "sine-1.weight", "cutoff_frequency_hz", "resonance")
    assert found.esr < 1e-3
    assert np.abs(found.cube - hidden)[audible].max() < 0.02


def test_quiet_noise_that_the_waveform_does_not_show_is_found():
    space = Space(sources=(*SPACE.sources, ("noise", 0)))
    noise = {"source": "noise", "weight": 0.05}
    noisy = Patch.model_validate(
        {**HIDDEN.model_dump(), "sources": [*HIDDEN.model_dump()["sources"], noise]}
    )
    start = cube_of(noisy, space)
    start[space.of_noise] = 0.0
    found = refine(AudioError(heard(recording(noisy), NOTES), space), start, Budget(steps=24), 0)
    weights = {each.source: each.weight for each in found.space.patch(found.cube).sources}
    assert weights["noise"] / weights["saw"] == pytest.approx(0.05 / 1.0, rel=0.3)


def test_sources_are_solved_anew_behind_controls_that_are_right():
    space = Space(sources=(("saw", 0), ("pulse", 0), ("sine", 0), ("sine", -1)))
    start = space.start()
    values = dict(zip(SPACE.names, cube_of(HIDDEN, SPACE), strict=True))
    shared = [name for name in space.names if name in HIDDEN.controls]
    start[space.indices(*shared)] = [values[name] for name in shared]
    start[space.weights] = [0.0, 0.4, 0.3, 0.0]
    found = refine(AudioError(heard(recording(), NOTES), space), start, Budget(steps=12), 0)
    assert found.esr < 1e-4
    assert [each.source for each in found.space.patch(found.cube).sources] == ["saw", "sine"]


def test_finite_differences_point_downhill():
    def function(cube):
        return np.array([cube[0] - 0.3, 2.0 * (cube[1] - 1.0)])

    objective = ResidualObjective(function, np.array([0, 1]))
    found = objective.linearize(np.array([0.5, 1.0]), np.array([0, 1]))
    assert found.jacobian == pytest.approx(np.diag([1.0, 2.0]))
    assert found.slope == pytest.approx([0.2, 0.0])


def test_vibrato_is_measured_and_not_invented():
    moving = HIDDEN.model_copy(
        update={
            "controls": {
                **HIDDEN.controls,
                "vibrato_depth_cents": 25.0,
                "vibrato_rate_hz": 6.0,
                "cutoff_frequency_hz": 4_000.0,
            }
        }
    )
    notes = (Note(0.0, 0.9, 60.0, 1.0),)
    found = measured_vibrato(heard(recording(moving, notes), notes))
    assert found is not None
    assert found.rate_hz == pytest.approx(6.0, rel=0.05)
    assert found.depth_cents == pytest.approx(25.0, rel=0.1)
    assert measured_vibrato(heard(recording(HIDDEN, notes), notes)) is None


def test_equal_iterations_give_equal_patches_and_a_better_one_than_the_default():
    notes = (Note(0.0, 0.2, 60.0, 1.0),)
    audio = from_array(render_patch(HIDDEN, notes, RATE, RATE // 3), RATE)
    options = SynthOptions(iterations=12, threads=1)
    one, two = (match_patch(audio, notes, options) for _ in range(2))
    assert one.patch.to_json() == two.patch.to_json()
    assert one.metrics == two.metrics
    assert one.metrics["steps"] <= 12 + 1
    assert one.metrics["fitted"]["mel_spectral_distance_db"] < 12.0


@pytest.mark.parametrize(
    ("samples", "notes", "said"),
    [
        (np.zeros(RATE), NOTES, "silent"),
        (np.ones(RATE) * 0.1, (), "no notes"),
        (np.ones(RATE) * 0.1, (Note(5.0, 1.0, 60.0, 1.0),), "before the first note"),
    ],
)
def test_what_cannot_be_searched_is_refused(samples, notes, said):
    audio = from_array(samples, RATE, "take.wav")
    with pytest.raises(MatchError, match=said):
        match_patch(audio, notes, SynthOptions(iterations=1))
