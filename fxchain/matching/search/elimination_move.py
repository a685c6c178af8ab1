"""The best chain of a search, made as simple as its error allows."""

from collections.abc import Sequence
from dataclasses import replace

from fxchain.matching.search.context import BRIEF_SECONDS, SearchContext, position
from fxchain.matching.search.elimination import Rewriting, eliminate
from fxchain.matching.search.elimination_refit import PHASE
from fxchain.matching.search.front import FrontPoint, choose, front
from fxchain.matching.search.front_judgement import judged
from fxchain.matching.search.other_filters import OtherFilters
from fxchain.matching.search.state import PlannedMove, SearchState
from fxchain.objectives.excerpt import Excerpt
from fxchain.primitives import get_primitive
from fxchain.stage import Effect, Stage, stage_label
from fxchain.stage.identity import stages_by_path
from fxchain.structure.candidate import Candidate
from fxchain.structure.canonical import canonical
from fxchain.structure.pass_filters import with_passes_in_order
from fxchain.structure.removal import GAIN

#: Echoes that are later than this share of the brief excerpt are compared on a longer one.
LATE_SHARE = 0.4


def eliminate_stages(state: SearchState, context: SearchContext, move: PlannedMove) -> SearchState:
    """Leave out units of the best, and take the knee of the front.

    Those candidates of the path that no simpler one equals are judged on what their steps did not
    compare, and join the front. The knee is chosen, or the best within the template's bounds.
    """
    best = state.best
    if best is None or context.budget.portion(move.until).over:
        return state
    compared, gains = _compared(state, context, best), _has_gain(context.template.stage)
    rate = context.sample_rate
    path = eliminate(
        with_passes_in_order(best, rate) if gains else best,
        lambda candidate: context.error(state, candidate, compared),
        context.budget.portion(move.until),
        new_gains=gains,
        fewer_filters=_fewer_filters(context, compared) if gains else None,
    )
    if gains:  # the canonical form of a mix of one branch has a gain
        path = [with_passes_in_order(canonical(each), rate) for each in path]
    by_fit = front([FrontPoint(each, each.loss or 0.0, each.loss or 0.0) for each in path])
    points = judged(state, context, [each.candidate for each in by_fit], compared).front
    found = choose(points, context.template.bounds).candidate
    if found.stage == best.stage:
        return replace(state, front=points)
    # what was on the front before may be aligned otherwise than the best
    state = replace(state, latency_shifts=found.latency_shifts)
    found = context.evaluate(state, found, position(found))
    context.budget.report(PHASE, found.loss or 0.0)
    state = context.replaced(replace(state, front=points), found)
    return replace(state, pruned=left_out(best, found))


def _compared(
    state: SearchState, context: SearchContext, candidate: Candidate
) -> tuple[Excerpt, ...]:
    """Return short excerpts in which all that the chain does can be heard, its echoes too."""
    slots = candidate.stage.slots()
    times = [v for slot, v in zip(slots, candidate.values, strict=True) if slot.quantized]
    excerpts = context.excerpts(state)
    late = max(times, default=0.0) > LATE_SHARE * BRIEF_SECONDS
    return excerpts.short if late else excerpts.training.brief


def _fewer_filters(context: SearchContext, compared: Sequence[Excerpt]) -> Rewriting:
    """Return what exchanges filters, for those that the search may insert."""
    grows = [get_primitive(kind) for kind in context.template.grows]
    return OtherFilters(compared, context.sample_rate, grows).fewest


def _has_gain(stage: Stage) -> bool:
    """Tell whether the chain that was asked for has a gain, so that another one may join it."""
    return any(
        isinstance(each, Effect) and each.primitive is GAIN for _, each in stages_by_path(stage)
    )


def left_out(before: Candidate, after: Candidate) -> tuple[str, ...]:
    """Return `path (kind)` of the effects of a chain that another one does not have any more."""
    kept = {each.id for _, each in _effects(after)}
    return tuple(
        stage_label(path, each.primitive.kind)
        for path, each in _effects(before)
        if each.id not in kept
    )


def _effects(candidate: Candidate) -> list[tuple[str, Effect]]:
    placed = stages_by_path(candidate.stage)
    return [(path, each) for path, each in placed if isinstance(each, Effect)]
