"""Linear, time-invariant stages in series.

Second-order sections run sample by sample and captured effects are played by pedalboard, so that
float32 audio gets the bits it will have on the board. Gradients pass through neighbouring captured
effects in one pair of FFTs, in which their responses are multiplied.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from fxchain.stage.impulse_response_filter import ImpulseResponseFilter
from fxchain.stage.sections import Sections
from fxchain.stage.spectra import Grid, product
from fxchain.stage.spectral_tangents import spectral_tangents


class Part(Protocol):
    """A linear filter with the derivatives of its response."""

    @property
    def size(self) -> int:
        """Return the number of values it has."""
        ...

    @property
    def captured(self) -> bool:
        """Tell whether it must be played through an FFT."""
        ...

    @property
    def cascade(self) -> Sections | None:
        """Return it as second-order sections, if it consists of such."""
        ...

    @property
    def kernel(self) -> ImpulseResponseFilter | None:
        """Return it as a captured response, if it is one."""
        ...

    @property
    def lengths(self) -> int:
        """Return how long its response is, in lengths of the signal."""
        ...

    @property
    def ring_seconds(self) -> float:
        """Return how long it may ring beyond that, s."""
        ...

    def response(self, grid: Grid) -> Tensor:
        """Return its frequency response; see `spectra`."""
        ...

    def slopes(
        self, grid: Grid, active: np.ndarray, around: Callable[[Tensor], Tensor]
    ) -> list[Tensor]:
        """Return the derivatives of a series of filters by the active values of this one.

        Args:
            grid: the bins of an FFT
            active: (size,)
            around: gives the response of the series with this filter's replaced
        """
        ...

    def play(self, audio: Tensor, sample_rate: float) -> Tensor:
        """Filter (batch, channels, time)."""
        ...

    def linearize(
        self, audio: Tensor, tangents: Tensor, sample_rate: float, active: np.ndarray
    ) -> tuple[Tensor, Tensor]:
        """Filter (channels, time) and its tangents, and append its own; see `Stage`."""
        ...


@dataclass(frozen=True, eq=False)
class Linear:
    """Filters in series.

    Attributes:
        parts: the filters in their order
        dtype: complex type of the responses
    """

    parts: tuple[Part, ...]
    dtype: torch.dtype

    @property
    def size(self) -> int:
        """Return the number of values of all parts."""
        return sum(part.size for part in self.parts)

    @property
    def captured(self) -> bool:
        """Tell whether one part must be played through an FFT."""
        return any(part.captured for part in self.parts)

    @property
    def lengths(self) -> int:
        """Return how long the response is, in lengths of the signal."""
        return sum(part.lengths for part in self.parts)

    @property
    def ring_seconds(self) -> float:
        """Return how long the response may ring beyond that, s."""
        return max((part.ring_seconds for part in self.parts), default=0.0)

    def response(self, grid: Grid) -> Tensor:
        """Return the product."""
        return product([part.response(grid) for part in self.parts]).to(grid.device)

    def slopes(self, grid: Grid, active: np.ndarray) -> list[Tensor]:
        """Return the derivatives of the product by the active values, batch of one."""
        out: list[Tensor] = []
        start = 0
        for position, part in enumerate(self.parts):
            chosen = active[start : start + part.size]
            start += part.size
            if chosen.any():
                out += part.slopes(grid, chosen, partial(self._around, grid, position))
        return out

    def _around(self, grid: Grid, position: int, replaced: Tensor) -> Tensor:
        before = [part.response(grid) for part in self.parts[:position]]
        after = [part.response(grid) for part in self.parts[position + 1 :]]
        return product([*before, replaced, *after])


def in_series(filters: Iterable[Linear], dtype: torch.dtype) -> Linear:
    """Return all as one, neighbouring sections and neighbouring captured responses joined."""
    parts: list[Part] = []
    for part in (part for linear in filters for part in linear.parts):
        joined = _joined(parts[-1], part) if parts else None
        if joined is None:
            parts.append(part)
        else:
            parts[-1] = joined
    return Linear(tuple(parts), dtype)


def _joined(first: Part, then: Part) -> Part | None:
    if first.cascade is not None and then.cascade is not None:
        return first.cascade.followed_by(then.cascade)
    if first.kernel is not None and then.kernel is not None:
        return first.kernel.followed_by(then.kernel)
    return None


def apply_linear(audio: Tensor, sample_rate: float, linear: Linear) -> Tensor:
    """Filter (batch, channels, time)."""
    for part in linear.parts:
        audio = part.play(audio, sample_rate)
    return audio


def elsewhere(audio: Tensor, tangents: Tensor) -> bool:
    """Tell whether tangents lie on another device than the audio, which is on the CPU."""
    return tangents.device != audio.device


def linearize_linear(
    audio: Tensor, tangents: Tensor, sample_rate: float, linear: Linear, active: np.ndarray
) -> tuple[Tensor, Tensor]:
    """Filter (channels, time) and its tangents, and append the filters' own directions.

    All filters commute but captured ones with each other, so these come last, in one pair of FFTs.
    Sample by sample is no work for a GPU: tangents that lie on one go through FFTs alone.
    """
    with torch.no_grad():
        output = apply_linear(audio[None], sample_rate, linear)[0]
    if elsewhere(audio, tangents):
        return output, spectral_tangents(audio, tangents, sample_rate, linear, active)
    starts = np.cumsum([0, *(part.size for part in linear.parts)])
    placed = list(zip(linear.parts, starts, strict=False))
    order = [np.full(len(tangents), -1)]  # of each tangent, the value it belongs to
    for part, start in placed:
        if not part.captured:
            chosen = active[start : start + part.size]
            audio, tangents = part.linearize(audio, tangents, sample_rate, chosen)
            order.append(start + np.flatnonzero(chosen))
    beside = Linear(tuple(part for part in linear.parts if part.captured), linear.dtype)
    captured = in_series([beside], linear.dtype)
    if captured.parts:
        rest = np.concatenate(
            [np.arange(start, start + part.size) for part, start in placed if part.captured]
        )
        tangents = spectral_tangents(audio, tangents, sample_rate, captured, active[rest])
        order.append(rest[active[rest]])
    belongs = np.concatenate(order)
    if np.all(belongs[:-1] <= belongs[1:]):
        return output, tangents
    return output, tangents[np.argsort(belongs, kind="stable")]
