"""Which edits of a chain would lower its error most, by the tangents of its output.

With r the residual of a fitted chain, J its Jacobian, δ the change that an effect would make at a
place, carried through what follows, and Δ the change where a unit t is left out,

    E ≈ min ‖r + Δ_t + J_F·d + c·δ‖² + Σ λ_i·d_i²     over d and c,

F the knobs that are left and a gain at the place. All δ are found in one pass: `Perturbations`
stand at every place of the chain. So each edit costs the solution of a small system.

Source:
    orthogonal matching pursuit (Pati et al. 1993) with the tangents of a nonlinear chain in the
    place of a dictionary; Optimal Brain Surgeon (Hassibi and Stork 1993) for what is left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor

from fxchain.objectives.excerpt import Excerpt
from fxchain.objectives.mean_error import make_objective
from fxchain.player import Playback
from fxchain.primitives import Primitive
from fxchain.structure.candidate import Candidate
from fxchain.structure.canonical_tree import Nodes, Split, Unit, candidate_of, nodes_of
from fxchain.structure.criterion import Complexity, complexity, price
from fxchain.structure.perturbations import Perturbations
from fxchain.structure.places import (
    Place,
    Target,
    exchanged,
    inserted,
    is_filter,
    nodes_at,
    places,
    run_start,
    targets,
)
from fxchain.structure.proposal import Insertion, Proposal, amounts_allowed, start_units

#: What it costs to move a knob across its range, as a share of the error, and of its curvature.
RIDGE, DAMPING = 0.1, 1e-4
#: The largest multiple of a start that tangents may ask for, and the least that counts.
MOST, LEAST = 2.0, 0.02
#: How many effects are inserted together at most, beginning with the best of so many kinds.
TOGETHER, EXTENDED = 3, 3


@dataclass(frozen=True)
class Choices:
    """What may be inserted into a chain.

    Attributes:
        primitives: kinds of effects
        echo_seconds: times of echoes that were found
    """

    primitives: tuple[Primitive, ...]
    echo_seconds: tuple[float, ...] = ()

    def of(self, filters: bool) -> tuple[Primitive, ...]:
        """Return those that are filters, or those that are not."""
        return tuple(each for each in self.primitives if (each.nature == "filter") == filters)


@dataclass
class _Spot:
    """A place, and what was tried there.

    Attributes:
        place: where
        primitives: what may be inserted there
        units: what was tried, in the order of its columns
        levels_db: of each, output over input
    """

    place: Place
    primitives: tuple[Primitive, ...]
    units: list[Unit] = field(default_factory=list)
    levels_db: list[float] = field(default_factory=list)

    def perturbations(self, choices: Choices, count: int) -> Perturbations:
        """Return the stage whose strengths are a gain at this place, and each effect."""

        def signals(audio: Tensor, playback: Playback) -> Tensor:
            self.units = start_units(self.primitives, audio.numpy(), playback, choices.echo_seconds)
            level = float(audio.norm()) + 1e-20
            changes, self.levels_db = [audio], []
            for unit in self.units:
                values = torch.tensor([unit.values], dtype=torch.float64)
                output = unit.effect.process(audio[None], playback, values)[0]
                louder = float(output.norm()) / level
                self.levels_db.append(20.0 * float(np.log10(louder + 1e-6)))
                changes.append(output - audio)
            return torch.stack(changes)

        return Perturbations(count, signals)


def propose(
    candidate: Candidate, excerpts: Sequence[Excerpt], sample_rate: int, choices: Choices
) -> list[Proposal]:
    """Return edits with the price that the tangents foretell, the least first.

    Args:
        candidate: the chain, near a minimum; its last stage is a gain that sets its level
        excerpts: what is compared
        sample_rate: Hz
        choices: what may be inserted
    """
    nodes = nodes_of(candidate)
    spots = _spots(nodes, choices)
    counts = [_count(spot, excerpts[0], sample_rate, choices) for spot in spots]
    grown, marks = nodes, {}
    for spot, count in reversed(list(zip(spots, counts, strict=True))):
        # from the last place of a series to the first, so that those before stay where they are
        stage = spot.perturbations(choices, count)
        marks[id(stage)] = spot
        unit = Unit(cast(Any, stage), (0.0,) * count, (True,) * count)
        grown = inserted(grown, spot.place, (unit,))
    perturbed = candidate_of(grown, candidate)
    objective = make_objective(
        perturbed.stage, perturbed.values, perturbed.free, excerpts, sample_rate
    )
    cube = objective.cube(perturbed.values)
    index = objective.jacobian_indices()
    owners = _owners(grown, marks)
    columns = [owners[i] for i in np.flatnonzero(perturbed.free)[index]]
    residual = objective.residual(cube)
    leaving = [
        _without(candidate, nodes, target, (excerpts, sample_rate, residual, objective.target))
        for target in targets(nodes)[:-1]
        if target.free
    ]
    rows = [objective.jacobian(cube, index), *(each.change[None] for each in leaving)]
    stacked = torch.from_numpy(np.concatenate([*rows, residual[None]]))
    tangents = _Tangents((stacked @ stacked.T).double().numpy(), columns, len(leaving))
    found = list(_insertions(tangents, nodes, candidate, spots))
    found += _further(tangents, nodes, candidate, spots, found)
    for number, each in enumerate(leaving):
        found += _removals(tangents, nodes, candidate, spots, (number, each))
    return sorted(found, key=lambda proposal: proposal.price)


def _spots(nodes: Nodes, choices: Choices) -> list[_Spot]:
    """Return every place that differs from others: filters only before a run of filters."""
    found = []
    for place in places(nodes):
        if not place.path and place.index == len(nodes):
            continue  # behind the gain at the end
        first = run_start(nodes, place) == place
        primitives = (*choices.of(filters=False), *(choices.of(filters=True) if first else ()))
        found.append(_Spot(place, primitives))
    return found


def _count(spot: _Spot, excerpt: Excerpt, sample_rate: int, choices: Choices) -> int:
    playback = Playback(sample_rate, excerpt.first_sample)
    return 1 + len(start_units(spot.primitives, excerpt.dry, playback, choices.echo_seconds))


def _owners(nodes: Nodes, marks: dict[int, _Spot]) -> list[tuple[_Spot | None, int]]:
    """Return for each value of the perturbed chain its spot with the number of its strength, or
    None with the number of the value in the chain itself."""
    found: list[tuple[_Spot | None, int]] = []
    own = 0

    def walk(inside: Nodes) -> None:
        nonlocal own
        for node in inside:
            if isinstance(node, Split):
                for branch in node.branches:
                    found.append((None, own))
                    own += 1
                    walk(branch.nodes)
            elif id(node.effect) in marks:
                spot = marks[id(node.effect)]
                found.extend((spot, number) for number in range(len(node.values)))
            else:
                for _ in node.values:
                    found.append((None, own))
                    own += 1

    walk(nodes)
    return found


@dataclass(frozen=True)
class _Leaving:
    """A target with the change that its absence makes at the best gain."""

    target: Target
    gain_db: float
    change: np.ndarray


def _without(
    candidate: Candidate,
    nodes: Nodes,
    target: Target,
    compared: tuple[Sequence[Excerpt], int, np.ndarray, np.ndarray],
) -> _Leaving:
    excerpts, sample_rate, residual, wet = compared
    left = candidate_of(exchanged(nodes, target, ()), candidate)
    objective = make_objective(left.stage, left.values, left.free, excerpts, sample_rate)
    played = objective.residual(objective.cube(left.values)) + wet
    energy = float(played @ played)
    factor = float(played @ wet) / energy if energy > 0.0 else 1.0
    factor = float(np.clip(factor, 0.03, 30.0))
    change = (factor * played - wet - residual).astype(np.float32)
    return _Leaving(target, 20.0 * float(np.log10(factor)), change)


@dataclass(frozen=True)
class _Tangents:
    """Inner products of all columns: strengths and knobs, then what leaves, then the residual.

    Attributes:
        gram: (columns, columns)
        columns: spot and number of each strength, None and number of each knob
        leaving: how many targets there are
    """

    gram: np.ndarray
    columns: Sequence[tuple[_Spot | None, int]]
    leaving: int

    def knobs(self, without: Target | None = None) -> np.ndarray:
        """Return the columns of the knobs that are left."""
        gone = range(without.first, without.first + without.count) if without else ()
        pairs = enumerate(self.columns)
        return np.array([i for i, (s, n) in pairs if s is None and n not in gone], dtype=int)

    def of(self, spot: _Spot) -> np.ndarray:
        """Return the columns of a spot: the gain first."""
        return np.array([i for i, (s, _) in enumerate(self.columns) if s is spot], dtype=int)

    def column(self, insertion: Insertion) -> int:
        """Return the column of an insertion."""
        for i, (spot, number) in enumerate(self.columns):
            if spot is None or not number or spot.place != insertion.place:
                continue
            if spot.units[number - 1] is insertion.unit:
                return i
        raise ValueError("the insertion has no column")

    def solved(
        self, known: np.ndarray, gone: int | None, tried: np.ndarray
    ) -> tuple[float, np.ndarray, np.ndarray]:
        """Return the error with the known columns alone, and for each tried one beside them its
        energy and its product with what is left.

        Args:
            known: columns that follow
            gone: number of the target that is left out
            tried: columns
        """
        gram, end = self.gram, len(self.gram) - 1
        base = np.array([end] if gone is None else [end, len(self.columns) + gone])
        fixed = float(gram[np.ix_(base, base)].sum())
        slope = gram[np.ix_(known, base)].sum(axis=1)
        inner = gram[np.ix_(known, known)]
        ridge = RIDGE * max(fixed, 0.0) + DAMPING * np.diag(inner) + 1e-15
        beside = gram[np.ix_(known, tried)]
        right = np.concatenate([slope[:, None], beside], axis=1)
        found = np.linalg.solve(inner + np.diag(ridge), right)
        left = max(fixed - float(slope @ found[:, 0]), 0.0)
        energy = gram[tried, tried] - np.einsum("ij,ij->j", beside, found[:, 1:])
        along = gram[np.ix_(tried, base)].sum(axis=1) - beside.T @ found[:, 0]
        return left, np.maximum(energy, 1e-5 * gram[tried, tried] + 1e-15), along


@dataclass(frozen=True)
class _Base:
    """What insertions are added to.

    Attributes:
        leaving: number of what is left out, and that; None: nothing
        before: insertions that are made already
        columns: their columns
    """

    leaving: tuple[int, _Leaving] | None = None
    before: tuple[Insertion, ...] = ()
    columns: tuple[int, ...] = ()


def _insertions(
    tangents: _Tangents,
    nodes: Nodes,
    candidate: Candidate,
    spots: Sequence[_Spot],
    base: _Base = _Base(),
) -> Iterator[Proposal]:
    """Yield every insertion, in the place of what leaves or beside all that is there."""
    number, gone = base.leaving if base.leaving is not None else (None, None)
    known = np.append(tangents.knobs(gone.target if gone else None), base.columns).astype(int)
    size = complexity(candidate)
    for spot in spots:
        if gone is not None and _within(spot.place, gone.target):
            continue
        columns = tangents.of(spot)
        if not len(columns):
            continue
        left, energies, alongs = tangents.solved(np.append(known, columns[0]), number, columns[1:])
        for unit, level_db, energy, along in zip(
            spot.units, spot.levels_db, energies, alongs, strict=True
        ):
            amount = -along / energy
            if unit.primitive.neutral is not None:
                low, high = amounts_allowed(unit, MOST)
                amount = min(max(amount, low), high)
            if abs(amount) < LEAST or (unit.primitive.neutral is None and amount <= 0.0):
                continue
            loss = float(max(left + 2.0 * amount * along + amount**2 * energy, 0.0))
            made = (*base.before, Insertion(spot.place, unit, float(amount), level_db))
            knobs = size.knobs + sum(sum(each.unit.free) for each in made)
            stages = size.stages + len(made)
            if gone is not None:
                knobs, stages = knobs - gone.target.count, stages - _effects(nodes, gone.target)
            yield Proposal(
                made,
                gone.target if gone else None,
                gone.gain_db if gone else 0.0,
                loss,
                price(loss, Complexity(knobs, stages)),
            )


def _further(
    tangents: _Tangents,
    nodes: Nodes,
    candidate: Candidate,
    spots: Sequence[_Spot],
    single: Sequence[Proposal],
) -> Iterator[Proposal]:
    """Yield, for the best insertion of each kind, the insertions that go best with it."""
    best: dict[str, Proposal] = {}
    for proposal in sorted(single, key=lambda each: each.price):
        best.setdefault(proposal.kind, proposal)
    for start in list(best.values())[:EXTENDED]:
        proposal = start
        for _ in range(TOGETHER - 1):
            columns = tuple(tangents.column(each) for each in proposal.insertions)
            base = _Base(before=proposal.insertions, columns=columns)
            more = _insertions(tangents, nodes, candidate, spots, base)
            found = min(more, key=lambda each: each.price, default=proposal)
            if found.price >= proposal.price:
                break
            proposal = found
            yield proposal


def _removals(
    tangents: _Tangents,
    nodes: Nodes,
    candidate: Candidate,
    spots: Sequence[_Spot],
    leaving: tuple[int, _Leaving],
) -> Iterator[Proposal]:
    """Yield a removal, and every insertion instead of what leaves."""
    number, each = leaving
    known = tangents.knobs(each.target)
    loss, _, _ = tangents.solved(known, number, np.zeros(0, dtype=int))
    before = complexity(candidate)
    left = Complexity(
        before.knobs - each.target.count, before.stages - _effects(nodes, each.target)
    )
    yield Proposal((), each.target, each.gain_db, loss, price(loss, left))
    if each.target.branch is None and not _is_mix(nodes, each.target):
        yield from _insertions(tangents, nodes, candidate, spots, _Base(leaving))


def _is_mix(nodes: Nodes, target: Target) -> bool:
    return isinstance(nodes_at(nodes, target.place.path)[target.place.index], Split)


def _within(place: Place, target: Target) -> bool:
    """Tell whether a place lies inside a target."""
    path, depth = target.place.path, len(target.place.path)
    inside = place.path[:depth] == path and len(place.path) > depth
    return inside and place.path[depth][0] == target.place.index


def _effects(nodes: Nodes, target: Target) -> int:
    """Return how many effects a target has."""
    node = nodes_at(nodes, target.place.path)[target.place.index]
    if target.branch is None or not isinstance(node, Split):
        return _size((node,))
    return _size(node.branches[target.branch].nodes)


def _size(nodes: Nodes) -> int:
    return sum(
        sum(_size(branch.nodes) for branch in node.branches) if isinstance(node, Split) else 1
        for node in nodes
    )


def selected(proposals: Sequence[Proposal], most: int) -> list[Proposal]:
    """Return the proposals that are worth a refit, of every kind of edit and effect some.

    The cheapest first, of each kind of effect two, of each effect at one place one; then the
    cheapest of each kind that is no filter and not among them, so that no species dies unseen. An
    effect that cannot be neutral is proposed beside the clean signal too.

    Args:
        proposals: the cheapest first
        most: how many of them, those of the last two sentences not counted
    """
    chosen: list[Proposal] = []
    counts: dict[tuple[str, int, bool], int] = {}
    used: set[tuple[str, int, Place | None, Target | None]] = set()
    for proposal in proposals:
        first = proposal.insertions[0] if proposal.insertions else None
        size, kind = len(proposal.insertions), proposal.kind
        key = (kind, size, None if first is None else first.place, proposal.target)
        group = (kind, size, proposal.target is not None)
        bends = first is not None and not is_filter(first.unit)
        fresh = bends and size == 1 and proposal.target is None and not counts.get(group)
        room = len(chosen) < most and counts.get(group, 0) < 2
        if key in used or not (room or fresh):
            continue
        used.add(key)
        counts[group] = counts.get(group, 0) + 1
        chosen.append(proposal)
        if fresh and room and first is not None and first.unit.primitive.neutral is None:
            chosen.append(replace(proposal, insertions=(replace(first, parallel=True),)))
    return chosen
