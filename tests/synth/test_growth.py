"""A drum grows where it lacks something, and nowhere else; sources that explain nothing go."""

import numpy as np
import pytest

from fxchain.files.audio_input import from_array
from fxchain.notes.note import Note
from fxchain.optim.budget import Budget
from fxchain.synth.drum.growth import grow
from fxchain.synth.drum.hit import heard_hit
from fxchain.synth.drum.patch import DrumPatch
from fxchain.synth.drum.play import render_drum
from fxchain.synth.drum.space import DrumSpace
from fxchain.synth.search.audio_error import AudioError
from fxchain.synth.search.elimination import eliminate
from fxchain.synth.search.significance import growth_by_chance, independent_samples

RATE = 22_050
HIT = (Note(0.0, 0.1, 36.0, 1.0),)
TONE = {"start_frequency_hz": 200.0, "end_frequency_hz": 100.0, "decay_ms": 80.0}
NOISE = {"centre_frequency_hz": 4_000.0, "bandwidth": 1.0, "decay_ms": 60.0}
SWEPT, BURST = ("swept_sine", 0), ("noise_burst", 0)


def drum(*sources, seed=5):
    nodes = [{"source": kind, "weight": weight, "parameters": own} for kind, weight, own in sources]
    return DrumPatch.model_validate({"noise_seed": seed, "sources": nodes})


BOTH = drum(("swept_sine", 1.0, TONE), ("noise_burst", 0.3, NOISE))


def error_of(patch, sources):
    hit, _ = heard_hit(from_array(render_drum(patch, HIT, RATE, RATE // 3), RATE))
    return AudioError(hit, DrumSpace(sources, level=2.0))


def cube_of(space, patch):
    """Return the hidden drum in a space, without sources that it does not have."""
    cube = space.start()
    cube[space.weights] = 0.0
    for node in patch.sources:
        for name, value in (("weight", 0.5 * node.weight), *node.parameters.items()):
            full = f"{node.source}.{name}"
            if full in space.names:
                index = int(space.indices(full)[0])
                cube[index] = space.specs[index].normalize(value)
    return cube


def loss(error, cube):
    return float(np.square(error.bands(cube)).sum())


def test_noise_that_a_tone_lacks_is_added():
    error = error_of(BOTH, (SWEPT,))
    cube = cube_of(error.space, BOTH)
    larger, found = grow(error, cube, Budget(steps=16), 1)
    assert "noise_burst" in {kind for kind, _ in larger.space.sources}
    assert loss(larger, found) < 0.2 * loss(error, cube)


@pytest.mark.parametrize("steps", [0, 2])
def test_growth_ends_with_its_budget(steps):
    error, budget = error_of(BOTH, (SWEPT,)), Budget(steps=steps)
    larger, found = grow(error, cube_of(error.space, BOTH), budget, 1)
    assert budget.taken == steps
    assert larger.space.sources == (SWEPT,) and len(found) == len(error.space.specs)


def test_nothing_is_added_to_the_hidden_drum_with_other_noise():
    error = error_of(BOTH, (SWEPT, BURST))
    cube = cube_of(error.space, BOTH)
    larger, found = grow(error, cube, Budget(steps=16), 1)
    assert larger.space.sources == error.space.sources
    np.testing.assert_array_equal(found, cube)


def test_a_second_burst_beside_the_only_one_is_left_out():
    noise = drum(("noise_burst", 1.0, NOISE))
    error = error_of(noise, (BURST, ("noise_burst", 1)))
    cube = cube_of(error.space, noise)
    cube[error.space.indices("noise_burst+1.weight")] = 0.02
    smaller, _ = eliminate(error, cube, Budget(steps=8), locked=False)
    assert smaller.space.sources == (BURST,)


def test_bands_and_waveform_both_count():
    error = error_of(BOTH, (SWEPT, BURST))
    cube = cube_of(error.space, BOTH)
    quiet, shifted = cube.copy(), cube.copy()
    quiet[error.space.of_noise[0]] = 0.0
    shifted[error.space.indices("swept_sine.end_frequency_hz")] += 0.02
    assert error.distance(cube) < min(error.distance(quiet), error.distance(shifted))


def test_the_draw_of_noise_does_not_depend_on_tones():
    alone = drum(("noise_burst", 0.3, NOISE))
    tone = drum(("swept_sine", 1.0, TONE))
    parts = [render_drum(each, HIT, RATE, 4_000) for each in (alone, tone)]
    assert np.abs(render_drum(BOTH, HIT, RATE, 4_000) - sum(parts)).max() < 1e-6


def test_growth_by_chance_is_told_by_the_residuals_that_carry_the_error():
    residual = np.random.default_rng(0).standard_normal(2_000)
    among_zeros = np.concatenate([residual[:200], np.zeros(1_800)])
    all_count = growth_by_chance(4, residual)
    assert all_count == pytest.approx(np.exp(4 * np.log(2_000) / 2_000), rel=0.01)
    assert growth_by_chance(4, among_zeros) == pytest.approx(
        np.exp(4 * np.log(200) / 200), rel=0.02
    )
    assert growth_by_chance(4, residual, overlap=10.0) > all_count
    assert growth_by_chance(4, np.zeros(10)) > 1.0


def test_samples_are_counted_by_how_their_powers_scatter():
    white = np.random.default_rng(0).standard_normal(20_000)
    assert independent_samples(white) == pytest.approx(20_000, rel=0.1)
    half = np.fft.rfft(white)
    half[len(half) // 2 :] = 0.0
    assert independent_samples(np.fft.irfft(half)) == pytest.approx(10_000, rel=0.15)
    assert independent_samples(white * (np.arange(20_000) < 5_000)) == pytest.approx(
        5_000, rel=0.15
    )
    assert independent_samples(np.zeros(1_000)) == 1_000
