"""The segments of a recording for training and validation of a network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fxchain.errors import MatchError

Array = NDArray[np.float32]

#: The last share of the recording is for validation …
CHECK_SHARE = 0.2
#: … in this many windows, none longer than this, samples.
_WINDOWS = 8
_LONGEST_WINDOW = 22_050


@dataclass(frozen=True)
class Segments:
    """Segments of equal length, with the dry before each.

    Attributes:
        before: (batch, warm-up samples) of the dry
        dry: (batch, samples)
        wet: (batch, samples)
    """

    before: Tensor
    dry: Tensor
    wet: Tensor


@dataclass(frozen=True, eq=False)
class Material:
    """A dry and a wet recording for training and validation; channels are separate recordings.

    Attributes:
        dry: (channels, samples), from the first sample of the recording
        wet: (channels, samples)
        start: the first sample at which the wet is known
        warm_up: samples of the dry before each segment, zero-padded before the recording
    """

    dry: Array
    wet: Array
    start: int
    warm_up: int

    def __post_init__(self) -> None:
        if self.dry.ndim != 2 or self.dry.shape != self.wet.shape:
            raise MatchError(
                "dry and wet must both be (channels, samples) of equal shape, "
                f"but are {self.dry.shape} and {self.wet.shape}"
            )
        if self.end - self.cut < _WINDOWS or self.cut - self.start < 1:
            raise MatchError(
                f"{self.end - self.start} samples are too few to train a network on; give more"
            )

    @property
    def end(self) -> int:
        """Return the number of samples."""
        return self.dry.shape[1]

    @property
    def cut(self) -> int:
        """Return the first sample for validation."""
        return self.end - round(CHECK_SHARE * (self.end - self.start))

    def epoch(self, length: int, batch: int, random: np.random.Generator) -> Iterator[Segments]:
        """Yield the part for training once, in random order.

        The grid of segments has a random offset; the last batch may be smaller.

        Args:
            length: of a segment, samples; limited by the part's
            batch: number of segments
            random: draws offset and order
        """
        length = min(length, self.cut - self.start)
        latest = min(length, self.cut - self.start - length)
        first = self.start + int(random.integers(latest + 1))
        starts = np.arange(first, self.cut - length + 1, length)
        places = [(channel, start) for channel in range(len(self.dry)) for start in starts]
        order = random.permutation(len(places))
        for begin in range(0, len(places), batch):
            yield self._cut([places[at] for at in order[begin : begin + batch]], length)

    def check(self) -> Segments:
        """Return evenly spaced windows of the part for validation."""
        room = (self.end - self.cut) // _WINDOWS
        length = min(room, _LONGEST_WINDOW)
        starts = [self.cut + number * room for number in range(_WINDOWS)]
        return self._cut(
            [(channel, at) for channel in range(len(self.dry)) for at in starts], length
        )

    def _cut(self, places: list[tuple[int, int]], length: int) -> Segments:
        """Return the segments that begin at (channel, first sample)."""
        before = np.zeros((len(places), self.warm_up), dtype=np.float32)
        for row, (channel, start) in enumerate(places):
            past = self.dry[channel, max(0, start - self.warm_up) : start]
            before[row, self.warm_up - len(past) :] = past
        dry, wet = (
            np.stack([audio[channel, start : start + length] for channel, start in places])
            for audio in (self.dry, self.wet)
        )
        return Segments(*(torch.from_numpy(audio) for audio in (before, dry, wet)))
