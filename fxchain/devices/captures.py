"""Recordings of a device at several positions of its knobs, as a manifest lists them."""

import hashlib
import math
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from fxchain.errors import MatchError
from fxchain.recordings.manifest import COLUMNS, manifest_rows, pair_source_of
from fxchain.recordings.pair_source import PairSource, named

#: Positions of a knob where nothing else is said.
LOW, HIGH = 0.0, 10.0
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,31}")


@dataclass(frozen=True)
class DeviceKnob:
    """A knob of a device.

    Attributes:
        name: letters, digits and `_`, a letter first; of its column, and of the macro
        low: least position
        high: highest position
    """

    name: str
    low: float = LOW
    high: float = HIGH

    @classmethod
    def parse(cls, text: str) -> "DeviceKnob":
        """Read `NAME` or `NAME=LOW:HIGH`.

        Raises:
            MatchError: it is neither, or the name is that of another column.
        """
        name, equals, ends = (part.strip() for part in text.partition("="))
        if not _NAME.fullmatch(name) or name in COLUMNS:
            raise MatchError(
                f"--knob {text}: give the name of a column, of letters, digits and _, that is none "
                f"of {', '.join(COLUMNS)}"
            )
        if not equals:
            return cls(name)
        try:
            low, high = (float(end) for end in ends.split(":"))
        except ValueError:
            low = high = math.nan
        if not low < high or not math.isfinite(high - low):
            raise MatchError(f"--knob {text}: give NAME or NAME=LOW:HIGH, as in drive=0:10")
        return cls(name, low, high)


@dataclass(frozen=True, eq=False)
class Captures:
    """Pairs of recordings of one device, and where its knobs stood.

    Attributes:
        sources: of the pairs, each with an id
        knobs: of the device
        positions: (pairs, knobs)
    """

    sources: tuple[PairSource, ...]
    knobs: tuple[DeviceKnob, ...]
    positions: np.ndarray

    def __post_init__(self) -> None:
        """Refuse what tells nothing about a knob.

        Raises:
            MatchError: naming the knob or the pair.
        """
        if not self.knobs:
            raise MatchError("there is no knob; give one with --knob NAME")
        names = [knob.name for knob in self.knobs]
        for name in names:
            if names.count(name) > 1:
                raise MatchError(f"--knob {name} stands twice; give it once")
        for at, knob in enumerate(self.knobs):
            found = self.positions[:, at]
            for source, position in zip(self.sources, found, strict=True):
                if not knob.low <= position <= knob.high:
                    raise MatchError(
                        f"pair {source.id}: {knob.name} = {position:g} is outside "
                        f"[{knob.low:g}, {knob.high:g}]; give another range with "
                        f"--knob {knob.name}=LOW:HIGH"
                    )
            if len(np.unique(found)) < 2:
                raise MatchError(
                    f"{knob.name} stands at {found[0]:g} in every pair; a knob needs recordings at "
                    "two positions at least"
                )
        _refuse_contradictions(self.sources, self.positions)

    def settings(self, knob: int) -> np.ndarray:
        """Return the positions of a knob, each once, ascending."""
        found: np.ndarray = np.unique(self.positions[:, knob])
        return found

    @property
    def reference(self) -> np.ndarray:
        """Return the captured positions (knobs,) nearest to the middle of all."""
        middle = np.array([np.median(self.settings(at)) for at in range(len(self.knobs))])
        found: np.ndarray = self.positions[int(np.argmin(self.distances(middle)))]
        return found

    def distances(self, positions: np.ndarray) -> np.ndarray:
        """Return how far each capture is from positions (knobs,), as shares of the ranges."""
        spans = np.array([knob.high - knob.low for knob in self.knobs])
        found: np.ndarray = np.linalg.norm((self.positions - positions) / spans, axis=1)
        return found

    def described(self, at: int) -> str:
        """Return where the knobs of a capture stand: `drive=3, tone=5`."""
        pairs = zip(self.knobs, self.positions[at], strict=True)
        return ", ".join(f"{knob.name}={position:g}" for knob, position in pairs)


def read_captures(path: str | Path, knobs: Sequence[str | DeviceKnob]) -> Captures:
    """Read a manifest with a column for each knob.

    Args:
        path: a manifest, see `fxchain.recordings.manifest.read_manifest`
        knobs: of the device: `NAME`, or `NAME=LOW:HIGH`

    Raises:
        MatchError: the manifest cannot be used, a column is missing, a position is no number or
            out of range, or a knob stands at one position only; naming file, line and column.
    """
    found = tuple(k if isinstance(k, DeviceKnob) else DeviceKnob.parse(k) for k in knobs)
    sources, positions = [], []
    for line, row in manifest_rows(path):
        for knob in found:
            if knob.name not in row:
                raise MatchError(
                    f"{path}: the column {knob.name!r} is missing; --knob {knob.name} needs one "
                    "with the position of the knob in each line"
                )
        try:
            sources.append(pair_source_of(row, Path(path).parent))
            positions.append([_number(row[knob.name], knob.name) for knob in found])
        except ValueError as error:
            raise MatchError(f"{path}: line {line}: {error}") from error
    try:
        return Captures(named(sources), found, np.array(positions, dtype=np.float64))
    except MatchError as error:
        raise MatchError(f"{path}: {error}") from error


def without(captures: Captures, left_out: np.ndarray) -> Captures:
    """Return captures without some of them, (pairs,) bool; two positions of each knob stay."""
    kept = np.flatnonzero(~left_out)
    sources = tuple(captures.sources[at] for at in kept)
    return replace(captures, sources=sources, positions=captures.positions[kept])


def _number(text: str, column: str) -> float:
    try:
        number = float(text.strip().replace(",", "."))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"{column}: {text.strip()[:40]!r} is not the position of a knob")
    return number


def _refuse_contradictions(sources: Sequence[PairSource], positions: np.ndarray) -> None:
    """Refuse two wets of one dry at equal positions that are not the same."""
    seen: dict[tuple[object, ...], tuple[PairSource, str]] = {}
    for source, position in zip(sources, positions, strict=True):
        key = (_content(source.dry), source.dry_channel, *map(float, position))
        wet = _content(source.wet)
        other = seen.setdefault(key, (source, wet))
        if other[1] != wet:
            raise MatchError(
                f"pairs {other[0].id} and {source.id}: equal positions and the same dry, but "
                "different wets; correct the positions, or name the knob that differs"
            )


def _content(recording: object) -> str:
    """Return a hash of a file or of an array."""
    if isinstance(recording, str | os.PathLike):
        with Path(recording).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    return hashlib.sha256(np.ascontiguousarray(recording).tobytes()).hexdigest()
