"""A stage with parts left out or effects exchanged, and where its values come from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from fxchain.primitives import Primitive
from fxchain.stage import Chain, Effect, Mix, Stage


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

    def take(self, old: np.ndarray, defaults: bool = True) -> np.ndarray:
        """Return the values of the new structure."""
        slots = self.stage.slots()
        return np.array(
            [
                old[source] if source >= 0 else slot.spec.default
                for source, slot in zip(self.sources, slots, strict=True)
            ],
            dtype=np.float64,
        )

    def take_free(self, old: np.ndarray) -> np.ndarray:
        """Return which values are free: those taken over as they were, new ones yes."""
        return np.array([old[s] if s >= 0 else True for s in self.sources], dtype=bool)


@dataclass(frozen=True)
class _Rebuilding:
    """A visitor whose values are indices of values.

    Attributes:
        dropped: paths of chain members and mix branches to leave out
        exchanged: effects' kinds and what comes in their place, controls matched by name
    """

    dropped: frozenset[str] = frozenset()
    exchanged: Mapping[str, Primitive] = field(default_factory=dict)

    def effect(self, effect: Effect, values: np.ndarray, path: str) -> Rebuilt:
        """Return the effect or what it is exchanged for."""
        old = effect.primitive
        new = self.exchanged.get(old.kind, old)
        places = {spec.name: int(v) for spec, v in zip(old.parameters, values, strict=True)}
        sources = tuple(places.get(spec.name, -1) for spec in new.parameters)
        return Rebuilt(Effect(new, effect.impulse_response), sources)

    def chain(self, stages: Sequence[Rebuilt], path: str) -> Rebuilt:
        """Return the chain of those that stay."""
        prefix = f"{path}.chain" if path else "chain"
        kept = [part for i, part in enumerate(stages) if f"{prefix}[{i}]" not in self.dropped]
        sources = tuple(source for part in kept for source in part.sources)
        return Rebuilt(Chain(tuple(part.stage for part in kept)), sources)

    def mix(self, branches: Sequence[tuple[float, Rebuilt]], path: str) -> Rebuilt:
        """Return the mix of those that stay."""
        prefix = f"{path}.mix" if path else "mix"
        kept = [pair for i, pair in enumerate(branches) if f"{prefix}[{i}]" not in self.dropped]
        sources = tuple(s for weight, part in kept for s in (int(weight), *part.sources))
        return Rebuilt(Mix(tuple(part.stage for _, part in kept)), sources)


def without_parts(stage: Stage, dropped: frozenset[str]) -> Rebuilt:
    """Return the stage without the chain members and mix branches at these paths."""
    return stage.visit(_Rebuilding(dropped=dropped), np.arange(stage.size, dtype=np.float64))


def with_exchanged(stage: Stage, exchanged: Mapping[str, Primitive]) -> Rebuilt:
    """Return the stage with each effect of a kind exchanged for another."""
    visitor = _Rebuilding(exchanged=exchanged)
    return stage.visit(visitor, np.arange(stage.size, dtype=np.float64))


@dataclass(frozen=True)
class _Listing:
    """A visitor that lists what may be left out: (path, kinds in it)."""

    def effect(self, effect: Effect, values: np.ndarray, path: str) -> list[tuple[str, str]]:
        """Return the effect's own path."""
        return [(path, effect.primitive.kind)]

    def chain(self, stages: Sequence[list[tuple[str, str]]], path: str) -> list[tuple[str, str]]:
        """Return all members."""
        return [entry for entries in stages for entry in entries]

    def mix(
        self, branches: Sequence[tuple[float, list[tuple[str, str]]]], path: str
    ) -> list[tuple[str, str]]:
        """Return each branch as a whole, and the mix itself."""
        prefix = f"{path}.mix" if path else "mix"
        within = [entry for _, entries in branches for entry in entries]
        inner = [entry for entry in within if ".chain[" in entry[0].removeprefix(prefix)]
        whole = [(f"{prefix}[{i}]", "branch") for i in range(len(branches))]
        return [*inner, *(whole if len(branches) > 1 else []), (path, "mix")]


def removable(stage: Stage) -> list[tuple[str, str]]:
    """Return the (path, kind) of every chain member and mix branch; `""` is never among them."""
    found = stage.visit(_Listing(), np.zeros(stage.size))
    return [(path, kind) for path, kind in found if path]
