"""Which effects of a chain can be heard: what changes when each is bypassed at the best gain."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from fxchain.preset import Preset
from fxchain.structure.candidate import Candidate
from fxchain.structure.canonical import canonical
from fxchain.structure.canonical_levels import gain_units
from fxchain.structure.canonical_tree import Branch, Nodes, Split, Unit, candidate_of, nodes_of

#: A change so far below the sound does not count, dB.
FLOOR_DB = -40.0
_SILENCE = 1e-30

#: An effect by its id, or a branch by the id of its mix and its number.
_Part = tuple[str, int]
_EFFECT = -1


def audible(
    candidate: Candidate, dry: np.ndarray, sample_rate: int, floor_db: float = FLOOR_DB
) -> Candidate:
    """Return a candidate in canonical form without what can hardly be heard.

    What changes the output least goes first, as long as that lies below the floor. An effect is
    bypassed by the gain that comes closest to it where it stands, a gain by nothing, a branch by
    silence; then the output as a whole has the best gain.

    Args:
        candidate: any
        dry: (channels, samples), what it plays
        sample_rate: Hz
        floor_db: of the change relative to the output
    """
    found = canonical(candidate)
    while True:
        heard = _Heard.of(nodes_of(found), dry, sample_rate)
        quiet = sorted((heard.change_db(part), part) for part in _parts(heard.nodes))
        count = 0
        for change_db, part in quiet:
            if change_db >= floor_db:
                break
            if count and heard.change_db(part) >= floor_db:
                continue  # it can be heard now that others are gone
            heard = _Heard.of(heard.without(part), dry, sample_rate)
            count += 1
            if part[1] != _EFFECT:
                break  # the branches behind it have other numbers now
        if not count:
            return found
        found = canonical(candidate_of(heard.nodes, found))


def bypass_changes_db(
    candidate: Candidate, dry: np.ndarray, sample_rate: int
) -> Mapping[str, float]:
    """Return how much the output changes without each effect.

    Args:
        candidate: any
        dry: (channels, samples), what it plays
        sample_rate: Hz

    Returns:
        by the id of the effect, dB relative to the output, as in `audible`
    """
    heard = _Heard.of(nodes_of(candidate), dry, sample_rate)
    parts = [part for part in _parts(heard.nodes) if part[1] == _EFFECT]
    return {part[0]: heard.change_db(part) for part in parts}


@dataclass(frozen=True)
class _Heard:
    """Nodes with what they make of a recording.

    Attributes:
        nodes: the chain
        dry: (channels, samples)
        sample_rate: Hz
        output: (channels, samples)
        gains: of each effect by its id, the factor that comes closest to it
    """

    nodes: Nodes
    dry: np.ndarray
    sample_rate: int
    output: np.ndarray
    gains: Mapping[str, float]

    @classmethod
    def of(cls, nodes: Nodes, dry: np.ndarray, sample_rate: int) -> "_Heard":
        """Play the nodes."""
        playing = _Playing(sample_rate)
        output = playing.nodes(nodes, np.ascontiguousarray(dry, dtype=np.float32))
        return cls(nodes, dry, sample_rate, output, playing.gains)

    def without(self, part: _Part) -> Nodes:
        """Return the nodes with a part bypassed."""
        return _without(self.nodes, part, self.gains)

    def change_db(self, part: _Part) -> float:
        """Return how much the output changes with a part bypassed, dB."""
        other = _Heard.of(self.without(part), self.dry, self.sample_rate).output
        levelled = self.gains.get(part[0]) is None  # a gain, whose level is what it does
        return _change_db(self.output, other, 1.0 if levelled else None)


@dataclass
class _Playing:
    """Plays nodes, and notes the gain that comes closest to each effect but the gains."""

    sample_rate: int
    gains: dict[str, float] = field(default_factory=dict)

    def nodes(self, nodes: Nodes, audio: np.ndarray) -> np.ndarray:
        """Return what nodes make of (channels, samples)."""
        for node in nodes:
            if isinstance(node, Unit):
                audio = self._unit(node, audio)
                continue
            total = np.zeros_like(audio)
            for branch in node.branches:
                total += np.float32(branch.weight) * self.nodes(branch.nodes, audio)
            audio = total
        return audio

    def _unit(self, unit: Unit, audio: np.ndarray) -> np.ndarray:
        preset = Preset(unit.effect, np.array(unit.values), self.sample_rate)
        output = np.asarray(preset.board(self.sample_rate)(audio, self.sample_rate))
        if unit.factor() is None:
            self.gains[unit.effect.id] = _best_gain(output, audio)
        return output


def _parts(nodes: Nodes) -> Iterator[_Part]:
    """Yield the effects, and the branches of mixes of several."""
    for node in nodes:
        if isinstance(node, Unit):
            yield node.effect.id, _EFFECT
            continue
        for index, branch in enumerate(node.branches):
            if len(node.branches) > 1:
                yield node.id, index
            yield from _parts(branch.nodes)


def _without(nodes: Nodes, part: _Part, gains: Mapping[str, float]) -> Nodes:
    """Return nodes with an effect exchanged for a gain, or without a branch."""
    name, number = part
    found: Nodes = ()
    for node in nodes:
        if isinstance(node, Split):
            kept: list[Branch] = []
            for index, branch in enumerate(node.branches):
                if not (node.id == name and number == index):
                    kept.append(replace(branch, nodes=_without(branch.nodes, part, gains)))
            found = (*found, replace(node, branches=tuple(kept)))
        elif node.effect.id == name:
            found = (*found, *gain_units(gains.get(name, 1.0) or 1.0))
        else:
            found = (*found, node)
    return found


def _best_gain(target: np.ndarray, audio: np.ndarray) -> float:
    """Return the factor at which audio comes closest to a target."""
    energy = float(np.vdot(audio, audio))
    return float(np.vdot(audio, target)) / energy if energy > _SILENCE else 1.0


def _change_db(output: np.ndarray, other: np.ndarray, gain: float | None = None) -> float:
    """Return the level of the change from one output to another at a gain, or at the best, dB."""
    factor = _best_gain(output, other) if gain is None else gain
    changed = float(np.square(output - np.float32(factor) * other, dtype=np.float64).sum())
    energy = float(np.square(output, dtype=np.float64).sum())
    return float(10.0 * np.log10((changed + _SILENCE) / (energy + _SILENCE)))
