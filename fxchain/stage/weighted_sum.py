"""Linear filters in parallel."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce

import numpy as np
import torch
from torch import Tensor

from fxchain.stage.linear import Linear, apply_linear, linearize_linear
from fxchain.stage.spectra import Grid, add, scale


@dataclass(frozen=True, eq=False)
class Sum:
    """Filters in parallel; the values are a weight, its branch's values, the next weight …

    Attributes:
        branches: what is summed
        weights: (batch, branches), see `played_weights`
    """

    branches: tuple[Linear, ...]
    weights: Tensor
    cascade: None = None
    kernel: None = None

    @property
    def size(self) -> int:
        """Return the number of values, weights included."""
        return len(self.branches) + sum(branch.size for branch in self.branches)

    @property
    def captured(self) -> bool:
        """Tell whether one branch must be played through an FFT."""
        return any(branch.captured for branch in self.branches)

    @property
    def lengths(self) -> int:
        """Return how long the longest branch is, in lengths of the signal."""
        return max((branch.lengths for branch in self.branches), default=0)

    @property
    def ring_seconds(self) -> float:
        """Return how long a branch may ring beyond that, s."""
        return max((branch.ring_seconds for branch in self.branches), default=0.0)

    def response(self, grid: Grid) -> Tensor:
        """Return the weighted sum."""
        responses = [branch.response(grid) for branch in self.branches]
        return reduce(add, [scale(r, self.weights[:, i]) for i, r in enumerate(responses)])

    def slopes(
        self, grid: Grid, active: np.ndarray, around: Callable[[Tensor], Tensor]
    ) -> list[Tensor]:
        """Return the derivatives of the series by the active weights and values."""
        out: list[Tensor] = []
        start = 0
        for index, branch in enumerate(self.branches):
            if active[start]:
                out.append(around(branch.response(grid)))
            chosen = active[start + 1 : start + 1 + branch.size]
            start += 1 + branch.size
            slopes = branch.slopes(grid, chosen)
            out += [around(scale(slope, self.weights[:, index])) for slope in slopes]
        return out

    def play(self, audio: Tensor, sample_rate: float) -> Tensor:
        """Filter (batch, channels, time) branch by branch."""
        total = torch.zeros_like(audio)
        for index, branch in enumerate(self.branches):
            weight = self.weights[:, index, None, None]
            total = total + weight * apply_linear(audio, sample_rate, branch)
        return total

    def linearize(
        self, audio: Tensor, tangents: Tensor, sample_rate: float, active: np.ndarray
    ) -> tuple[Tensor, Tensor]:
        """Filter (channels, time) and its tangents branch by branch, and append its own."""
        incoming, start = len(tangents), 0
        total, moved = torch.zeros_like(audio), torch.zeros_like(tangents)
        own: list[Tensor] = []
        for index, branch in enumerate(self.branches):
            chosen = active[start + 1 : start + 1 + branch.size]
            output, columns = linearize_linear(audio, tangents, sample_rate, branch, chosen)
            weight = self.weights[0, index]
            total = total + weight * output
            moved = moved + weight * columns[:incoming]
            own += [output[None]] if active[start] else []
            own.append(weight * columns[incoming:])
            start += 1 + branch.size
        return total, torch.cat([moved, *own])
