"""The stages of a chain in their order."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from fxchain.preset.effects import Placed
from fxchain.stage import Chain, Effect, Stage
from fxchain.structure.candidate import Candidate


def top_stages(stage: Stage) -> tuple[Stage, ...]:
    """Return the stages of a chain, or the stage itself where it is none."""
    return stage.stages if isinstance(stage, Chain) else (stage,)


def with_top_stages(stage: Stage, stages: Iterable[Stage]) -> Chain:
    """Return a chain of other stages in the place of a stage; a chain keeps its id."""
    chain = stage if isinstance(stage, Chain) else Chain()
    return replace(chain, stages=tuple(stages))


def seen_by_autograd(stage: Stage) -> tuple[int, int]:
    """Return how many stages begin the chain of which autograd sees every control.

    Returns:
        the number of stages, and that of their values
    """
    count, size = 0, 0
    for each in top_stages(stage):
        if not all(slot.autograd_sees for slot in each.slots()):
            break
        count, size = count + 1, size + each.size
    return count, size


def split_before(
    stage: Stage, values: np.ndarray, free: np.ndarray, count: int
) -> tuple[Candidate, Candidate]:
    """Return a chain's first stages and those behind them, each as a chain.

    Args:
        stage: the chain's structure
        values: (size,), physical
        free: (size,), bool
        count: how many of the top stages belong to the first part

    Returns:
        head and tail; played in series they are the whole chain
    """
    stages = top_stages(stage)
    head, tail = Chain(stages[:count]), Chain(stages[count:])
    return (
        Candidate(head, values[: head.size], free[: head.size]),
        Candidate(tail, values[head.size :], free[head.size :]),
    )


class _InSeries:
    """A visitor that lists the effects outside of mixes."""

    def effect(self, effect: Effect, values: np.ndarray, path: str) -> list[Placed]:
        """Return the effect."""
        return [Placed(effect, values, path)]

    def chain(self, stages: Sequence[list[Placed]], path: str) -> list[Placed]:
        """Return those of all members."""
        return [placed for stage in stages for placed in stage]

    def mix(self, branches: Sequence[tuple[float, list[Placed]]], path: str) -> list[Placed]:
        """Return none."""
        return []

    def channels(self, branches: Sequence[list[Placed]], path: str) -> list[Placed]:
        """Return none."""
        return []


def in_series(stage: Stage, values: np.ndarray) -> list[Placed]:
    """Return the effects in signal order that all of the signal passes through."""
    return stage.visit(_InSeries(), values)
