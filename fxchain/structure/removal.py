"""Units of a chain left out: effects, branches of a mix, mixes.

A mix of which one branch is left becomes that branch, its weight a gain behind it; two branches
without effects become one.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from fxchain.primitives import Primitive, get_primitive
from fxchain.stage import Chain, Effect, Mix, OneChain, Slot, Stage, ids_by_path
from fxchain.stage.slot import below
from fxchain.structure.candidate import Candidate
from fxchain.structure.edits import Part, removable
from fxchain.structure.equalizer_bands import level_index
from fxchain.structure.series import top_stages, with_top_stages

GAIN, INVERT = get_primitive("gain"), get_primitive("invert")
#: A change of level by less, dB, is none.
LEAST_GAIN_DB = 0.01


@dataclass(frozen=True)
class Removal:
    """A candidate without some units.

    Attributes:
        candidate: what is left, at the values that it had
        sources: for each of its values the index of the old value it takes over, or -1
    """

    candidate: Candidate
    sources: np.ndarray


def removable_units(candidate: Candidate) -> list[Part]:
    """Return the units of a candidate that may go, in signal order.

    An effect of which every value is fixed stays, and so do a fixed weight and what contains them.
    """
    pairs = list(zip(candidate.stage.slots(), candidate.free, strict=True))
    units: dict[str, Part] = {}
    for part in removable(candidate.stage):
        # a branch and the effect that it consists of are the same unit
        if part.path not in units and _may_go(part, pairs):
            units[part.path] = part
    return list(units.values())


def _may_go(part: Part, pairs: Sequence[tuple[Slot, bool]]) -> bool:
    inside = [pair for pair in pairs if _is_within(pair[0].path, part.path)]
    kept = {slot.stage_id for slot, _ in inside if slot.kind != "mix"}
    kept -= {slot.stage_id for slot, free in inside if free}
    return not kept and all(free for slot, free in inside if slot.kind == "mix")


def _is_within(path: str, whole: str) -> bool:
    return path == whole or path.startswith(f"{whole}.")


def compatible(unit: Part, others: Collection[Part]) -> bool:
    """Tell whether a unit can go together with others: neither contains another, nor is it the
    other branch of the same mix."""
    paths = {other.path for other in others}
    around = {path for other in others for path in other.inside | other.siblings}
    return not (unit.path in paths | around or paths & (unit.inside | unit.siblings))


def lost_knobs(candidate: Candidate, unit: Part) -> int:
    """Return how many free values a unit has."""
    pairs = zip(candidate.stage.slots(), candidate.free, strict=True)
    return sum(free for slot, free in pairs if _is_within(slot.path, unit.path))


def is_in_series(unit: Part) -> bool:
    """Tell whether all of the signal passes through a unit."""
    return ".mix[" not in f".{unit.path}"


def with_level(candidate: Candidate) -> Candidate:
    """Return a candidate with a free gain behind all that is not linear, which sets its level."""
    stages = top_stages(candidate.stage)
    sizes = np.cumsum([0, *(stage.size for stage in stages)])
    spans = [slice(*pair) for pair in pairwise(sizes.tolist())]
    for stage, span in reversed(list(zip(stages, spans, strict=True))):
        if not isinstance(stage, Effect) or stage.primitive.nature != "filter":
            break
        if stage.primitive is GAIN and candidate.free[span].all():
            return candidate
    return replace(
        candidate,
        stage=with_top_stages(candidate.stage, (*stages, Effect(GAIN))),
        values=np.append(candidate.values, 0.0),
        free=np.append(candidate.free, True),
    )


def level_path(candidate: Candidate) -> str:
    """Return the path of the gain that sets the level; empty where there is none."""
    index = level_index(candidate.stage, candidate.values, candidate.free)
    return "" if index is None else candidate.stage.slots()[index].path


def without_units(
    candidate: Candidate, units: Collection[Part], gain_db: float = 0.0, new_gains: bool = True
) -> Removal:
    """Return a candidate without some units.

    Args:
        candidate: the chain
        units: what goes
        gain_db: a change of level that makes up for it: by the last free gain of the main line,
            or by a gain in the place of the first unit in series
        new_gains: whether there may be new gains; else a mix of one branch keeps its weight
    """
    places = {unit.path for unit in units}
    removal = _removed(candidate, frozenset(places), {}, new_gains)
    if abs(gain_db) < LEAST_GAIN_DB:
        return removal
    left = removal.candidate
    index = level_index(left.stage, left.values, left.free)
    if index is not None:
        values = left.values.copy()
        spec = left.stage.slots()[index].spec
        values[index] = np.clip(values[index] + gain_db, spec.low, spec.high)
        return Removal(left.at(values), removal.sources)
    place = next((unit.path for unit in units if is_in_series(unit)), None)
    if place is None or not new_gains:
        return removal
    return _removed(candidate, frozenset(places), {place: gain_db}, new_gains)


def _removed(
    candidate: Candidate, dropped: frozenset[str], gains: Mapping[str, float], new_gains: bool
) -> Removal:
    stage = candidate.stage
    visitor = _Removing(candidate, ids_by_path(stage), dropped, gains, new_gains)
    piece = stage.visit(visitor, np.arange(stage.size, dtype=np.float64))
    left = Candidate(piece.stage, np.array(piece.values), np.array(piece.free, dtype=bool))
    return Removal(left, np.array(piece.sources, dtype=np.intp))


class _Piece(NamedTuple):
    """A part of what is left; `inline`: its stages belong to the chain around it."""

    stage: Stage
    values: tuple[float, ...] = ()
    free: tuple[bool, ...] = ()
    sources: tuple[int, ...] = ()
    inline: bool = False


def _effect(primitive: Primitive, *values: float) -> _Piece:
    """Return a new effect."""
    specs = primitive.parameters
    clipped = (float(np.clip(v, s.low, s.high)) for v, s in zip(values, specs, strict=True))
    count = len(specs)
    return _Piece(Effect(primitive), tuple(clipped), (True,) * count, (-1,) * count)


def _weight(weight: float) -> list[_Piece]:
    """Return what a weight is in series."""
    level_db = 20.0 * math.log10(max(abs(weight), 1e-12))
    gain = [_effect(GAIN, level_db)] if abs(level_db) >= LEAST_GAIN_DB else []
    return [*gain, _effect(INVERT)] if weight < 0.0 else gain


def _series(pieces: Sequence[_Piece], name: str, inline: bool = False) -> _Piece:
    """Return pieces one after the other."""
    stages: list[Stage] = []
    for piece in pieces:
        inside = piece.inline and isinstance(piece.stage, Chain)
        stages += piece.stage.stages if inside else [piece.stage]  # type: ignore[attr-defined]
    return _Piece(
        Chain(tuple(stages), name),
        tuple(value for piece in pieces for value in piece.values),
        tuple(free for piece in pieces for free in piece.free),
        tuple(source for piece in pieces for source in piece.sources),
        inline,
    )


@dataclass(frozen=True)
class _Removing(OneChain[_Piece]):
    """A visitor whose values are indices of values.

    Attributes:
        old: whose units go
        ids: of its stages, by path
        dropped: paths of the units that go
        gains: dB of the gain that comes in the place of a unit
        unwraps: a mix of one branch becomes that branch and a gain
    """

    old: Candidate
    ids: Mapping[str, str]
    dropped: frozenset[str]
    gains: Mapping[str, float]
    unwraps: bool

    def effect(self, effect: Effect, values: np.ndarray, path: str) -> _Piece:
        """Return the effect as it is."""
        at = values.astype(np.intp)
        found, free = self.old.values[at].tolist(), self.old.free[at].tolist()
        return _Piece(effect, tuple(found), tuple(free), tuple(at.tolist()))

    def chain(self, stages: Sequence[_Piece], path: str) -> _Piece:
        """Return the chain of those that stay."""
        pieces: list[_Piece] = []
        for index, piece in enumerate(stages):
            place = below(path, "chain", index)
            if place not in self.dropped:
                pieces.append(piece)
            elif place in self.gains:
                pieces.append(_effect(GAIN, self.gains[place]))
        return _series(pieces, self.ids[path])

    def mix(self, branches: Sequence[tuple[float, _Piece]], path: str) -> _Piece:
        """Return the mix of those that stay, or what it is in series."""
        weights: list[_Piece] = []
        pieces: list[_Piece] = []
        for place, (at, piece) in enumerate(branches):
            if below(path, "mix", place) in self.dropped:
                continue
            weight = _Piece(
                Chain(),
                (float(self.old.values[int(at)]),),
                (bool(self.old.free[int(at)]),),
                (int(at),),
            )
            empty = next((i for i, other in enumerate(pieces) if _are_empty(piece, other)), None)
            if empty is None or not (weight.free[0] and weights[empty].free[0]):
                weights.append(weight)
                pieces.append(piece)
            else:
                total = weights[empty].values[0] + weight.values[0]
                weights[empty] = weights[empty]._replace(values=(total,))
        if self.unwraps and len(pieces) == 1 and weights[0].free[0]:
            branch = pieces[0]._replace(inline=True)
            return _series([branch, *_weight(weights[0].values[0])], self.ids[path], inline=True)
        joined = _series([p for pair in zip(weights, pieces, strict=True) for p in pair], "")
        return joined._replace(stage=Mix(tuple(p.stage for p in pieces), self.ids[path]))


def _are_empty(*pieces: _Piece) -> bool:
    return all(isinstance(piece.stage, Chain) and not piece.stage.stages for piece in pieces)
