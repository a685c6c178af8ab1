"""Second-order sections, run sample by sample; multiplied only beside captured responses."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from fxchain.primitives.parallel import spread
from fxchain.primitives.recursion import cascade, cascade_signals, cascade_slope
from fxchain.primitives.sections import cascade_response, relative_derivative

#: Sections beside captured responses are given this long to ring out in the FFT, s.
RING_SECONDS = 1.5


@dataclass(frozen=True, eq=False)
class Direction:
    """How sections move along one value.

    Attributes:
        first: the first section that moves
        slopes: gives (moving sections, 6), the coefficients' slopes
    """

    first: int
    slopes: Callable[[], Tensor]


@dataclass(frozen=True, eq=False)
class Sections:
    """A cascade of second-order sections.

    Attributes:
        coefficients: (batch, sections, 6)
        directions: one for each value
        dtype: complex type of the response
    """

    coefficients: Tensor
    directions: tuple[Direction, ...]
    dtype: torch.dtype
    captured: bool = False
    kernel: None = None
    lengths: int = 0
    ring_seconds: float = RING_SECONDS

    @property
    def size(self) -> int:
        """Return the number of values."""
        return len(self.directions)

    @property
    def cascade(self) -> "Sections":
        """Return this."""
        return self

    def followed_by(self, other: "Sections") -> "Sections":
        """Return one cascade of both."""
        batch = max(len(self.coefficients), len(other.coefficients))
        both = [self.coefficients, other.coefficients]
        length = self.coefficients.shape[1]
        shifted = [Direction(length + d.first, d.slopes) for d in other.directions]
        return Sections(
            torch.cat([rows.expand(batch, -1, -1) for rows in both], dim=1),
            (*self.directions, *shifted),
            self.dtype,
        )

    def response(self, n_fft: int) -> Tensor:
        """Return (batch, 1, bins)."""
        return cascade_response(self.coefficients, n_fft, self.dtype)[:, None]

    def slopes(
        self, n_fft: int, active: np.ndarray, around: Callable[[Tensor], Tensor]
    ) -> list[Tensor]:
        """Return the slopes: the series times d log H, since these filters are scalar."""
        if not active.any():
            return []
        total = around(self.response(n_fft))
        return [total * self._relative(n_fft, int(index)) for index in np.flatnonzero(active)]

    def _relative(self, n_fft: int, index: int) -> Tensor:
        direction = self.directions[index]
        slopes = direction.slopes()
        rows = self.coefficients[0, direction.first : direction.first + len(slopes)]
        terms = [relative_derivative(*pair, n_fft) for pair in zip(rows, slopes, strict=True)]
        return torch.stack(terms).sum(0).to(self.dtype)

    def play(self, audio: Tensor, sample_rate: float) -> Tensor:
        """Filter (batch, channels, time) sample by sample."""
        return cascade(audio, self.coefficients)

    def linearize(
        self, audio: Tensor, tangents: Tensor, sample_rate: float, active: np.ndarray
    ) -> tuple[Tensor, Tensor]:
        """Filter (channels, time) and its tangents, and append its own."""
        rows = self.coefficients[0]
        signals = cascade_signals(audio, rows)
        chosen = np.flatnonzero(active)
        columns = tangents.new_empty(len(tangents) + len(chosen), *audio.shape)
        columns[: len(tangents)] = cascade(tangents, rows[None])

        def fill(place: int, direction: Direction, slopes: Tensor) -> None:
            first = direction.first
            heard = signals[:, first - 1] if first else audio
            columns[place] = cascade_slope(heard, signals[:, first:], rows[first:], slopes)

        directions = [self.directions[index] for index in chosen]
        slopes = [direction.slopes() for direction in directions]
        places = range(len(tangents), len(columns))
        spread(lambda piece: fill(*piece), list(zip(places, directions, slopes, strict=True)))
        return signals[:, -1], columns
