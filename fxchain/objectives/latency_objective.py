"""The error of a chain with an unknown fractional latency of each wet recording.

The aligner finds where the wet is strongest, in whole samples. A filter is strongest behind its
beginning, and the rest of a latency changes the phase as an equalizer does, so that latency and
chain can only be separated when both are fitted together: here it is one more coordinate of the
cube for each recording, with a column of the Jacobian like any control. While a chain explains
little, a shift s would only imitate the filters that are missing, so that the aligner's finding
counts as a measurement with the error of the chain: what is minimized is

    E(s) + PRIOR·E₀·s²,    E₀ the error E of the last linearization.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from fxchain.alignment.fractional_delay import (
    FARTHEST,
    REACH,
    advancing,
    shift_samples,
    whole_part,
)
from fxchain.objectives.excerpt import Excerpt
from fxchain.objectives.mean_error import AnyObjective, MeanError, make_objective
from fxchain.objectives.waveform_error import WaveformError
from fxchain.structure.candidate import Candidate

#: A shift of a sample must lower the error by this share.
PRIOR = 0.05


class LatencyObjective(WaveformError):
    """A chain's plain error, with latency shifts as coordinates behind those of the controls.

    At a shift, it is the error on `Excerpt.shifted`, with the prior as one more sample. Where the
    level of the wet is free, its slope along the shift is that at a fixed level.

    Args:
        candidate: the chain
        excerpt: dry and wet
        sample_rate: Hz
        number: which of the latency coordinates is this excerpt's; None: its latency is known
        count: how many there are
        at: number of the excerpt
    """

    def __init__(
        self,
        candidate: Candidate,
        excerpt: Excerpt,
        sample_rate: int,
        number: int | None,
        count: int,
        at: int = 0,
    ) -> None:
        stage, values, free = candidate.stage, candidate.values, candidate.free
        if number is not None and candidate.latency_shifts:
            excerpt = excerpt.moved(whole_part(candidate.latency_shifts[at]))
        super().__init__(stage, values, free, excerpt.shifted(0.0), sample_rate)
        self._whole, self._shift, self._count = excerpt, 0.0, count
        self._own = None if number is None else len(self.slots) + number
        self._prior = 0.0

    def jacobian_indices(self) -> np.ndarray:
        """Return the coordinates that second-order steps move."""
        return np.append(super().jacobian_indices(), len(self.slots) + np.arange(self._count))

    def _error(self, cube: np.ndarray, output: Tensor) -> Tensor:
        self._align(cube)
        return self._with_prior(super()._error(cube, output))

    def _linearized(self, cube: np.ndarray, index: np.ndarray) -> tuple[Tensor, Tensor]:
        self._align(cube)
        knobs = index[index < len(self.slots)]
        residual, jacobian = super()._linearized(cube, knobs)
        more = jacobian.new_zeros(len(index) - len(knobs), len(residual))
        jacobian = torch.cat([jacobian, more])
        if self._own is not None:
            slope = advancing(self._whole.wet, self._shift)[:, :-REACH]
            column = self._compared(torch.from_numpy(slope)).reshape(-1).to(jacobian)
            jacobian[index == self._own] = -2.0 * FARTHEST * column
            self._prior = float(PRIOR * residual.double().square().sum()) ** 0.5
        beside = jacobian.new_zeros(len(index), 1)
        beside[index == self._own] = 2.0 * FARTHEST * self._prior
        return self._with_prior(residual), torch.cat([jacobian, beside], dim=1)

    def _with_prior(self, residual: Tensor) -> Tensor:
        return torch.cat([residual.reshape(-1), residual.new_tensor([self._prior * self._shift])])

    def _align(self, cube: np.ndarray) -> None:
        """Let the wet be that at a cube's shift."""
        if self._own is None:
            return
        shift = shift_samples(float(cube[self._own]))
        if shift != self._shift:
            self._shift = shift
            self._wet = self._compared(torch.from_numpy(self._whole.shifted(shift).wet))


def latency_objective(
    candidate: Candidate, excerpts: Sequence[Excerpt], sample_rate: int, known: Sequence[bool]
) -> AnyObjective:
    """Return the error of a chain on excerpts, each with a latency shift of its own.

    The coordinates behind those of the controls are the shifts of the excerpts whose latency is
    not known. Where all are, it is the plain error.

    Args:
        candidate: the chain
        excerpts: at least one
        sample_rate: Hz
        known: for each excerpt, whether its latency is
    """
    if all(known):
        stage, values, free = candidate.stage, candidate.values, candidate.free
        return make_objective(stage, values, free, excerpts, sample_rate)
    numbers = np.cumsum(~np.asarray(known)) - 1
    count = int(numbers[-1]) + 1
    members = [
        LatencyObjective(candidate, excerpt, sample_rate, None if sure else int(number), count, at)
        for at, (excerpt, sure, number) in enumerate(zip(excerpts, known, numbers, strict=True))
    ]
    return members[0] if len(members) == 1 else MeanError(members)


def latency_cube(
    objective: AnyObjective, candidate: Candidate, known: Sequence[bool]
) -> np.ndarray:
    """Return the cube of a candidate's values and latency shifts.

    Args:
        objective: made by `latency_objective` of the candidate
        candidate: the chain
        known: for each excerpt, whether its latency is
    """
    shifts = candidate.latency_shifts or (0.0,) * len(known)
    pairs = zip(shifts, known, strict=True)
    unknown = [shift - whole_part(shift) for shift, sure in pairs if not sure]
    positions = np.clip(0.5 + np.array(unknown) / (2.0 * FARTHEST), 0.0, 1.0)
    return np.append(objective.cube(candidate.values), positions)


def at_latency_cube(
    objective: AnyObjective, candidate: Candidate, known: Sequence[bool], cube: np.ndarray
) -> Candidate:
    """Return the candidate with the values and latency shifts of a cube, not evaluated."""
    left = iter(cube[len(objective.slots) :])
    wholes = map(whole_part, candidate.latency_shifts or (0.0,) * len(known))
    shifts = tuple(
        0.0 if sure else whole + shift_samples(float(next(left)))
        for whole, sure in zip(wholes, known, strict=True)
    )
    found = candidate.at(objective.values(cube))
    return replace(found, latency_shifts=() if all(known) else shifts)
