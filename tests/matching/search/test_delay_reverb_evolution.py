"""The search at the end of the chain."""

import numpy as np
import pytest

from fxchain.matching.search.delay_reverb_evolution import delay_position, refine_delay_samples
from fxchain.objectives.excerpt import Excerpt
from fxchain.objectives.tail_objective import TailObjective
from fxchain.objectives.waveform_error import WaveformError
from tests.known_pair import RATE, known_pair


def _objective() -> tuple[WaveformError, np.ndarray]:
    problem, stage, values = known_pair(1.5)
    free = np.ones(stage.size, dtype=bool)
    objective = WaveformError(stage, values, free, Excerpt(problem.dry, problem.wet, 0), RATE)
    return objective, objective.cube(values)


def test_playing_the_end_alone_gives_the_whole_loss() -> None:
    objective, cube = _objective()
    moved = cube.copy()
    moved[objective.evolution_indices()] = 0.4
    space = TailObjective(objective, moved)
    assert space.unsolved_loss(moved) == pytest.approx(objective.losses(moved[None])[0], rel=1e-4)


def test_levels_are_solved_as_well_as_by_brute_force() -> None:
    objective, cube = _objective()
    names = [slot.name for slot in objective.slots]
    at = names.index("reverb.wet_level")
    wrong = cube.copy()
    wrong[at] = 0.9
    _, solved = TailObjective(objective, wrong).solved(wrong)
    tried = []
    for level in np.linspace(0.0, 1.0, 41):
        moved = wrong.copy()
        moved[at] = level
        tried.append(objective.losses(moved[None])[0])
    assert solved <= min(tried) + 1e-4


@pytest.mark.parametrize("off", [-5, -1, 6])
def test_an_echo_moves_by_samples_to_where_it_belongs(off: int) -> None:
    objective, cube = _objective()
    coordinate = int(objective.quantized_indices()[0])
    wrong = cube.copy()
    wrong[coordinate] = delay_position(objective, coordinate, 1_600 + off, RATE)
    loss = objective.losses(wrong[None])[0]
    found, found_loss = refine_delay_samples(objective, wrong, loss)
    assert found_loss < 1e-6 < loss
    seconds = objective.values(found)[
        [s.name for s in objective.slots].index("delay.delay_seconds")
    ]
    assert int(seconds * RATE) == 1_600
