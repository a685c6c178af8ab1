"""A measured filter that changes periodically, behind nothing or behind the best chain.

It is a copy of the sound beside it, late by a delay that moves or behind all-passes that move, or
any filter at all: the one that leaves least of what it was not solved from. What has a delay or
all-passes says more about a device than any filter, which must halve the error of those.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from fxchain.alignment.aligned_audio import AlignedAudio
from fxchain.fir.impulse_response_fit import measure_response
from fxchain.matching.search.context import SearchContext, position
from fxchain.matching.search.measured_movement import Measured, with_periodic_filter
from fxchain.matching.search.moving_stages import has_movement
from fxchain.matching.search.response_stage import (
    NOTHING,
    levelled_parts,
    residual_esr,
)
from fxchain.matching.search.state import PlannedMove, SearchState
from fxchain.periodic.measured import MeasuredPeriodicFilter, measure_periodic_filter
from fxchain.periodic.measured_allpass import measure_allpass
from fxchain.periodic.measured_delay import measure_delay
from fxchain.periodic.slow_movement import SlowMovement
from fxchain.primitives.evidence import drive, movement
from fxchain.structure.candidate import Candidate

#: It is tried where the chain leaves this much.
WORTH_A_TRY = 1e-2
#: The error on what it was not solved from must be this share of what the best chain leaves, and of
#: what a filter leaves that does not change: at first, and where other effects were tried before.
#: Of what a chain leaves that moves itself, and may grow on, the second share suffices.
WORTH_IT_ALONE, WORTH_IT = 0.1, 0.5


def try_periodic_filter_alone(
    state: SearchState, context: SearchContext, move: PlannedMove
) -> SearchState:
    """Take a filter that changes periodically for the whole device if that explains nearly all.

    Where an effect that moves began the population, no filter is measured, and the population may
    still grow. Where more speaks for a drive than for movement, it grows first.
    """
    if context.template.locked or _drives(context):
        return state
    grows = bool(state.population.candidates)
    kinds = COPIES if grows else (*COPIES, _filters(context))
    worth = (WORTH_IT_ALONE, WORTH_IT if grows else WORTH_IT_ALONE)
    state, found = _proposed(NOTHING, kinds, worth, state, context, move)
    if found is None:
        return state
    if not grows:  # the errors of a population are weighted
        # it treats the decay of a note as it does the attack, as it was solved
        state = context.reweighted(state, 0.0)
    return _kept(state, context, found)


def try_periodic_filter_instead(
    state: SearchState, context: SearchContext, move: PlannedMove
) -> SearchState:
    """Take a filter that changes periodically instead of all that was grown, likewise."""
    if context.template.locked or state.response is not None:
        return state
    kinds = (*(COPIES if _drives(context) else ()), _filters(context))
    worth = (WORTH_IT_ALONE, WORTH_IT_ALONE)
    state, found = _proposed(NOTHING, kinds, worth, state, context, move)
    return state if found is None else _kept(state, context, found)


def try_periodic_filter(
    state: SearchState, context: SearchContext, move: PlannedMove
) -> SearchState:
    """Put a filter that changes periodically behind the best chain if that halves the error."""
    if state.best is None or state.response is not None:
        return state
    kinds, worth = (*COPIES, _filters(context)), (WORTH_IT, WORTH_IT)
    state, found = _proposed(state.best, kinds, worth, state, context, move)
    return state if found is None else _kept(state, context, found)


def _drives(context: SearchContext) -> bool:
    """Tell whether more speaks for a drive, which changes the filter with the notes as well."""
    evidence = context.evidence()
    return max(map(drive, evidence)) > max(map(movement, evidence))


def _proposed(
    before: Candidate,
    kinds: Sequence["_Measure"],
    worth: tuple[float, float],
    state: SearchState,
    context: SearchContext,
    move: PlannedMove,
) -> tuple[SearchState, Candidate | None]:
    """Return a chain with what was measured behind it, None where it is not worth it.

    Worth says which share it must leave of what a steady filter and of what the best chain leaves.
    Nothing else is measured where little is left already. The state knows of movement that was
    refused since it is too slow.
    """
    of_steady, of_best = worth
    best, part = state.best, context.budget.portion(move.until)
    if best is None or part.over:
        return state, None
    if not context.leaves(state, WORTH_A_TRY):
        return state, None
    if max(map(movement, context.evidence())) <= 0.0:
        return state, None
    excerpts, rate = context.excerpts(state).whole, context.sample_rate
    levelled = levelled_parts(before, excerpts, rate)
    left = residual_esr(best, excerpts, rate)
    first = [each.first_sample for each in excerpts]
    useful: list[Measured] = []
    slow: list[SlowMovement] = []
    for measured in kinds:
        each = measured(levelled, rate, first, lambda: part.over)
        if isinstance(each, SlowMovement):
            slow.append(each)
        elif each is not None and each.checked <= min(of_steady * each.constant, of_best * left):
            useful.append(each)
            if each.checked <= WORTH_A_TRY:
                break
    if useful:
        nearest = min(useful, key=_judged)
        if steady_suffices(levelled, rate, nearest.checked / of_steady, lambda: part.over):
            return state, None
        return state, with_periodic_filter(before, nearest, state.latency_shifts)
    slowest = min(slow, key=lambda each: each.checked, default=None)
    return (state if slowest is None else replace(state, slow=slowest)), None


def _kept(state: SearchState, context: SearchContext, found: Candidate) -> SearchState:
    """Return the state with a candidate as the best, at its latency, if it is better."""
    there = replace(state, latency_shifts=found.latency_shifts)
    kept = context.keep(there, found, position(found))
    return state if kept.best is state.best else kept


def steady_suffices(
    parts: Sequence[AlignedAudio], sample_rate: int, bound: float, over: Callable[[], bool]
) -> bool:
    """Tell whether a filter that does not change leaves less than a bound of what it was not
    solved from.

    It is as long as measured responses are: short filters around a delay that moves imitate a long
    steady one, the echoes of which differ from note to note.
    """
    found = measure_response(parts, sample_rate, over=over, bound=bound)
    return found is not None and found.checked < bound


#: `(parts, sample_rate, first_samples, over) -> what was measured`
_Measure = Callable[
    [Sequence[AlignedAudio], int, Sequence[int], Callable[[], bool]],
    Measured | SlowMovement | None,
]


def _filters(context: SearchContext) -> _Measure:
    """Return what measures periodic filters, with the rates that a search knows already."""
    return partial(measure_periodic_filter, rate_of=context.rate_of)


def _of_one(
    measure: Callable[..., Measured | SlowMovement | None],
    parts: Sequence[AlignedAudio],
    sample_rate: int,
    first_samples: Sequence[int],
    over: Callable[[], bool],
) -> Measured | SlowMovement | None:
    """Measure a copy that moves, in one recording alone."""
    if len(parts) > 1:
        return None
    return measure(parts[0], sample_rate, first_samples[0], over)


#: What measures copies that move.
COPIES: tuple[_Measure, ...] = (
    lambda *given: _of_one(measure_delay, *given),
    lambda *given: _of_one(measure_allpass, *given),
)


def _judged(found: Measured) -> float:
    """Return the error by which kinds are compared."""
    needless = isinstance(found, MeasuredPeriodicFilter)
    return found.checked / WORTH_IT if needless else found.checked


def describe_slow(state: SearchState) -> tuple[str, ...]:
    """Return a sentence for the user where slow movement would explain more than what was found."""
    slow, best = state.slow, state.best
    if slow is None or best is None or best.loss is None:
        return ()
    if has_movement(best):
        return ()
    if slow.checked > WORTH_IT * min(slow.constant, best.loss):
        return ()
    return (
        "the effect moves, but by less than one period in what the chain was fitted to "
        f"({slow.seconds:.3g} s): what it does next cannot be told from that, so that no effect "
        "that moves was taken; match a longer recording",
    )
