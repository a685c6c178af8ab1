"""Jumps leave local minima; sources that do nothing are left out."""

import numpy as np

from fxchain.files.audio_input import from_array
from fxchain.notes.note import Note
from fxchain.optim.budget import Budget
from fxchain.synth.play import render_patch
from fxchain.synth.search.audio_error import AudioError
from fxchain.synth.search.elimination import eliminate
from fxchain.synth.search.heard import heard
from fxchain.synth.search.hopping import BlockHopping, blocks_of
from fxchain.synth.search.least_squares import ResidualObjective
from fxchain.synth.search.space import Space

RATE = 22_050
NOTES = (Note(0.0, 0.2, 60.0, 1.0),)


def test_a_jump_of_a_block_leaves_a_local_minimum():
    def residual(cube):
        # minima of the first coordinate at 0.1 (loss 0.04) and 0.8 (loss 0)
        first = min((cube[0] - 0.1) ** 2 + 0.04, 4.0 * (cube[0] - 0.8) ** 2)
        return np.array([np.sqrt(first), cube[1] - 0.5])

    objective = ResidualObjective(residual, np.array([0, 1]))
    hopping = BlockHopping([np.array([0]), np.array([1])], seed=0, passes=2)
    found = hopping.minimize(objective, np.array([0.1, 0.5]), Budget(steps=40))
    assert abs(found.cube[0] - 0.8) < 0.02
    assert found.loss < 0.01


def test_every_coordinate_is_in_one_block():
    space = Space()
    moved = np.arange(len(space.specs))
    assert sorted(np.concatenate(blocks_of(space, moved))) == [
        index for index in moved if space.names[index] != "velocity_to_level"
    ]


def test_a_source_that_does_nothing_is_left_out_and_one_that_does_stays():
    hidden = Space(sources=(("saw", 0), ("sine", -1)))
    cube = hidden.start()
    cube[hidden.weights] = 0.5, 0.4
    samples = render_patch(hidden.patch(cube), NOTES, RATE, RATE // 3)
    stretch = heard(from_array(samples, RATE), NOTES)
    larger = Space(sources=(("saw", 0), ("triangle", 0), ("sine", -1)))
    start = larger.start()
    start[larger.weights] = 0.5, 1e-3, 0.4
    error = AudioError(stretch, larger)
    left, _ = eliminate(error, start, Budget(steps=40), error.esr(start) < 0.5)
    assert left.space.sources == hidden.sources
