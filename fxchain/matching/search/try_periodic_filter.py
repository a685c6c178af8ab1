"""A measured filter that changes periodically, behind nothing or behind the best chain.

It is either a copy of the sound with a delay that moves, beside it, or any filter at all: the one
that leaves less of what it was not solved from.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from fxchain.alignment.aligned_audio import AlignedAudio
from fxchain.fir.impulse_response_fit import measure_response
from fxchain.matching.search.context import SearchContext, position
from fxchain.matching.search.moving_stages import has_movement
from fxchain.matching.search.response_stage import (
    NOTHING,
    levelled_parts,
    residual_esr,
)
from fxchain.matching.search.state import PlannedMove, SearchState
from fxchain.periodic.measured import MeasuredPeriodicFilter, measure_periodic_filter
from fxchain.periodic.measured_delay import MeasuredDelay, measure_delay
from fxchain.periodic.slow_movement import SlowMovement
from fxchain.primitives import get_primitive
from fxchain.primitives.evidence import movement
from fxchain.stage import Chain, Effect, Stage
from fxchain.structure.candidate import Candidate
from fxchain.structure.series import top_stages

PERIODIC, DELAY = get_primitive("periodic_filter"), get_primitive("modulated_delay")
#: It is tried where the chain leaves this much.
WORTH_A_TRY = 1e-2
#: The error on what it was not solved from must be this share of what the best chain leaves, and of
#: what a filter leaves that does not change: at first, and where other effects were tried before.
#: Of what a chain leaves that moves itself, and may grow on, the second share suffices.
WORTH_IT_ALONE, WORTH_IT = 0.1, 0.5

Measured = MeasuredPeriodicFilter | MeasuredDelay


def try_periodic_filter_alone(
    state: SearchState, context: SearchContext, move: PlannedMove
) -> SearchState:
    """Take a filter that changes periodically for the whole device if that explains nearly all.

    Where an effect that moves began the population, only a delay is measured, which is soon done,
    and the population may still grow.
    """
    if context.template.locked:
        return state
    grows = bool(state.population.candidates)
    kinds = (_delays,) if grows else (_delays, _filters(context))
    worth = (WORTH_IT_ALONE, WORTH_IT if grows else WORTH_IT_ALONE)
    state, found = _proposed(NOTHING, kinds, worth, state, context, move)
    if found is None:
        return state
    if not grows:  # the errors of a population are weighted
        # it treats the decay of a note as it does the attack, as it was solved
        state = context.reweighted(state, 0.0)
    return context.keep(state, found, position(found))


def try_periodic_filter_instead(
    state: SearchState, context: SearchContext, move: PlannedMove
) -> SearchState:
    """Take a filter that changes periodically instead of all that was grown, likewise."""
    if context.template.locked or state.response is not None:
        return state
    kinds, worth = (_filters(context),), (WORTH_IT_ALONE, WORTH_IT_ALONE)
    state, found = _proposed(NOTHING, kinds, worth, state, context, move)
    return state if found is None else context.keep(state, found, position(found))


def try_periodic_filter(
    state: SearchState, context: SearchContext, move: PlannedMove
) -> SearchState:
    """Put a filter that changes periodically behind the best chain if that halves the error."""
    if state.best is None or state.response is not None:
        return state
    kinds, worth = (_delays, _filters(context)), (WORTH_IT, WORTH_IT)
    state, found = _proposed(state.best, kinds, worth, state, context, move)
    return state if found is None else context.keep(state, found, position(found))


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
        nearest = min(useful, key=lambda each: each.checked)
        if steady_suffices(levelled, rate, nearest.checked / of_steady, lambda: part.over):
            return state, None
        return state, with_periodic_filter(before, nearest)
    slowest = min(slow, key=lambda each: each.checked, default=None)
    return (state if slowest is None else replace(state, slow=slowest)), None


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


def _delays(
    parts: Sequence[AlignedAudio],
    sample_rate: int,
    first_samples: Sequence[int],
    over: Callable[[], bool],
) -> Measured | SlowMovement | None:
    """Measure a delay that moves, in one recording alone."""
    if len(parts) > 1:
        return None
    return measure_delay(parts[0], sample_rate, first_samples[0], over)


def with_periodic_filter(before: Candidate, found: Measured) -> Candidate:
    """Return a chain with what was measured behind it, whose rates and phases are free."""
    values = {"depth": 1.0, "mix": 1.0, "phase_degrees": 0.0, "second_phase_degrees": 0.0}
    if isinstance(found, MeasuredDelay):
        effect = Effect(DELAY, {"delays": found.delays, "responses": found.responses})
        rates = dict(zip(("rate_hz", "second_rate_hz"), found.rates_hz, strict=False))
    else:
        effect = Effect(PERIODIC, {"responses": found.responses}, apart=_apart(found))
        rates = {"rate_hz": found.rates_hz[0]}
    free = [*rates, *(name.replace("rate_hz", "phase_degrees") for name in rates)]
    specs = effect.primitive.parameters
    named = {spec.name: spec.default for spec in specs} | values | rates
    return Candidate(
        Chain((*top_stages(before.stage), effect)),
        np.array([*before.values, *(named[spec.name] for spec in specs)]),
        np.array([*before.free, *(spec.name in free for spec in specs)]),
    )


def _apart(found: MeasuredPeriodicFilter) -> tuple[tuple[float, ...], ...]:
    """Return by how much rate and phase differ in each recording but the first."""
    names = [spec.name for spec in PERIODIC.parameters]
    pairs = list(zip(found.rates_hz, found.phases_degrees, strict=True))
    rows = [
        {"rate_hz": hertz - pairs[0][0], "phase_degrees": degrees - pairs[0][1]}
        for hertz, degrees in pairs[1:]
    ]
    return tuple(tuple(row.get(name, 0.0) for name in names) for row in rows)


def has_periodic_filter(candidate: Candidate | None) -> bool:
    """Tell whether a chain has a measured filter that changes periodically, in its main line."""
    return candidate is not None and any(map(_is_periodic, top_stages(candidate.stage)))


def describe_periodic(candidate: Candidate | None) -> tuple[str, ...]:
    """Return a sentence for the user where a chain has a periodic filter."""
    if candidate is None or not has_periodic_filter(candidate):
        return ()
    slots = zip(candidate.stage.slots(), candidate.values, candidate.free, strict=True)
    found = [
        (slot.kind, f"{value:.3g}")
        for slot, value, free in slots
        if slot.kind in (PERIODIC.kind, DELAY.kind) and free and slot.spec.name.endswith("rate_hz")
    ]
    rates = " and ".join(rate for _, rate in found)
    if any(kind == DELAY.kind for kind, _ in found):
        return (
            f"the effect moves, at {rates} Hz: the delay of a copy was measured, with the filters "
            "of both, and stands at the end of the chain. Rate and phase are those of this "
            "recording; render --align-to finds those of another; --only-knobs leaves it out",
        )
    several = _recordings(candidate.stage)
    if several > 1:
        return (
            f"the effect moves, at {rates} Hz: a filter that changes periodically was measured in "
            f"{several} recordings together and stands at the end of the chain. Rate and phase are "
            "those of the first, those of the others are in metrics.json; render --align-to finds "
            "those of another; --only-knobs leaves it out",
        )
    return (
        f"the effect moves, at {rates} Hz: a filter that changes periodically was measured and "
        "stands at the end of the chain. It captures what was played in this recording, rate and "
        "phase included, not the device; --only-knobs leaves it out",
    )


def _recordings(stage: Stage) -> int:
    """Return how many recordings the periodic filters of a chain were measured in."""
    periodic = [each for each in top_stages(stage) if isinstance(each, Effect)]
    counts = (1 + len(each.apart) for each in periodic if each.primitive is PERIODIC)
    return max(counts, default=1)


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


def _is_periodic(stage: Stage) -> bool:
    return isinstance(stage, Effect) and stage.primitive in (PERIODIC, DELAY)
