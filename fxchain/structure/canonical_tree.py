"""A candidate as a tree of units with their own values, which rewriting rules take apart."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from fxchain.primitives import Primitive
from fxchain.stage import WEIGHT, Chain, Effect, Mix, OneChain, Stage, ids_by_path
from fxchain.structure.candidate import Candidate


@dataclass(frozen=True)
class Unit:
    """An effect.

    Attributes:
        effect: what it is
        values: physical, in the order of its controls
        free: which of them may be rewritten
    """

    effect: Effect
    values: tuple[float, ...]
    free: tuple[bool, ...]

    @property
    def primitive(self) -> Primitive:
        """Return what it states about itself."""
        return self.effect.primitive

    @property
    def all_free(self) -> bool:
        """Tell whether none of its controls is locked; those for stereo alone do not count."""
        specs = self.primitive.parameters
        whole = all(spec.stereo_only for spec in specs)
        pairs = zip(self.free, specs, strict=True)
        return all(free or (spec.stereo_only and not whole) for free, spec in pairs)

    @property
    def named(self) -> dict[str, float]:
        """Return the values by name."""
        return self.effect.arguments(np.array(self.values))

    def at(self, changed: Mapping[str, float]) -> "Unit | None":
        """Return it with some values changed; None where one is locked or out of range."""
        values = list(self.values)
        for index, spec in enumerate(self.primitive.parameters):
            new = changed.get(spec.name, values[index])
            if new == values[index]:
                continue
            if not self.free[index] or not spec.low <= new <= spec.high:
                return None
            values[index] = new
        return replace(self, values=tuple(values))

    def factor(self) -> float | None:
        """Return the constant that it multiplies by; None where it does anything else."""
        primitive = self.primitive
        if primitive.purpose != "level" or primitive.sections is None or not self.all_free:
            return None
        arguments = {
            name: torch.tensor([value], dtype=torch.float64) for name, value in self.named.items()
        }
        rows = primitive.sections(44_100.0, **arguments)[0].double().numpy()
        b, a = rows[:, :3], rows[:, 3:]
        if b[:, 1:].any() or a[:, 1:].any():
            return None
        return float(np.prod(b[:, 0] / a[:, 0]))


@dataclass(frozen=True)
class Branch:
    """A branch of a split.

    Attributes:
        weight: of its output in the sum
        free: whether the weight may be rewritten
        nodes: what it is made of
    """

    weight: float
    free: bool
    nodes: "Nodes" = ()


@dataclass(frozen=True)
class Split:
    """Branches side by side.

    Attributes:
        branches: at least one
        id: of the mix
    """

    branches: tuple[Branch, ...]
    id: str = ""


Node = Unit | Split
Nodes = tuple[Node, ...]


@dataclass(frozen=True)
class _Reading(OneChain[Nodes]):
    """A visitor that makes nodes; it is visited with 0, 1, 2 … as values."""

    candidate: Candidate
    ids: Mapping[str, str]

    def effect(self, effect: Effect, values: np.ndarray, path: str) -> Nodes:
        """Return a unit."""
        index = values.astype(np.intp)
        of, free = self.candidate.values[index], self.candidate.free[index]
        return (Unit(effect, tuple(map(float, of)), tuple(map(bool, free))),)

    def chain(self, stages: Sequence[Nodes], path: str) -> Nodes:
        """Return the nodes of all stages: nested chains are flattened."""
        return tuple(node for nodes in stages for node in nodes)

    def mix(self, branches: Sequence[tuple[float, Nodes]], path: str) -> Nodes:
        """Return a split."""
        return (
            Split(
                tuple(
                    Branch(
                        float(self.candidate.values[int(at)]),
                        bool(self.candidate.free[int(at)]),
                        nodes,
                    )
                    for at, nodes in branches
                ),
                self.ids[path],
            ),
        )


def nodes_of(candidate: Candidate) -> Nodes:
    """Return the nodes that a candidate's signal passes one after another."""
    reading = _Reading(candidate, ids_by_path(candidate.stage))
    return candidate.stage.visit(reading, np.arange(candidate.stage.size, dtype=np.float64))


def candidate_of(nodes: Nodes, like: Candidate) -> Candidate:
    """Return nodes as a candidate; its chain has the id of another one's where that is a chain."""
    name = like.stage.id if isinstance(like.stage, Chain) else ""
    stages = [_stage(node) for node in nodes]
    numbers = [pair for node in nodes for pair in _numbers(node)]
    return replace(
        like,
        stage=Chain(tuple(stages), name),
        values=np.array([value for value, _ in numbers], dtype=np.float64),
        free=np.array([free for _, free in numbers], dtype=bool),
    )


def same(one: Node, other: Node) -> bool:
    """Tell whether two nodes are equal in structure and values, and nothing in them is locked."""
    alike = _stage(one) == _stage(other) and _numbers(one) == _numbers(other)
    return alike and unlocked((one,))


def unlocked(nodes: Iterable[Node]) -> bool:
    """Tell whether nothing is locked."""
    for node in nodes:
        if isinstance(node, Unit):
            if not node.all_free:
                return False
        elif not all(branch.free and unlocked(branch.nodes) for branch in node.branches):
            return False
    return True


def scaled(branch: Branch, factor: float) -> Branch | None:
    """Return a branch at another weight; None where that is locked or out of range."""
    if factor == 1.0:
        return branch
    weight = branch.weight * factor
    if not branch.free or not WEIGHT.low <= weight <= WEIGHT.high:
        return None
    return replace(branch, weight=weight)


def _stage(node: Node) -> Stage:
    if isinstance(node, Unit):
        return node.effect
    branches = (Chain(tuple(map(_stage, branch.nodes))) for branch in node.branches)
    return Mix(tuple(branches), node.id)


def _numbers(node: Node) -> list[tuple[float, bool]]:
    """Return values with whether they are free, in the order of the stage's."""
    if isinstance(node, Unit):
        return list(zip(node.values, node.free, strict=True))
    found: list[tuple[float, bool]] = []
    for branch in node.branches:
        found.append((branch.weight, branch.free))
        found += [pair for each in branch.nodes for pair in _numbers(each)]
    return found
