"""Filters before and behind a recurrent network, whose knobs move with its weights."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numba
import numpy as np

from fxchain.dsp.compilation_cache import CACHED
from fxchain.recurrent.recording import Recording

_FAST = {"contract", "nsz", "reassoc"}


class Filters(Protocol):
    """Filters in series, with the values that their knobs have."""

    @property
    def sections(self) -> np.ndarray:
        """Return them as second-order sections b0 b1 b2 a1 a2, (sections, 5), float32."""
        ...

    def play(self, audio: np.ndarray) -> np.ndarray:
        """Filter (samples,), float32."""
        ...

    def linearize(self, audio: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return what `play` does, and its derivatives by the knobs (knobs, samples)."""
        ...


class Surroundings(Protocol):
    """Filters before and behind a network."""

    @property
    def start(self) -> np.ndarray:
        """Return where their knobs begin in the unit cube, those before the network first."""
        ...

    def at(self, cube: np.ndarray) -> tuple[Filters, Filters]:
        """Return the filters before and behind with their knobs at (knobs,)."""
        ...


@dataclass(frozen=True, eq=False)
class NoFilters:
    """None at all; also the surroundings of a network that stands alone."""

    start: np.ndarray = field(default_factory=lambda: np.zeros(0))
    sections: np.ndarray = field(default_factory=lambda: np.zeros((0, 5), np.float32))

    def at(self, cube: np.ndarray) -> tuple[Filters, Filters]:
        """Return none before and none behind."""
        return self, self

    def play(self, audio: np.ndarray) -> np.ndarray:
        """Return the audio."""
        return audio

    def linearize(self, audio: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the audio, and no derivatives."""
        return audio, np.zeros((0, len(audio)), np.float32)


@dataclass(frozen=True, eq=False)
class Alternative:
    """What a training may begin with.

    Attributes:
        recordings: as they may be aligned
        around: the filters around the network
    """

    recordings: Sequence[Recording]
    around: Surroundings = field(default_factory=NoFilters)


@numba.njit(cache=CACHED, nogil=True, fastmath=_FAST)
def filter_rows(rows, resting, sections, state):  # type: ignore[no-untyped-def]
    """Filter the first columns of (samples, columns), less what they are at rest, in place.

    `sections` is (sections, 5) and `state` (sections, 2, first columns), which moves on.
    """
    count = state.shape[2]
    for t in range(rows.shape[0]):
        line = rows[t]
        for k in range(count):
            line[k] -= resting[k]
        for number in range(sections.shape[0]):
            b0, b1, b2, a1, a2 = sections[number]
            first, second = state[number, 0], state[number, 1]
            for k in range(count):
                x = line[k]
                y = b0 * x + first[k]
                first[k] = b1 * x - a1 * y + second[k]
                second[k] = b2 * x - a2 * y
                line[k] = y
