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
        id: a name, different for each take; empty: the wet file's name without its ending
        dry_channel: the channel of the dry to take, counted from 0; None: as it is
        latency_samples: how late the wet is, at the first take's sample rate, may be part of a
            sample; None: to be found
        polarity: +1, or -1 when the wet is upside down; None: to be found
        gain_free: the wet's level says nothing about the device
    """

    dry: Any
    wet: Any
    id: str = ""
    dry_channel: int | None = None
    latency_samples: float | None = None
    polarity: int | None = None
    gain_free: bool = False

    def about(self, sentence: str) -> str:
        """Return a sentence about this pair that names it; a single pair has no name."""
        return f"pair {self.id}: {sentence}" if self.id else sentence


def named(sources: Sequence[PairSource]) -> tuple[PairSource, ...]:
    """Return the takes with an id each: given ones stay, the others get theirs.

    Raises:
        MatchError: there are none, an id is given twice, or a value makes no sense.
    """
    if not sources:
        raise MatchError("there are no pairs to match; give at least one")
    given = [take.id for take in sources if take.id]
    for name in given:
        if given.count(name) > 1:
            raise MatchError(f"pair {name}: the id stands twice; give each pair its own")
    used = set(given)
    result = []
    for number, take in enumerate(sources, start=1):
        name = take.id
        if not name:
            name = unique(_stem(take.wet) or f"pair-{number}", used)
            used.add(name)
        _check(take, name)
        result.append(replace(take, id=name))
    return tuple(result)


def unique(name: str, used: set[str]) -> str:
    """Return the name, with a number behind it when it is among those used."""
    tried, number = name, 1
    while tried in used:
        number += 1
        tried = f"{name}-{number}"
    return tried


@contextmanager
def speaking_of(take: PairSource) -> Iterator[None]:
    """Let errors raised inside the block name the pair."""
    try:
        yield
    except (AudioError, MatchError) as error:
        raise type(error)(take.about(str(error))) from error


def _stem(source: Any) -> str:
    """Return a file's name without its ending; of an array nothing."""
    name = Path(source).stem if isinstance(source, str | os.PathLike) else ""
    return name.encode("utf-8", "replace").decode()


def _check(take: PairSource, name: str) -> None:
    """Refuse values that make no sense."""
    if take.polarity not in (None, 1, -1):
        raise MatchError(f"pair {name}: the polarity is {take.polarity}; give +1 or -1")
    if take.dry_channel is not None and take.dry_channel < 0:
        raise MatchError(f"pair {name}: the dry channel is {take.dry_channel}; count from 0")
