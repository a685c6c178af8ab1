"""What a search returns."""

from dataclasses import dataclass, field

import numpy as np

from fxchain.matching.search.front import FrontPoint, with_final
from fxchain.matching.search.measured_movement import describe_periodic
from fxchain.matching.search.response_stage import describe
from fxchain.matching.search.state import SearchState
from fxchain.matching.search.try_periodic_filter import describe_slow
from fxchain.matching.search.try_recurrent_cell import describe_cell
from fxchain.optim.budget import Budget
from fxchain.primitives.evidence import Evidence
from fxchain.stage import Stage


@dataclass(frozen=True)
class FitResult:
    """The best chain found.

    Attributes:
        stage: structure, stages that do nothing left out
        values: (size,), physical
        loss: ESR on the long excerpts, with the loudness weighting of the search
        history: one entry a step: phase, loss, step, seconds
        dropped: `path (kind)` of the stages left out
        notes: sentences for the user, such as a waveshaper that was used and why
        interrupted: the user stopped it early
        free: (size,), bool, which values were searched; None when that was not recorded, and then
            every value counts as searched
        kept: one (seconds, loss) for each chain that was the best so far, by this error
        latency_shifts: for each problem, how many samples later its wet was found to be than it
            was given; empty when all were as given
        front: simpler and more accurate chains, the simplest first; this one is among them
        chosen: its number in `front`
        evidence: what the first pair said before the search; None where it was not asked, or was
            aligned otherwise then
    """

    stage: Stage
    values: np.ndarray
    loss: float
    history: list[dict[str, float | str]] = field(default_factory=list)
    dropped: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    interrupted: bool = False
    free: np.ndarray | None = None
    kept: tuple[tuple[float, float], ...] = ()
    latency_shifts: tuple[float, ...] = ()
    front: tuple[FrontPoint, ...] = ()
    chosen: int = 0
    evidence: Evidence | None = None


def result_of(state: SearchState, budget: Budget, interrupted: bool) -> FitResult:
    """Return what a state has found.

    Raises:
        KeyboardInterrupt: nothing was found.
    """
    best = state.best
    if best is None or best.loss is None:
        raise KeyboardInterrupt
    front, chosen = with_final(state.front, best)
    return FitResult(
        stage=best.stage,
        values=best.values,
        free=best.free,
        loss=best.loss,
        history=budget.history,
        dropped=state.pruned,
        notes=_sentences(state),
        interrupted=interrupted,
        kept=state.accepted,
        latency_shifts=state.latency_shifts if any(state.latency_shifts) else (),
        front=front,
        chosen=chosen,
    )


def _sentences(state: SearchState) -> tuple[str, ...]:
    """Return what a search found out about the structure, for people."""
    found = () if state.response is None else (describe(state.response),)
    moving = (*describe_periodic(state.best), *describe_slow(state))
    return (*found, *moving, *describe_cell(state.best))
