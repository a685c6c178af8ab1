"""The descent of a whole chain from its starts."""

from dataclasses import replace
from functools import partial

import numpy as np

from fxchain.matching.search.coarse_to_fine import descend_coarse_to_fine, start_cubes
from fxchain.matching.search.context import SearchContext, position
from fxchain.matching.search.delay_reverb_evolution import delay_position
from fxchain.matching.search.state import PlannedMove, SearchState
from fxchain.matching.search.training_excerpts import SearchPoint
from fxchain.optim.parallel import run_parallel
from fxchain.structure.candidate import Candidate
from fxchain.structure.knob_vector import KnobVector


def begin(candidate: Candidate, context: SearchContext) -> tuple[Candidate, np.ndarray]:
    """Return the first guess: the chain's own values, with the strongest echo found."""
    cube = position(candidate)
    if context.template.started or not context.echoes:
        return candidate, cube
    knobs = KnobVector(candidate.stage, candidate.values, candidate.free)
    for coordinate in knobs.quantized_indices():
        samples = context.echoes[0][0]
        cube[coordinate] = delay_position(knobs, int(coordinate), samples, context.sample_rate)
    return candidate, cube


def descend_template(state: SearchState, context: SearchContext, move: PlannedMove) -> SearchState:
    """Descend from the template's starts at the same time; see `descend_coarse_to_fine`.

    Latencies belong to the chain that they were fitted with: the template begins with those that
    the aligner found.
    """
    before, state = state, replace(state, latency_shifts=(0.0,) * len(context.problems))
    candidate, excerpts = context.template.candidate, context.excerpts(state)
    error = context.error(state, candidate, excerpts.long)
    searches = []
    for cube in start_cubes(error, begin(candidate, context)[1], excerpts.long[0]):
        state, seed = state.drawn(lambda rng: int(rng.integers(2**31)))
        start = SearchPoint(candidate, cube, seed)
        searches.append(partial(descend_coarse_to_fine, start, excerpts.training))
    for end in run_parallel(searches, context.budget, move.until):
        state = context.keep(state, candidate, end.cube)
    found = state.best is not before.best
    return state if found else replace(before, rng=state.rng)
