"""A search for each channel, where the channels of a wet went through devices of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from fxchain.errors import MatchError
from fxchain.matching.search.result import FitResult
from fxchain.optim.budget import Budget, Progress
from fxchain.recordings.problem import Problem
from fxchain.recordings.several_pairs import AlignedPairs, with_latency_shifts
from fxchain.stage import PerChannel
from fxchain.structure.template import Template

SIDES = ("left", "right")

#: Searches one channel: its problem, its chain, its limit, and whether it is the first.
Search = Callable[[Problem, Template, Budget, bool], FitResult]


def search_channels(
    aligned: AlignedPairs, templates: tuple[Template, ...], budget: Budget, search: Search
) -> FitResult:
    """Find a chain for each channel of a pair.

    The channel that a level explains best is searched first, for at most half of the time; the
    other gets what is left, and the latency that was found with the first, fractions included:
    both were recorded by one converter.

    Args:
        aligned: one pair of two channels in line
        templates: what is searched in each channel, made for it
        budget: of both searches
        search: searches one of them

    Returns:
        both chains as one `PerChannel`, without a front

    Raises:
        MatchError, KeyboardInterrupt: what `search` raises.
    """
    first, second = sorted(range(2), key=lambda channel: _level_error(aligned, channel))
    part = _part(budget, 0.5, 0.0)
    found = {first: search(_problem(aligned, first), templates[first], part, True)}
    shifts = found[first].latency_shifts
    if any(shifts):
        aligned = with_latency_shifts(aligned, shifts)
    rest = _part(budget, 1.0, max(part.used * 0.5, 1e-9), taken=part.taken)
    if found[first].interrupted:
        rest = Budget(steps=1, clock=budget.clock)
    problem = replace(_problem(aligned, second), latency_known=True)
    found[second] = search(problem, templates[second], rest, False)
    later = [_later(row, part) for row in found[second].history]
    return _joined(found[0], found[1], found[first].history + later, shifts)


def channel_templates(template: Template) -> tuple[Template, Template]:
    """Return what is searched in each channel: a chain for each where the template has them."""
    stage = template.stage
    if not isinstance(stage, PerChannel):
        return template, template
    if len(stage.branches) != 2:
        raise MatchError(f"{template.name}: it has no chain for each of the two channels")
    middle = stage.branches[0].size
    first, second = (
        replace(template, stage=branch, values=template.values[span], free=template.free[span])
        for branch, span in zip(
            stage.branches, (slice(0, middle), slice(middle, None)), strict=True
        )
    )
    return first, second


def _part(budget: Budget, until: float, used: float, taken: int = 0) -> Budget:
    """Return what lies between two shares of a budget as a budget of its own, which begins now."""
    share = until - used
    progress = budget.progress
    told: Progress | None = None
    if progress is not None:

        def told(phase: str, loss: float, done: float) -> None:
            progress(phase, loss, used + share * done)

    seconds = None if budget.seconds is None else share * budget.seconds
    steps = None if budget.steps is None else max(round(until * budget.steps) - taken, 1)
    return Budget(seconds=seconds, steps=steps, clock=budget.clock, progress=told)


def _later(row: dict[str, float | str], before: Budget) -> dict[str, float | str]:
    """Return a row of the history of a search that followed another."""
    step, seconds = float(row["step"]) + before.taken, float(row["seconds"]) + before.elapsed
    return {**row, "step": step, "seconds": seconds}


def _problem(aligned: AlignedPairs, channel: int) -> Problem:
    """Return the fitted part of one channel."""
    problem = aligned.pairs[0].problem
    part = slice(channel, channel + 1)
    return replace(problem, dry=problem.dry[part], wet=problem.wet[part])


def _level_error(aligned: AlignedPairs, channel: int) -> float:
    """Return the share of a wet channel that the dry at its best level does not explain."""
    problem = _problem(aligned, channel)
    dry, wet = (
        np.asarray(each[0, problem.first_valid :], dtype=np.float64)
        for each in (problem.dry, problem.wet)
    )
    product = float(dry @ wet) ** 2
    return 1.0 - product / max(float(dry @ dry) * float(wet @ wet), 1e-30)


def _joined(
    left: FitResult,
    right: FitResult,
    history: list[dict[str, float | str]],
    shifts: tuple[float, ...],
) -> FitResult:
    """Return the chains of both channels as one result."""
    parts = (left, right)
    free = [np.ones(p.stage.size, dtype=bool) if p.free is None else p.free for p in parts]
    named = list(zip(SIDES, parts, strict=True))
    return FitResult(
        stage=PerChannel((left.stage, right.stage)),
        values=np.concatenate([left.values, right.values]),
        free=np.concatenate(free),
        loss=(left.loss + right.loss) / 2.0,
        history=history,
        dropped=tuple(f"{side}: {what}" for side, part in named for what in part.dropped),
        notes=tuple(f"{side} channel: {note}" for side, part in named for note in part.notes),
        interrupted=left.interrupted or right.interrupted,
        latency_shifts=shifts,
    )
