"""Second-order sections, run sample by sample; multiplied only beside captured responses."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from fxchain.dsp.cascade_response import cascade_response
from fxchain.dsp.log_slopes import log_slopes
from fxchain.dsp.recursion import cascade, cascade_signals
from fxchain.dsp.recursion_tangents import Direction, own_tangents, play_tangents
from fxchain.stage.filters import Filter, coefficient_slopes, coefficients
from fxchain.stage.spectra import Grid

#: Sections beside captured responses are given this long to ring out in the FFT, s.
RING_SECONDS = 1.5


@dataclass(frozen=True, eq=False)
class Sections:
    """A cascade of second-order sections: filters in series.

    Attributes:
        filters: at least one
        sample_rate: Hz
        dtype: complex type of the response
    """

    filters: tuple[Filter, ...]
    sample_rate: float
    dtype: torch.dtype
    rounded: bool = True
    captured: bool = False
    kernel: None = None
    lengths: int = 0
    ring_seconds: float = RING_SECONDS
    _coefficients: list[Tensor] = field(default_factory=list, init=False, repr=False)
    _directions: list[Direction] = field(default_factory=list, init=False, repr=False)

    @property
    def size(self) -> int:
        """Return the number of values."""
        return sum(each.values.shape[1] for each in self.filters)

    @property
    def coefficients(self) -> Tensor:
        """Return (batch, sections, 6); computed once, when the filters that stand together are."""
        if not self._coefficients:
            rounded = self.rounded and self.dtype == torch.complex64
            self._coefficients.append(coefficients(self.filters, self.sample_rate, rounded))
        return self._coefficients[0]

    @property
    def directions(self) -> Sequence[Direction]:
        """Return how the sections move along each value."""
        if not self._directions:
            first = 0
            for slopes in coefficient_slopes(self.filters, self.sample_rate):
                self._directions.extend((first, each) for each in slopes.unbind(-1))
                first += len(slopes)
        return self._directions

    @property
    def cascade(self) -> "Sections":
        """Return this."""
        return self

    def followed_by(self, other: "Sections") -> "Sections":
        """Return one cascade of both."""
        both = (*self.filters, *other.filters)
        return Sections(both, self.sample_rate, self.dtype, rounded=self.rounded)

    def response(self, grid: Grid) -> Tensor:
        """Return (batch, 1, bins)."""
        found = cascade_response(self.coefficients, grid.n_fft, self.dtype)
        return found[:, None].to(grid.device)

    def slopes(
        self, grid: Grid, active: np.ndarray, around: Callable[[Tensor], Tensor]
    ) -> list[Tensor]:
        """Return the slopes: the series times d log H, since these filters are scalar."""
        if not active.any():
            return []
        total = around(self.response(grid))
        chosen = [self.directions[int(index)] for index in np.flatnonzero(active)]
        found = log_slopes(self.coefficients[0], chosen, grid.n_fft, grid.device)
        return [total * each.to(self.dtype) for each in found]

    def play(self, audio: Tensor, sample_rate: float) -> Tensor:
        """Filter (batch, channels, time) sample by sample."""
        return cascade(self._precise(audio), self.coefficients).to(audio.dtype)

    def linearize(
        self, audio: Tensor, tangents: Tensor, sample_rate: float, active: np.ndarray
    ) -> tuple[Tensor, Tensor]:
        """Filter (channels, time) and its tangents, and append its own."""
        rows = self.coefficients[0]
        signals = cascade_signals(self._precise(audio), rows)
        chosen = [self.directions[int(index)] for index in np.flatnonzero(active)]
        columns = tangents.new_empty(len(tangents) + len(chosen), *audio.shape)
        play_tangents(tangents, rows, columns[: len(tangents)])
        signals = signals.to(audio.dtype)
        own_tangents(signals, rows, chosen, columns[len(tangents) :])
        return signals[:, -1], columns

    def _precise(self, audio: Tensor) -> Tensor:
        """Return audio in the precision of the recursion."""
        return audio if self.rounded else audio.double()
