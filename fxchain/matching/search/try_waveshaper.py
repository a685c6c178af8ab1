"""Biased waveshapers in place of distortions, kept where they lower the error."""

from fxchain.matching.search.context import SearchContext, position
from fxchain.matching.search.refine_latency import TRIAL
from fxchain.matching.search.second_order_steps import compare_after, quick
from fxchain.matching.search.state import PlannedMove, SearchState
from fxchain.primitives import get_primitive
from fxchain.structure.candidate import Candidate
from fxchain.structure.edits import with_exchanged

#: A waveshaper must lower the loss to this share to replace a distortion.
WORTH_A_WAVESHAPER = 0.8
#: A waveshaper is only tried where the distortion leaves this much.
WORTH_A_TRIAL = 3e-3


def try_waveshaper(state: SearchState, context: SearchContext, move: PlannedMove) -> SearchState:
    """Exchange distortions for biased waveshapers, and take these where they pay.

    Both take equally many steps from the same point.
    """
    best = state.best
    if best is None or not context.leaves(state, WORTH_A_TRIAL):
        return state
    if "distortion" not in {slot.kind for slot in best.stage.slots()}:
        return state
    cube, excerpts = position(best), context.excerpts(state).training.brief
    plain = context.error(state, best, excerpts)
    rebuilt = with_exchanged(best.stage, {"distortion": get_primitive("waveshaper")})
    values = rebuilt.take(plain.values(cube))
    biased = Candidate(rebuilt.stage, values, rebuilt.take_free(best.free))
    other = context.error(state, biased, excerpts)
    ends = compare_after(
        ((best, cube), (biased, other.cube(values))),
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
