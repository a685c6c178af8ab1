"""The parts of a stage, and a stage with effects exchanged and where its values come from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from fxchain.primitives import Primitive
from fxchain.stage import Chain, Effect, Mix, OneChain, Stage, ids_by_path
from fxchain.stage.slot import below
from fxchain.structure.candidate import Candidate


@dataclass(frozen=True)
class Rebuilt:
    """A new structure.

    Attributes:
        stage: what was built
        sources: for each of its values the index of the old value it takes over, or -1 for the
            default of its control
    """

    stage: Stage
    sources: tuple[int, ...]

    def take(self, old: np.ndarray) -> np.ndarray:
        """Return the values of the new structure."""
        slots = self.stage.slots()
        return np.array(
            [
                old[source] if source >= 0 else slot.spec.default
                for source, slot in zip(self.sources, slots, strict=True)
            ],
            dtype=np.float64,
        )

    def of(self, candidate: Candidate) -> Candidate:
        """Return the new structure with the values of the old one."""
        values, free = self.take(candidate.values), self.take_free(candidate.free)
        return Candidate(self.stage, values, free)

    def take_free(self, old: np.ndarray) -> np.ndarray:
        """Return which values are free: those taken over as they were, new ones yes."""
        return np.array([old[s] if s >= 0 else True for s in self.sources], dtype=bool)


@dataclass(frozen=True)
class _Rebuilding(OneChain[Rebuilt]):
    """A visitor whose values are indices of values.

    Attributes:
        exchanged: effects' kinds and what comes in their place, controls matched by name
        ids: of the stages, by path; those of what stays are kept
    """

    ids: Mapping[str, str]
    exchanged: Mapping[str, Primitive] = field(default_factory=dict)

    def effect(self, effect: Effect, values: np.ndarray, path: str) -> Rebuilt:
        """Return the effect or what it is exchanged for."""
        old = effect.primitive
        new = self.exchanged.get(old.kind, old)
        if new is old:
            return Rebuilt(effect, tuple(int(value) for value in values))
        places = {spec.name: int(v) for spec, v in zip(old.parameters, values, strict=True)}
        sources = tuple(places.get(spec.name, -1) for spec in new.parameters)
        assets = {name: effect.assets[name] for name in new.assets if name in effect.assets}
        return Rebuilt(Effect(new, assets, effect.id), sources)

    def chain(self, stages: Sequence[Rebuilt], path: str) -> Rebuilt:
        """Return the chain of all stages."""
        sources = tuple(source for part in stages for source in part.sources)
        return Rebuilt(Chain(tuple(part.stage for part in stages), self.ids[path]), sources)

    def mix(self, branches: Sequence[tuple[float, Rebuilt]], path: str) -> Rebuilt:
        """Return the mix of all branches."""
        sources = tuple(s for weight, part in branches for s in (int(weight), *part.sources))
        return Rebuilt(Mix(tuple(part.stage for _, part in branches), self.ids[path]), sources)


def with_exchanged(stage: Stage, exchanged: Mapping[str, Primitive]) -> Rebuilt:
    """Return the stage with each effect of a kind exchanged for another."""
    visitor = _Rebuilding(ids_by_path(stage), exchanged)
    return stage.visit(visitor, np.arange(stage.size, dtype=np.float64))


@dataclass(frozen=True)
class Part:
    """A part of a chain that may be left out: a member of a chain, or a branch of a mix.

    Attributes:
        path: where it stands
        kind: of an effect; `mix`, or `branch`
        inside: the paths of the parts that contain it
        siblings: the paths of the other branches of its mix, of a branch
    """

    path: str
    kind: str
    inside: frozenset[str] = frozenset()
    siblings: frozenset[str] = frozenset()


class _Parts(OneChain[list[Part]]):
    """A visitor that lists the parts of a stage."""

    def effect(self, effect: Effect, values: np.ndarray, path: str) -> list[Part]:
        """Return the effect itself."""
        return [Part(path, effect.primitive.kind)]

    def chain(self, stages: Sequence[list[Part]], path: str) -> list[Part]:
        """Return the parts of all members."""
        return [part for parts in stages for part in parts]

    def mix(self, branches: Sequence[tuple[float, list[Part]]], path: str) -> list[Part]:
        """Return what lies in the branches, each branch as a whole, and the mix itself."""
        paths = [below(path, "mix", index) for index in range(len(branches))]
        # an effect or a mix that is a branch by itself has its path, and is left out with it
        within = [
            replace(part, inside=part.inside | {branch, path})
            for branch, (_, parts) in zip(paths, branches, strict=True)
            for part in parts
            if part.path != branch
        ]
        whole = [
            Part(branch, "branch", frozenset({path}), frozenset(paths) - {branch})
            for branch in (paths if len(paths) > 1 else [])
        ]
        return [*within, *whole, Part(path, "mix")]


def removable(stage: Stage) -> list[Part]:
    """Return every member of a chain and every branch of a mix, but not the stage itself."""
    return [part for part in stage.visit(_Parts(), np.zeros(stage.size)) if part.path]
