"""The error of a chain with an unknown fractional latency of each wet recording.

The aligner finds whole samples. The rest of the latency changes the phase as an equalizer does, so
the two can only be separated when both are fitted together: here it is one more coordinate of the
cube for each recording, with a column of the Jacobian like any control.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from fxchain.alignment.fractional_delay import REACH, advanced, advancing
from fxchain.objectives.excerpt import Excerpt
from fxchain.objectives.mean_error import AnyObjective, MeanError
from fxchain.objectives.waveform_error import WaveformError
from fxchain.structure.candidate import Candidate

#: The latency differs by at most so many samples from what the aligner found.
FARTHEST = 1.5


class LatencyObjective(WaveformError):
    """A chain's plain error, with latency shifts as coordinates behind those of the controls.

    Args:
        candidate: the chain
        excerpt: dry and wet
        sample_rate: Hz
        number: which of the latency coordinates is this excerpt's; None: its latency is known
        count: how many there are
    """

    def __init__(
        self,
        candidate: Candidate,
        excerpt: Excerpt,
        sample_rate: int,
        number: int | None,
        count: int,
    ) -> None:
        stage, values, free = candidate.stage, candidate.values, candidate.free
        super().__init__(stage, values, free, excerpt, sample_rate)
        self._knobs, self._count = len(self.slots), count
        self._own = None if number is None else self._knobs + number

    def jacobian_indices(self) -> np.ndarray:
        """Return the coordinates that second-order steps move."""
        return np.append(super().jacobian_indices(), self._knobs + np.arange(self._count))

    def _residual(self, cube: np.ndarray) -> Tensor:
        residual = super()._residual(cube)
        if self._own is not None:
            residual = (
                residual
                + self._wet
                - self._compared_wet(advanced(self.excerpt.wet, self._at(cube)))
            )
        return residual[:, :-REACH]

    def _linearized(self, cube: np.ndarray, index: np.ndarray) -> tuple[Tensor, Tensor]:
        knobs = index[index < self._knobs]
        residual, jacobian = super()._linearized(cube, knobs)
        jacobian = torch.cat([jacobian, jacobian.new_zeros(len(index) - len(knobs), len(residual))])
        if self._own is not None:
            wet, at = self.excerpt.wet, self._at(cube)
            moved = self._compared_wet(advanced(wet, at)).reshape(-1)
            residual = residual + self._wet.reshape(-1) - moved
            slope = self._compared_wet(advancing(wet, at)).reshape(-1)
            jacobian[index == self._own] = -2.0 * FARTHEST * slope
        channels = self._wet.shape[0]
        kept = residual.reshape(channels, -1)[:, :-REACH].reshape(-1)
        jacobian = jacobian.reshape(len(index), channels, -1)[..., :-REACH]
        return kept, jacobian.reshape(len(index), -1)

    def _at(self, cube: np.ndarray) -> float:
        return 0.0 if self._own is None else latency_shift_samples(float(cube[self._own]))

    def _compared_wet(self, wet: np.ndarray) -> Tensor:
        return self._compared(torch.from_numpy(np.ascontiguousarray(wet)))


def latency_shift_samples(position: float) -> float:
    """Return the latency shift in samples at a position in the cube; 0 in its middle."""
    return FARTHEST * (2.0 * position - 1.0)


def latency_objective(
    candidate: Candidate, excerpts: Sequence[Excerpt], sample_rate: int, known: Sequence[bool]
) -> AnyObjective:
    """Return the error of a chain on excerpts, each with a latency shift of its own.

    The coordinates behind those of the controls are the shifts of the excerpts whose latency is
    not known.

    Args:
        candidate: the chain
        excerpts: at least one
        sample_rate: Hz
        known: for each excerpt, whether its latency is
    """
    numbers = np.cumsum(~np.asarray(known)) - 1
    count = int(numbers[-1]) + 1
    members = [
        LatencyObjective(candidate, excerpt, sample_rate, None if sure else int(number), count)
        for excerpt, sure, number in zip(excerpts, known, numbers, strict=True)
    ]
    return members[0] if len(members) == 1 else MeanError(members)
