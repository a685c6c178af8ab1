"""One of several recordings of a device: where dry and wet are, and what is known about them."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fxchain.errors import AudioError, MatchError


@dataclass(frozen=True, eq=False)
class PairSource:
    """A dry recording and what a device made of it.

    Attributes:
        dry: a file, or an array (samples,) or (channels, samples), full scale 1
        wet: the same
        id: a name, different for each pair; empty: the wet file's name without its extension
        dry_channel: the channel of the dry to use, counted from 0; None: all
        wet_channel: the same of the wet
        latency_samples: by how much the wet is late, at the sample rate of the first pair, may be
            fractional; None: to be found
        polarity: +1, or -1 when the wet is inverted; None: to be found
        gain_free: the level of the wet is arbitrary
    """

    dry: Any
    wet: Any
    id: str = ""
    dry_channel: int | None = None
    latency_samples: float | None = None
    polarity: int | None = None
    gain_free: bool = False
    wet_channel: int | None = None

    def about(self, sentence: str) -> str:
        """Return a sentence about this pair that names it; a single pair has no name."""
        return f"pair {self.id}: {sentence}" if self.id else sentence


def named(sources: Sequence[PairSource]) -> tuple[PairSource, ...]:
    """Return pairs with an id each: given ones stay, the others get one.

    Raises:
        MatchError: there are none, an id is given twice, or a value makes no sense.
    """
    if not sources:
        raise MatchError("there are no pairs to match; give at least one")
    given = [source.id for source in sources if source.id]
    for name in given:
        if given.count(name) > 1:
            raise MatchError(f"pair {name}: the id stands twice; give each pair its own")
    used = set(given)
    result = []
    for number, source in enumerate(sources, start=1):
        name = source.id
        if not name:
            name = unique(_stem(source.wet) or f"pair-{number}", used)
            used.add(name)
        _check(source, name)
        result.append(replace(source, id=name))
    return tuple(result)


def unique(name: str, used: set[str]) -> str:
    """Return the name, followed by a number when it is used already."""
    tried, number = name, 1
    while tried in used:
        number += 1
        tried = f"{name}-{number}"
    return tried


@contextmanager
def naming_errors(source: PairSource) -> Iterator[None]:
    """Let errors raised inside the block name the pair."""
    try:
        yield
    except (AudioError, MatchError) as error:
        raise type(error)(source.about(str(error))) from error


def _stem(source: Any) -> str:
    """Return a file's name without its ending; of an array nothing."""
    name = Path(source).stem if isinstance(source, str | os.PathLike) else ""
    return name.encode("utf-8", "replace").decode()


def _check(source: PairSource, name: str) -> None:
    """Refuse values that make no sense."""
    if source.polarity not in (None, 1, -1):
        raise MatchError(f"pair {name}: the polarity is {source.polarity}; give +1 or -1")
    for side, channel in (("dry", source.dry_channel), ("wet", source.wet_channel)):
        if channel is not None and channel < 0:
            raise MatchError(f"pair {name}: the {side} channel is {channel}; count from 0")
