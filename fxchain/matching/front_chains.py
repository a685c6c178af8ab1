"""The front of a search as a match keeps it, and back."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fxchain.matching.search.front import FrontPoint
from fxchain.matching.search.result import FitResult
from fxchain.preset import Preset
from fxchain.session.front import Front, FrontChain
from fxchain.structure.candidate import Candidate
from fxchain.structure.criterion import Bounds
from fxchain.wording import counted


def front_of(
    fitted: FitResult, sample_rate: int, chain: str, request: Mapping[str, Any]
) -> Front | None:
    """Return the chains that a search found, or None where it is only one.

    Args:
        fitted: what the search returned
        sample_rate: Hz
        chain: name of the chain that was searched
        request: files and options of the match
    """
    if len(fitted.front) < 2:
        return None
    chains = tuple(
        FrontChain(
            Preset(point.candidate.stage, point.candidate.values, sample_rate, {"chain": chain}),
            tuple(bool(free) for free in point.candidate.free),
            point.knobs,
            point.stages,
            point.fitted,
            point.judged,
            point.candidate.latency_shifts,
            chosen=number == fitted.chosen,
        )
        for number, point in enumerate(fitted.front)
    )
    return Front(chains, chain, request)


def points_of(front: Front) -> tuple[FrontPoint, ...]:
    """Return the chains of a match as a search had them."""
    return tuple(
        FrontPoint(
            Candidate(
                each.preset.stage,
                np.array(each.preset.values),
                np.array(each.free, dtype=bool),
                latency_shifts=each.latency_shifts,
            ),
            each.fitted_error,
            each.judged_error,
        )
        for each in front.chains
    )


def fit_of(points: Sequence[FrontPoint], number: int, notes: tuple[str, ...]) -> FitResult:
    """Return a point of a front as if the search had ended with it.

    Args:
        points: the front
        number: of the point
        notes: sentences for the user
    """
    point = points[number]
    return FitResult(
        stage=point.candidate.stage,
        values=point.candidate.values,
        loss=point.fitted,
        notes=notes,
        free=point.candidate.free,
        latency_shifts=point.candidate.latency_shifts,
        front=tuple(points),
        chosen=number,
    )


def beyond_bounds(fitted: FitResult, bounds: Bounds) -> tuple[str, ...]:
    """Say that no chain was found within the bounds, where that is so."""
    if not fitted.front:
        return ()
    taken = fitted.front[fitted.chosen]
    if bounds.admit(taken.complexity):
        return ()
    return (
        f"no chain within {bounds} was found; this is the simplest, with "
        f"{counted(taken.knobs, 'knob')} and {counted(taken.stages, 'stage')}",
    )
