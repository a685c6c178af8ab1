"""Least squares on delayed samples of several signals, judged on blocks that were left out."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import scipy.fft
import scipy.linalg
from numpy.typing import NDArray

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Regressor:
    """A signal and how many of its latest samples are used.

    Attributes:
        signal: (samples,)
        taps: 1 or more; the samples are those from the present one back
    """

    signal: Vector
    taps: int


@dataclass(frozen=True)
class Judged:
    """A fit and its error where it was not fitted.

    Attributes:
        error: squared error summed over the judged samples
        energy: of the target there
        fit: (samples,), the fit everywhere
    """

    error: float
    energy: float
    fit: Vector


def judged_fit(
    target: Vector,
    regressors: Sequence[Regressor],
    fitted: Sequence[tuple[int, int]],
    judged: Sequence[tuple[int, int]],
    ridge: float = 1e-11,
) -> Judged:
    """Fit a target by filtered signals.

    The normal equations are those of the fitted samples alone (the covariance method), so nothing
    is assumed about what lies outside of them.

    Args:
        target: (samples,), one period: what lies before the first sample is the end
        regressors: equally long
        fitted: first sample and end of each block that is fitted; at least `taps` samples precede
        judged: the same of each block that is judged
        ridge: weight of the penalty on the taps, relative to the mean of the diagonal

    Returns:
        the fit; of zeros where the equations are singular

    Source:
        products of delayed samples satisfy G[i+1, j+1] = G[i, j] + what enters − what leaves each
        block (the displacement structure of covariance matrices: Morf et al. 1977).
    """
    transforms = _Transforms(target, regressors, fitted)
    begins = np.concatenate([[0], np.cumsum([each.taps for each in regressors])])
    spans = [slice(begin, end) for begin, end in pairwise(begins)]
    gram, right = np.zeros((begins[-1], begins[-1])), np.zeros(begins[-1])
    for at, here in enumerate(spans):
        right[here] = transforms.with_target(at)
        for other, there in enumerate(spans[: at + 1]):
            gram[there, here] = transforms.products(other, at)
            gram[here, there] = gram[there, here].T
    scale = 1.0 / np.sqrt(np.maximum(np.diag(gram), 1e-300))
    system = gram * np.outer(scale, scale)
    system[np.diag_indices_from(system)] += ridge * len(system)
    try:
        solved = scale * scipy.linalg.solve(
            system, right * scale, assume_a="pos", overwrite_a=True, check_finite=False
        )
    except np.linalg.LinAlgError:
        solved = np.zeros(len(right))
    fit = transforms.filtered([solved[span] for span in spans])
    error = sum(float(np.sum((target[a:b] - fit[a:b]) ** 2)) for a, b in judged)
    energy = sum(float(np.sum(target[a:b] ** 2)) for a, b in judged)
    return Judged(error, energy, fit)


def blocks(first: int, end: int, length: int, turn: int = 3) -> tuple[list[tuple[int, int]], ...]:
    """Return the blocks that are fitted, and those (each third) that are judged.

    Args:
        first: first sample of all
        end: of all
        length: of a block
        turn: every so many blocks one is judged
    """
    starts = range(first, max(end - length, first) + 1, length)
    spans = [(start, min(start + length, end)) for start in starts]
    fitted = [span for number, span in enumerate(spans) if number % turn != turn - 1]
    return fitted, [span for number, span in enumerate(spans) if number % turn == turn - 1]


class _Transforms:
    """The transforms of all signals, from which their correlations follow.

    Args:
        target: (samples,)
        regressors: equally long
        fitted: first sample and end of each block
    """

    def __init__(
        self, target: Vector, regressors: Sequence[Regressor], fitted: Sequence[tuple[int, int]]
    ) -> None:
        self._regressors = regressors
        self._firsts = np.array([first for first, _ in fitted])
        self._ends = np.array([end for _, end in fitted])
        self._length = len(target)
        mask = np.zeros(len(target))
        for first, end in fitted:
            mask[first:end] = 1.0
        self._whole = [scipy.fft.rfft(each.signal, self._length) for each in regressors]
        self._masked = [scipy.fft.rfft(each.signal * mask, self._length) for each in regressors]
        self._target = scipy.fft.rfft(target * mask, self._length)

    def with_target(self, at: int) -> Vector:
        """Return Σ target[t]·one[t−i] over the samples of all blocks, (taps,)."""
        return self._lags(self._target, at)

    def products(self, one: int, other: int) -> Vector:
        """Return Σ one[t−i]·other[t−j] over the samples of all blocks, (one.taps, other.taps)."""
        rows, columns = self._regressors[one].taps, self._regressors[other].taps
        found = np.empty((rows, columns))
        found[0] = self._lags(self._masked[one], other)
        found[:, 0] = found[0] if one == other else self._lags(self._masked[other], one)
        if rows > 1 and columns > 1:
            before, after = (
                self._before(one, at, rows - 1).T @ self._before(other, at, columns - 1)
                for at in (self._firsts, self._ends)
            )
            changes = before - after
            for row in range(rows - 1):
                found[row + 1, 1:] = found[row, :-1] + changes[row]
        return found

    def filtered(self, taps: Sequence[Vector]) -> Vector:
        """Return the sum of the regressors through a causal filter each, (samples,)."""
        total = sum(
            whole * scipy.fft.rfft(each, self._length)
            for whole, each in zip(self._whole, taps, strict=True)
        )
        return np.asarray(scipy.fft.irfft(total, self._length))

    def _lags(self, later: NDArray[np.complex128], at: int) -> Vector:
        """Return Σ later[t]·one[t−k] for each of its taps."""
        product = later * self._whole[at].conj()
        return np.asarray(scipy.fft.irfft(product, self._length)[: self._regressors[at].taps])

    def _before(self, one: int, at: NDArray[np.int64], count: int) -> Vector:
        """Return the samples before each of some places, the latest first."""
        return self._regressors[one].signal[at[:, None] - 1 - np.arange(count)]
