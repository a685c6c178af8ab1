"""Neighbours in the main line of a chain the other way round."""

from collections.abc import Iterator, Sequence

import numpy as np

from fxchain.objectives.excerpt import Excerpt
from fxchain.objectives.play_excerpt import play_excerpt
from fxchain.stage import Chain, Effect, Stage
from fxchain.structure.candidate import Candidate
from fxchain.structure.removal import with_level
from fxchain.structure.series import split_before, top_stages, with_top_stages


def exchanged(
    candidate: Candidate, begin: int, middle: int, end: int, excerpt: Excerpt, sample_rate: int
) -> Iterator[Candidate]:
    """Yield starting points for the chain with top stages begin … middle behind middle … end.

    A free gain sets the level in the end. In the first the values are as they were; in the second
    those stages that come first now expect the level which is there, as far as their primitives
    state what a gain before them equals.

    Args:
        candidate: the chain
        begin: place of the first stage of the first part
        middle: of the second part
        end: behind the second part
        excerpt: on which levels are measured
        sample_rate: Hz
    """
    stages = top_stages(candidate.stage)
    order = [*range(begin), *range(middle, end), *range(begin, middle), *range(end, len(stages))]
    starts = np.cumsum([0, *(stage.size for stage in stages)])
    spans = [np.arange(starts[place], starts[place + 1]) for place in order]
    sources = np.concatenate([*spans, np.empty(0)]).astype(np.intp)
    stage = with_top_stages(candidate.stage, [stages[place] for place in order])
    yield with_level(Candidate(stage, candidate.values[sources], candidate.free[sources]))
    here, there = (
        _peak_db(
            split_before(candidate.stage, candidate.values, candidate.free, count)[0],
            excerpt,
            sample_rate,
        )
        for count in (begin, middle)
    )
    values = candidate.values.copy()
    for place in range(middle, end):
        span = slice(starts[place], starts[place + 1])
        shifted = _behind_gain(stages[place], values[span], there - here)
        values[span] = np.where(candidate.free[span], shifted, values[span])
    yield with_level(Candidate(stage, values[sources], candidate.free[sources]))


def commute(first: Sequence[Stage], then: Sequence[Stage]) -> bool:
    """Tell whether two parts are a limit and an odd, increasing curve: one equals the other order
    at another limit."""
    if len(first) != 1 or len(then) != 1:
        return False
    pair = [each.primitive for each in (*first, *then) if isinstance(each, Effect)]
    if len(pair) < 2 or not all(primitive.odd_increasing for primitive in pair):
        return False
    return any(primitive.limit is not None for primitive in pair)


def _behind_gain(stage: Stage, values: np.ndarray, gain_db: float) -> np.ndarray:
    """Return the values at which an effect does what it did behind a gain, but for the level."""
    if not isinstance(stage, Effect):
        return values
    primitive = stage.primitive
    shifts = dict(primitive.gain_shifts or {})
    if primitive.input_gain is not None:
        shifts = {primitive.input_gain: 1.0}
    moved = [
        np.clip(value + shifts.get(spec.name, 0.0) * gain_db, spec.low, spec.high)
        for spec, value in zip(primitive.parameters, values, strict=True)
    ]
    return np.array(moved, dtype=np.float64)


def _peak_db(head: Candidate, excerpt: Excerpt, sample_rate: int) -> float:
    """Return the peak behind a chain, dB."""
    played = excerpt.dry
    if isinstance(head.stage, Chain) and head.stage.stages:
        played = play_excerpt(head.stage, head.values, excerpt, sample_rate)
    return float(20.0 * np.log10(max(float(np.abs(played).max()), 1e-6)))
