"""The descent of a whole chain from its starts, of the first chain and of others."""

import math
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

#: A chain that leaves this much of the fully weighted error is given up for another that is meant
#: for such; of five hidden chains the better start left at most a tenth of it.
HOPELESS = 0.4
#: Another chain is given up where it leaves so many times what the best leaves in the end. The
#: right order of a hidden chain left up to thirteen times that at first.
RIVAL = 30.0


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
    """Descend from the starts of the first chain."""
    others = context.template.alternatives
    further = any(math.isinf(other.hopeless) for other in others)
    hopeless = HOPELESS if further else math.inf
    return _descended(state, context, context.template.candidate, move.until, hopeless)


def try_alternative(state: SearchState, context: SearchContext, move: PlannedMove) -> SearchState:
    """Descend from the starts of another chain where the best leaves a certain error."""
    alternatives = context.template.alternatives
    other = alternatives[move.number]
    if not context.leaves(state, other.worth) or context.leaves(state, other.hopeless):
        return state
    if state.response is not None:  # a filter explains it
        return state
    candidate = other.template.candidate
    last = move.number == len(alternatives) - 1
    hopeless = min(math.inf if last else HOPELESS, RIVAL * _fully_weighted(state, context))
    state = _descended(state, context, candidate, move.until, hopeless)
    if state.best is not None and state.best.stage is candidate.stage:
        return state.found(chain=other.template.name)
    return state


def _fully_weighted(state: SearchState, context: SearchContext) -> float:
    """Return what the best leaves with the full spectral weighting."""
    if state.best is None:
        return math.inf
    error = context.error(state, state.best, context.excerpts(state).training.tiny, 1.0)
    return float(error.losses(position(state.best)[None])[0])


def _descended(
    state: SearchState,
    context: SearchContext,
    candidate: Candidate,
    until: float,
    hopeless: float,
) -> SearchState:
    """Descend from a chain's starts at the same time; see `descend_coarse_to_fine`."""
    excerpts = context.excerpts(state)
    error = context.error(state, candidate, excerpts.long)
    searches = []
    for cube in start_cubes(error, begin(candidate, context)[1], excerpts.long[0]):
        state, seed = state.drawn(lambda rng: int(rng.integers(2**31)))
        start = SearchPoint(candidate, cube, seed)
        searches.append(
            partial(descend_coarse_to_fine, start, excerpts.training, hopeless=hopeless)
        )
    for end in run_parallel(searches, context.budget, until):
        state = context.keep(state, candidate, end.cube)
    return state
