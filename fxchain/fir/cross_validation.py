"""Five-fold cross-validation of long filters on interleaved short blocks.

A filter of a second may have more taps than a recording has loud samples, so that it overfits. Its
error is therefore measured on blocks that were left out when it was solved, a fifth of all at a
time. The folds are interleaved, so that each holds parts of every sound.
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

#: Length of a block, s, and the number of folds.
BLOCK_SECONDS, FOLDS = 0.02, 5
#: The most samples of all parts together that are used: the loudest of each.
MOST_SAMPLES = 1 << 18
#: The most conjugate gradient steps of a fold, and its tolerance.
STEPS, TOLERANCE = 60, 1e-4


class CrossValidation:
    """The cross-validated error of filters of any length.

    Args:
        parts: of the same device, with equally many channels
        sample_rate: Hz

    Raises:
        MatchError: the shapes of a part differ or nothing of it is left to fit
    """

    def __init__(self, parts: Sequence[AlignedAudio], sample_rate: float) -> None:
        room = max(MOST_SAMPLES // len(parts), round(sample_rate))
        self._channels = list(channels_of([_loudest(part, room) for part in parts]))
        self._block = max(round(BLOCK_SECONDS * sample_rate), 1)
        self._start = [torch.zeros(FOLDS, 0) for _ in self._channels]
        counted = [line for lines in self._channels for line in lines]
        self._energy = max(sum(_energy(line.y, line.first_valid) for line in counted), 1e-20)
        self._difference = sum(_energy(line.y - line.x, line.first_valid) for line in counted)

    @property
    def enough(self) -> bool:
        """Tell whether every fold has at least two blocks."""
        counted = sum(len(line.y) - line.first_valid for line in self._channels[0])
        return counted >= 2 * FOLDS * self._block

    def without(self) -> float:
        """Return the ESR without any filter, on the same samples."""
        return self._difference / self._energy

    def error(self, taps: int, ridge: float) -> float:
        """Return the cross-validated ESR of a filter.

        Args:
            taps: length of the filter, samples
            ridge: weight of the penalty ‖h‖², relative to the energy of the dry
        """
        total = 0.0
        for at, lines in enumerate(self._channels):
            start = torch.zeros(FOLDS, taps)
            known = self._start[at][:, :taps]
            start[:, : known.shape[1]] = known
            squared, self._start[at] = self._left_out(lines, start, ridge)
            total += squared
        return total / self._energy

    def _left_out(
        self, lines: Sequence[RegressionChannel], start: Tensor, ridge: float
    ) -> tuple[float, Tensor]:
        """Return the squared error on the blocks left out, and the filters (folds, taps)."""
        taps = start.shape[1]
        folds = [_Folds(line, self._block, taps) for line in lines]
        auto = torch.from_numpy(autocorrelation(lines, taps)).float()
        price = ridge * float(auto[0])
        if price <= 0.0:
            return sum(_energy(line.y, line.first_valid) for line in lines), start
        auto[0] += price

        def apply(filters: Tensor) -> Tensor:
            return price * filters + _total(f.correlate(f.play(filters)) for f in folds)

        right = _total(fold.correlate(fold.wet) for fold in folds)
        solved = conjugate_gradients(apply, circulant_inverse(auto), right, start, STEPS, TOLERANCE)
        return sum(fold.squared_error(solved) for fold in folds), solved


class _Folds:
    """A channel, and the blocks of it that each fold is solved from."""

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
        """Return the dry through filters (folds, taps), (folds, samples)."""
        output = signal_of(spectrum_of(filters, self._length) * self._dry, self._length)
        return output[:, : len(self.wet)]

    def correlate(self, signal: Tensor) -> Tensor:
        """Return the correlation of a signal ([folds,] samples), in known blocks, with the dry."""
        spectrum = spectrum_of(self._known * signal, self._length)
        return signal_of(spectrum * self._dry.conj(), self._length)[:, : self._taps]

    def squared_error(self, filters: Tensor) -> float:
        """Return the squared error of all filters on the blocks left out."""
        error = (self.wet - self.play(filters))[self._left_out]
        return float(error.double().square().sum())


def _energy(signal: Vector, start: int) -> float:
    return float(np.sum(signal[start:] ** 2))


def _loudest(part: AlignedAudio, room: int) -> AlignedAudio:
    """Return the part with the most energy in the wet, with as much of the dry before it."""
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
