"""A measured wave is solved in closed form, and taken only where known sources leave more."""

from dataclasses import replace

import numpy as np
import pytest

from fxchain.files.audio_input import from_array
from fxchain.notes.note import Note
from fxchain.optim.budget import Budget
from fxchain.synth.patch import Patch
from fxchain.synth.play import render_patch
from fxchain.synth.search.analytic_bands import analytic_bands
from fxchain.synth.search.cycle_bands import cycle_of_bands
from fxchain.synth.search.cycle_moments import CycleMoments
from fxchain.synth.search.heard import heard
from fxchain.synth.search.measured_cycle import measured_by_bands, measured_by_waveform
from fxchain.synth.search.moments import Moments, drawn_moments
from fxchain.synth.search.space import Space

RATE = 22_050
NOTES = (Note(0.0, 0.3, 52.0, 1.0), Note(0.4, 0.3, 63.0, 0.5))
#: Amplitudes of no source that is known: 3, 5 and 8 are loud.
WAVE = np.array([0.2, 0.05j, -0.5, 0.02, 0.4j, 0.1, 0.03j, 0.3 - 0.2j])
CONTROLS = {
    "cutoff_frequency_hz": 1_500.0,
    "filter_envelope_octaves": 1.0,
    "amp_decay_ms": 150.0,
    "amp_sustain": 0.4,
}
SPACE = Space((("single_cycle", 0), ("noise", 0)), level=1.0, cycle=(0.0j,) * 12)
KNOWN = Space(level=1.0)


def hidden(kind="single_cycle"):
    pairs = [[each.real, -each.imag] for each in WAVE]
    source = {"source": kind, "cycle": pairs} if kind == "single_cycle" else {"source": kind}
    return Patch.model_validate({"sources": [source], "controls": CONTROLS, "level_db": -6.0})


def stretch_of(patch):
    return heard(from_array(render_patch(patch, NOTES, RATE, RATE), RATE, "take.wav"), NOTES)


def cube_of(space, moved=0.0):
    """Return the hidden controls in a space, moved by so much of their ranges."""
    cube = space.start()
    for name, value in CONTROLS.items():
        index = int(space.indices(name)[0])
        cube[index] = space.specs[index].normalize(value) + moved
    cube[space.weights] = 0.0
    return cube


def moments_of(patch, space, count=600):
    stretch = stretch_of(patch)
    return Moments(stretch, space, drawn_moments(stretch, count, np.random.default_rng(3)))


def test_the_wave_is_solved_by_the_waveform_where_the_controls_are_right():
    objective = CycleMoments(moments_of(hidden(), SPACE), 1e-5)
    solved = objective.solved(cube_of(SPACE))
    assert float(np.square(solved.residual).sum()) < 1e-6
    gain = 10.0 ** (-6.0 / 20.0)
    assert np.abs(solved.cycle[: len(WAVE)] - gain * WAVE).max() < 2e-3
    assert np.abs(solved.cycle[len(WAVE) :]).max() < 2e-3


def test_the_slope_behind_the_solved_wave_is_that_of_differences():
    objective = CycleMoments(moments_of(hidden(), SPACE), 1e-3)
    cube = cube_of(SPACE, moved=-0.03)
    index = SPACE.indices("cutoff_frequency_hz", "amp_sustain", "amp_decay_ms", "resonance")
    assert set(index) <= set(objective.jacobian_indices())
    found = 2.0 * objective.linearize(cube, index).slope
    for slope, coordinate in zip(found, index, strict=True):
        beside = np.stack([cube, cube])
        beside[:, coordinate] += (1e-3, -1e-3)
        one, other = objective.losses(beside)
        assert slope == pytest.approx((one - other) / 2e-3, rel=0.1, abs=1e-4)


def test_the_powers_of_the_harmonics_are_solved_by_bands():
    bands = analytic_bands(stretch_of(hidden()))
    saw = -0.5j / np.arange(1, 13)
    space, cube = cycle_of_bands(SPACE, bands, cube_of(SPACE), saw)
    weight = cube[space.weights[0]] * space.level
    found = weight * np.abs(space.cycle[: len(WAVE)])
    loud = np.abs(WAVE) > 0.15
    assert found[loud] == pytest.approx(0.5 * np.abs(WAVE)[loud], rel=0.2)
    assert found[~loud].max() < 0.1
    assert cube[space.weights[1]] < 0.02 * cube[space.weights[0]]


def test_a_wave_that_is_no_sum_of_known_sources_is_measured():
    moments = moments_of(hidden(), KNOWN)
    measured, named = measured_by_waveform(moments, cube_of(KNOWN, 0.05), Budget(steps=60))
    assert measured is not None
    assert measured.left_out < 0.01 < named.loss
    patch = measured.space.patch(measured.cube)
    assert [each.source for each in patch.sources] == ["single_cycle"]
    played = render_patch(patch, NOTES, RATE, RATE)
    wanted = render_patch(hidden(), NOTES, RATE, RATE)
    assert np.square(played - wanted).sum() < 0.01 * np.square(wanted).sum()


def test_known_sources_are_found_from_the_controls_of_the_wave_and_kept():
    moments = moments_of(hidden("saw"), KNOWN)
    measured, named = measured_by_waveform(moments, cube_of(KNOWN, 0.05), Budget(steps=120))
    assert named.loss < 1e-3
    assert measured is None


def test_by_bands_the_wave_is_measured_where_phases_run_freely():
    notes = [replace(note, start_seconds=note.start_seconds + 0.0007) for note in NOTES]
    audio = from_array(-render_patch(hidden(), notes, RATE, RATE), RATE, "take.wav")
    bands = analytic_bands(heard(audio, NOTES))
    saw = cube_of(KNOWN, 0.05)
    saw[KNOWN.indices("saw.weight")] = 0.3
    measured = measured_by_bands(bands, KNOWN, saw, Budget(steps=24))
    assert measured is not None
    assert measured.left_out < 0.5 * float(np.square(bands.residual(KNOWN.voice(saw))).sum())


def test_no_wave_is_measured_where_known_sources_and_noise_are_as_near():
    patch = hidden("saw")
    noise = {"source": "noise", "weight": 0.3}
    noisy = patch.model_copy(
        update={"sources": Patch.model_validate({"sources": [{"source": "saw"}, noise]}).sources}
    )
    bands, cube = analytic_bands(stretch_of(noisy)), cube_of(KNOWN)
    gain = 10.0 ** (-6.0 / 20.0)
    cube[KNOWN.indices("saw.weight", "noise.weight")] = gain, 0.3 * gain
    assert measured_by_bands(bands, KNOWN, cube, Budget(steps=60)) is None
