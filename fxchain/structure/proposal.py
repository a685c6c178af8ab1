"""An edit of a structure: an insertion, a removal, one in the place of the other, or a clean branch
beside what is there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from fxchain.player import Playback
from fxchain.primitives import Primitive, get_primitive
from fxchain.stage import Effect
from fxchain.structure.candidate import Candidate
from fxchain.structure.canonical import canonical
from fxchain.structure.canonical_tree import (
    Branch,
    Node,
    Nodes,
    Split,
    Unit,
    candidate_of,
    nodes_of,
)
from fxchain.structure.clean_branch import CleanBranch
from fxchain.structure.places import Place, Target, exchanged, inserted
from fxchain.structure.removal import with_level

_GAIN = get_primitive("gain")
#: A new effect and the clean branch beside it have so much of the sum each, at the least.
LEAST_SHARE = 0.1
#: The largest multiple of the change of a start that may be asked for.
MOST_AMOUNT = 3.0


@dataclass(frozen=True)
class Insertion:
    """An effect that is inserted.

    Attributes:
        place: where
        unit: what, at the values where a fit begins
        amount: how much of the change that it makes is wanted; of an effect that cannot be neutral
            less than 0 where its output is wanted inverted
        level_db: how much louder its output is than its input
        parallel: it is a branch beside the clean signal
        around: filters before it and behind it in that branch
    """

    place: Place
    unit: Unit
    amount: float
    level_db: float
    parallel: bool = False
    around: tuple[Unit, ...] = ()


@dataclass(frozen=True)
class Proposal:
    """An edit with what is to be expected of it.

    Attributes:
        insertions: what is inserted
        target: what is left out, or None
        gain_db: the best gain without it
        loss: the error to be expected
        price: of that
        clean: a clean branch that is put beside what is there; nothing is inserted or left out then
    """

    insertions: tuple[Insertion, ...]
    target: Target | None
    gain_db: float
    loss: float
    price: float
    clean: CleanBranch | None = None

    @property
    def kind(self) -> str:
        """Return the kind of what is inserted first; empty for a removal or a clean branch."""
        return self.insertions[0].unit.primitive.kind if self.insertions else ""

    @property
    def place(self) -> tuple[Place, int] | None:
        """Return where something is inserted first, and where that ends; None for a removal."""
        if self.clean is not None:
            return self.clean.begin, self.clean.end
        first = self.insertions[0].place if self.insertions else None
        return None if first is None else (first, first.index)

    def applied(self, candidate: Candidate) -> Candidate:
        """Return the edited candidate in canonical form, with a gain for its level and the loss
        to be expected."""
        nodes = nodes_of(candidate)
        if self.clean is not None:
            nodes = self.clean.applied(nodes)
        if self.target is not None:
            # a gain in its place: what is inserted counts places with the target in them
            nodes = exchanged(nodes, self.target, (gain_unit(self.gain_db),))
        for insertion in sorted(self.insertions, key=_from_the_end):
            nodes = inserted(nodes, insertion.place, _nodes(insertion))
        found = with_level(canonical(candidate_of(nodes, candidate)))
        return replace(found, loss=self.loss)


def _from_the_end(insertion: Insertion) -> tuple[int, int]:
    """Return a key that sorts insertions so that none shifts the place of a later one."""
    return -len(insertion.place.path), -insertion.place.index


def _nodes(insertion: Insertion) -> Sequence[Node]:
    unit = insertion.unit
    if unit.primitive.neutral is not None:
        return (moved_from_neutral(unit, insertion.amount),)
    if insertion.parallel:
        share = min(max(abs(insertion.amount), LEAST_SHARE), 1.0 - LEAST_SHARE)
        weight = share if insertion.amount > 0.0 else -share
        line = (*insertion.around, unit, *insertion.around)
        return (Split((Branch(1.0 - share, True), Branch(weight, True, line))),)
    inverted = () if insertion.amount > 0.0 else (inversion_unit(),)
    return (unit, *inverted, gain_unit(-insertion.level_db))


def inversion_unit() -> Unit:
    """Return what turns the polarity round."""
    return Unit(Effect(get_primitive("invert")), (), ())


def gain_unit(gain_db: float) -> Unit:
    """Return a gain, within its range."""
    spec = _GAIN.spec("gain_db")
    return Unit(Effect(_GAIN), (float(np.clip(gain_db, spec.low, spec.high)),), (True,))


def moved_from_neutral(unit: Unit, amount: float) -> Unit:
    """Return an effect so far from its neutral values as an amount says; 1: where it is."""
    neutral = unit.primitive.neutral or {}
    values = []
    for spec, value in zip(unit.primitive.parameters, unit.values, strict=True):
        rest = neutral.get(spec.name, value)
        values.append(min(max(rest + amount * (value - rest), spec.low), spec.high))
    return replace(unit, values=tuple(values))


def amounts_allowed(unit: Unit) -> tuple[float, float]:
    """Return between which amounts an effect stays within its ranges, at most ±`MOST_AMOUNT`."""
    low, high = -MOST_AMOUNT, MOST_AMOUNT
    neutral = unit.primitive.neutral or {}
    for spec, value in zip(unit.primitive.parameters, unit.values, strict=True):
        rest = neutral.get(spec.name, value)
        if value == rest:
            continue
        ends = sorted(((spec.low - rest) / (value - rest), (spec.high - rest) / (value - rest)))
        low, high = max(low, ends[0]), min(high, ends[1])
    return low, high


def start_units(
    primitives: Sequence[Primitive],
    audio: np.ndarray,
    playback: Playback,
    echo_seconds: Sequence[float],
) -> list[Unit]:
    """Return effects where a fit may begin that inserts them behind some audio.

    Args:
        primitives: of which kinds
        audio: (channels, samples)
        playback: sample rate and position of the audio
        echo_seconds: times of echoes that were found
    """
    mono, found = audio.shape[0] == 1, []
    for primitive in primitives:
        starts: Sequence[Mapping[str, float]] = (primitive.probe,)
        if primitive.starts is not None:
            starts = primitive.starts(audio, playback, echo_seconds)
        specs = primitive.parameters
        free = tuple(not (spec.stereo_only and mono) for spec in specs)
        for named in starts:
            values = (named.get(spec.name, spec.default) for spec in specs)
            within = (min(max(v, s.low), s.high) for v, s in zip(values, specs, strict=True))
            found.append(Unit(Effect(primitive), tuple(within), free))
    return found


def empty_chain(polarity: int = 1, kept: Nodes = ()) -> Candidate:
    """Return a chain of nothing but a gain, behind an inversion where the polarity is -1.

    Args:
        polarity: +1 or -1
        kept: what stands in it nevertheless
    """
    nodes: Nodes = (*kept, gain_unit(0.0))
    if polarity < 0:
        nodes = (inversion_unit(), *nodes)
    like = Candidate(Effect(_GAIN), np.zeros(1), np.ones(1, dtype=bool))
    return candidate_of(nodes, like)
