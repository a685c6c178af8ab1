"""Biased waveshapers in place of distortions, kept where they lower the error."""

from fxchain.matching.search.context import SearchContext, position
from fxchain.matching.search.refine_latency import TRIAL
from fxchain.matching.search.second_order_steps import compare_after, quick
from fxchain.matching.search.state import PlannedMove, SearchState
from fxchain.primitives import generalizations
from fxchain.stage import Stage
from fxchain.structure.edits import with_exchanged

#: A waveshaper must lower the loss to this share to replace a distortion.
WORTH_A_WAVESHAPER = 0.8
#: A waveshaper is only tried where the distortion leaves this much.
WORTH_A_TRIAL = 3e-3


def kinds_of(stage: Stage) -> set[str]:
    """Return the kinds of effects in a chain."""
    return {slot.kind for slot in stage.slots()}


def try_waveshaper(state: SearchState, context: SearchContext, move: PlannedMove) -> SearchState:
    """Exchange distortions for biased waveshapers, and take these where they pay.

    Both take equally many steps from the same point.
    """
    best = state.best
    if best is None or not context.leaves(state, WORTH_A_TRIAL):
        return state
    general = {
        kind: more for kind, more in generalizations().items() if kind in kinds_of(best.stage)
    }
    if not general:
        return state
    cube, excerpts = position(best), context.excerpts(state).training.brief
    plain = context.error(state, best, excerpts)
    biased = with_exchanged(best.stage, general).of(best.at(plain.values(cube)))
    other = context.error(state, biased, excerpts)
    ends = compare_after(
        ((best, cube), (biased, other.cube(biased.values))),
        (plain, other),
        quick(TRIAL, "trial"),
        context.budget,
        move.until,
    )
    if ends is None:
        return state
    (straight, straight_loss), (bent, bent_loss) = ends
    state = context.keep(state, best, straight)
    if bent_loss >= WORTH_A_WAVESHAPER * straight_loss:
        return state
    kept = context.keep(state, biased, bent)
    if kept is state:
        return state
    return kept.found(waveshaper_ratio=bent_loss / straight_loss)
