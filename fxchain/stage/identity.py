"""The ids of stages: they stay when a chain is edited, while paths shift."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from fxchain.stage.base import Stage
from fxchain.stage.chain import Chain
from fxchain.stage.effect import Effect
from fxchain.stage.mix import Mix
from fxchain.stage.per_channel import PerChannel
from fxchain.stage.slot import below


def stages_by_path(stage: Stage, path: str = "") -> Iterator[tuple[str, Stage]]:
    """Yield the path of a stage and of each stage in it, and the stage itself, parents first."""
    yield path, stage
    if isinstance(stage, Chain):
        for index, part in enumerate(stage.stages):
            yield from stages_by_path(part, below(path, "chain", index))
    elif isinstance(stage, Mix):
        for index, branch in enumerate(stage.branches):
            yield from stages_by_path(branch, below(path, "mix", index))
    elif isinstance(stage, PerChannel):
        for index, branch in enumerate(stage.branches):
            yield from stages_by_path(branch, below(path, "channels", index))


def ids_by_path(stage: Stage) -> Mapping[str, str]:
    """Return the id of each stage by its path; empty where it has none."""
    return {path: _id(each) for path, each in stages_by_path(stage)}


def in_recording(stage: Stage, values: np.ndarray, number: int) -> tuple[Stage, np.ndarray]:
    """Return a chain as it is in one of the recordings that it was found from, and in no other.

    Args:
        stage: the chain
        values: (size,), physical
        number: of the recording
    """
    effects = {path: each for path, each in stages_by_path(stage) if isinstance(each, Effect)}
    if not any(each.apart for each in effects.values()):
        return stage, values
    own, slots = np.array(values), stage.slots()
    for path, effect in effects.items():
        if 0 < number <= len(effect.apart):
            places = [at for at, slot in enumerate(slots) if slot.path == path]
            own[places] += effect.apart[number - 1]
    return _alone(stage), own


def _alone(stage: Stage) -> Stage:
    """Return a chain of which nothing is known in other recordings."""
    if isinstance(stage, Chain):
        return replace(stage, stages=tuple(map(_alone, stage.stages)))
    if isinstance(stage, Mix | PerChannel):
        return replace(stage, branches=tuple(map(_alone, stage.branches)))
    return replace(stage, apart=()) if isinstance(stage, Effect) else stage


def with_ids(stage: Stage) -> Stage:
    """Return the stage with an id for every stage in it.

    Ids that are there stay, but for the second of two equal ones. New ones are s1, s2, … in signal
    order, from the first number above those in use: equal stages get equal ids.
    """
    ids = [_id(each) for _, each in stages_by_path(stage)]
    if all(ids) and len(set(ids)) == len(ids):
        return stage
    numbers = (int(each[1:]) for each in ids if each[:1] == "s" and each[1:].isdecimal())
    return _Numbering(max(numbers, default=0)).numbered(stage)


class _Numbering:
    """Gives ids to a stage and those in it, in signal order."""

    def __init__(self, highest: int) -> None:
        self._highest = highest
        self._used: set[str] = set()

    def numbered(self, stage: Stage) -> Stage:
        """Return the stage with ids."""
        if not isinstance(stage, Effect | Chain | Mix | PerChannel):
            return stage
        name = stage.id
        if not name or name in self._used:
            self._highest += 1
            name = f"s{self._highest}"
        self._used.add(name)
        if isinstance(stage, Chain):
            return replace(stage, id=name, stages=tuple(map(self.numbered, stage.stages)))
        if isinstance(stage, Mix | PerChannel):
            return replace(stage, id=name, branches=tuple(map(self.numbered, stage.branches)))
        return replace(stage, id=name)


def _id(stage: Stage) -> str:
    return stage.id if isinstance(stage, Effect | Chain | Mix | PerChannel) else ""
