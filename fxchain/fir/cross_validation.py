"""What a long filter is worth on blocks that were left out when it was solved.

A filter of a second may have more taps than a recording has loud samples, and learn them by heart.
So it is judged where it was not solved: short blocks, a fifth of all at a time, evenly spread, so
that each sound is partly known and partly not, whether the recording begins or ends in silence.

Source: five-fold cross-validation.
"""

from collections.abc import Iterable, Sequence
from functools import reduce

import numpy as np
import torch
from scipy.fft import next_fast_len
from torch import Tensor

from fxchain.alignment.aligned_audio import AlignedAudio
from fxchain.fir.conjugate_gradients import (
    circulant_inverse,
    conjugate_gradients,
    signal_of,
    spectrum_of,
)
from fxchain.fir.least_squares import autocorrelation
from fxchain.fir.parts import RegressionChannel, Vector, channels_of, check_pair

#: A fifth of the blocks of this length is left out at a time, s.
BLOCK_SECONDS, FOLDS = 0.02, 5
#: At most so many samples are judged, of all parts together: the loudest of each.
JUDGED = 1 << 18
#: Most steps of a solution that is judged, and how small its residual must be.
STEPS, TOLERANCE = 60, 1e-4


class CrossValidation:
    """Tells what filters of any length are worth on blocks that they were not solved from.

    Args:
        parts: of the same device, with equally many channels
        sample_rate: Hz

    Raises:
        MatchError: the shapes of a part differ or nothing of it is left to fit
    """

    def __init__(self, parts: Sequence[AlignedAudio], sample_rate: float) -> None:
        room = max(JUDGED // len(parts), round(sample_rate))
        self._channels = list(channels_of([_loudest(part, room) for part in parts]))
        self._block = max(round(BLOCK_SECONDS * sample_rate), 1)
        self._begun = [torch.zeros(FOLDS, 0) for _ in self._channels]
        counted = [line for lines in self._channels for line in lines]
        self._energy = max(sum(_energy(line.y, line.first_valid) for line in counted), 1e-20)
        self._difference = sum(_energy(line.y - line.x, line.first_valid) for line in counted)

    @property
    def enough(self) -> bool:
        """Tell whether every fold has two blocks to be judged on."""
        counted = sum(len(line.y) - line.first_valid for line in self._channels[0])
        return counted >= 2 * FOLDS * self._block

    def without(self) -> float:
        """Return the ESR without any filter, on the same samples."""
        return self._difference / self._energy

    def error(self, taps: int, ridge: float) -> float:
        """Return the ESR of a filter on blocks left out.

        Args:
            taps: length of the filter, samples
            ridge: price of its energy, relative to the energy of the dry
        """
        total = 0.0
        for at, lines in enumerate(self._channels):
            begun = torch.zeros(FOLDS, taps)
            known = self._begun[at][:, :taps]
            begun[:, : known.shape[1]] = known
            squared, self._begun[at] = self._left_out(lines, begun, ridge)
            total += squared
        return total / self._energy

    def _left_out(
        self, lines: Sequence[RegressionChannel], begun: Tensor, ridge: float
    ) -> tuple[float, Tensor]:
        """Return the squared error on the blocks left out, and the filters (folds, taps)."""
        taps = begun.shape[1]
        folds = [_Folds(line, self._block, taps) for line in lines]
        auto = torch.from_numpy(autocorrelation(lines, taps)).float()
        price = ridge * float(auto[0])
        if price <= 0.0:
            return sum(_energy(line.y, line.first_valid) for line in lines), begun
        auto[0] += price

        def apply(filters: Tensor) -> Tensor:
            return price * filters + _total(f.correlate(f.play(filters)) for f in folds)

        right = _total(fold.correlate(fold.wet) for fold in folds)
        solved = conjugate_gradients(apply, circulant_inverse(auto), right, begun, STEPS, TOLERANCE)
        return sum(fold.squared_error(solved) for fold in folds), solved


class _Folds:
    """A line and the blocks of it that each fold knows."""

    def __init__(self, line: RegressionChannel, block: int, taps: int) -> None:
        samples = len(line.x)
        self.wet = torch.from_numpy(line.y).float()
        self._taps, self._length = taps, int(next_fast_len(samples + taps - 1, real=True))
        self._dry = spectrum_of(torch.from_numpy(line.x).float(), self._length)
        at = torch.arange(samples)
        counts, number = at >= line.first_valid, at // block % FOLDS
        self._left_out = counts & (number == torch.arange(FOLDS)[:, None])
        self._known = (counts & ~self._left_out).float()

    def play(self, filters: Tensor) -> Tensor:
        """Return what filters (folds, taps) make of the dry, (folds, samples)."""
        heard = signal_of(spectrum_of(filters, self._length) * self._dry, self._length)
        return heard[:, : len(self.wet)]

    def correlate(self, signal: Tensor) -> Tensor:
        """Return what the known blocks of a signal ([folds,] samples) have of the dry's lags."""
        spectrum = spectrum_of(self._known * signal, self._length)
        return signal_of(spectrum * self._dry.conj(), self._length)[:, : self._taps]

    def squared_error(self, filters: Tensor) -> float:
        """Return the error of each filter on the blocks that it did not know, together."""
        error = (self.wet - self.play(filters))[self._left_out]
        return float(error.double().square().sum())


def _energy(signal: Vector, start: int) -> float:
    return float(np.sum(signal[start:] ** 2))


def _loudest(part: AlignedAudio, room: int) -> AlignedAudio:
    """Return the stretch with the most energy in the wet, and what was played before it."""
    check_pair(part)
    length = part.wet.shape[-1]
    if length - part.first_valid <= room:
        return part
    power = np.concatenate(
        [[0.0], np.cumsum(np.sum(np.square(part.wet, dtype=np.float64), axis=0))]
    )
    energies = power[part.first_valid + room :] - power[part.first_valid : length - room + 1]
    start = part.first_valid + int(np.argmax(energies))
    first, end = max(0, start - room), start + room
    return AlignedAudio(part.dry[:, first:end], part.wet[:, first:end], start - first)


def _total(tensors: Iterable[Tensor]) -> Tensor:
    return reduce(torch.add, tensors)
