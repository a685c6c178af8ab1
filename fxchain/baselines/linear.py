"""What no chain of effects should lose to: nothing, a gain, a filter.

Each is fitted on a part of the recordings and returned as a renderer, which takes a whole dry
recording from its first sample, so that it can be scored on what it has not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve, solve_toeplitz
from scipy.signal import oaconvolve

from fxchain.errors import MatchError

Array = NDArray[np.float32]
Vector = NDArray[np.float64]
Renderer = Callable[[Array], Array]

TAPS = 2048
# Ridges that are tried, relative to the energy of the dry.
RIDGES = tuple(10.0**power for power in range(-10, 2))
# Fewer, for long filters.
FEW_RIDGES = (1e-8, 1e-6, 1e-4, 1e-3, 1e-2)
_CHOSEN_ON = 0.2
_EDGE_ROUNDS = 3
# Long recordings are filtered and correlated in blocks of so many samples, to save memory.
_BLOCK = 1 << 19


@dataclass(frozen=True, eq=False)
class Part:
    """A part of a dry and a wet recording that is fitted, from their first sample.

    Attributes:
        dry: (channels, samples)
        wet: (channels, samples)
        start: samples at the start at which the wet is not known, and not counted
    """

    dry: Array
    wet: Array
    start: int = 0


@dataclass(frozen=True, eq=False)
class Gain:
    """A renderer: one signed factor for all channels."""

    factor: float

    def __call__(self, dry: Array) -> Array:
        return (dry * np.float32(self.factor)).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Filter:
    """A renderer: one causal filter per channel.

    Attributes:
        taps: (channels, taps)
        ridges: (channels,) the chosen ones, relative to the energy of the dry
    """

    taps: Vector
    ridges: tuple[float, ...]

    def __call__(self, dry: Array) -> Array:
        if len(dry) != len(self.taps):
            raise MatchError(
                f"the filter was fitted on {len(self.taps)} channels, the recording has {len(dry)}"
            )
        filtered = np.empty(dry.shape, np.float32)
        for out, x, taps in zip(filtered, dry, self.taps, strict=True):
            out[:] = _filtered(x, taps)
        return filtered


def unprocessed(dry: Array, wet: Array, *, start: int = 0) -> Gain:
    """The dry recording itself.

    Args:
        dry: (channels, samples) the fitted part; not looked at
        wet: (channels, samples) the fitted part; not looked at
        start: not looked at
    """
    return Gain(1.0)


def best_gain(dry: Array, wet: Array, *, start: int = 0) -> Gain:
    """The one factor, of either sign, with the least squared error on the fitted part.

    Args:
        dry: (channels, samples) the fitted part, from the first sample of the recording
        wet: (channels, samples) the fitted part
        start: samples at the start at which the wet is not known, and not counted

    Raises:
        MatchError: the shapes differ or nothing is left to fit
    """
    return joint_gain([Part(dry, wet, start)])


def joint_gain(parts: Sequence[Part]) -> Gain:
    """The one factor, of either sign, with the least squared error on several parts together.

    Args:
        parts: of the same device; a louder one counts more

    Raises:
        MatchError: the shapes of a part differ or nothing of it is left to fit
    """
    energy = common = 0.0
    for part in parts:
        _check(part.dry, part.wet, part.start)
        for dry, wet in zip(part.dry, part.wet, strict=True):
            x, y = (np.asarray(a[part.start :], np.float64) for a in (dry, wet))
            energy += float(np.sum(x * x))
            common += float(np.sum(x * y))
    return Gain(common / energy if energy > 0 else 0.0)


def best_linear_filter(dry: Array, wet: Array, *, start: int = 0, taps: int = TAPS) -> Filter:
    """The causal filter with the least squared error on the fitted part, one per channel.

    The ridge is chosen inside the fitted part: fitted on its first 80 % with each ridge, by the
    autocorrelation method (Toeplitz, Levinson's recursion: fast, a little wrong at the edges),
    compared on its last 20 %. Then the filter is fitted on all of it by the covariance method,
    which counts exactly the samples at hand, nothing before the first, nothing after the last.

    Args:
        dry: (channels, samples) the fitted part, from the first sample of the recording
        wet: (channels, samples) the fitted part
        start: samples at the start at which the wet is not known, and not counted
        taps: length of the filter, samples

    Raises:
        MatchError: the shapes differ or nothing is left to fit

    Source:
        J. Makhoul, "Linear prediction: a tutorial review", Proc. IEEE 63 (1975), section II, for
        the two methods; here with a second recording on the right-hand side
    """
    return joint_linear_filter([Part(dry, wet, start)], taps=taps)


def joint_linear_filter(parts: Sequence[Part], *, taps: int = TAPS) -> Filter:
    """`best_linear_filter` of several parts together: their normal equations are added.

    Args:
        parts: of the same device, with equally many channels; a louder one counts more
        taps: length of the filter, samples

    Raises:
        MatchError: the shapes of a part differ or nothing of it is left to fit
    """
    fitted, chosen = [], []
    for lines in _channels(parts):
        chosen.append(_choose_ridge(lines, taps, RIDGES)[0])
        fitted.append(_covariance(lines, taps, chosen[-1]))
    return Filter(np.stack(fitted), tuple(chosen))


def checked_filter(
    parts: Sequence[Part], *, taps: int = TAPS, ridges: Sequence[float] = FEW_RIDGES
) -> tuple[Filter, float]:
    """A filter of any length, found quickly, and what it is worth on what it has not seen.

    By the autocorrelation method, which is quick for thousands of taps; its edges are put right
    in the filter that is returned.

    Args:
        parts: of the same device, with equally many channels; a louder one counts more
        taps: length of the filter, samples
        ridges: to choose from, relative to the energy of the dry

    Returns:
        the filter fitted on all of it, and the squared error on the last 20 % of every part of
        the filter that was fitted on their first 80 %

    Raises:
        MatchError: the shapes of a part differ or nothing of it is left to fit
    """
    fitted, chosen, error = [], [], 0.0
    for lines in _channels(parts):
        ridge, squared = _choose_ridge(lines, taps, ridges)
        fitted.append(_autocorrelation(lines, taps, ridge))
        chosen.append(ridge)
        error += squared
    return Filter(np.stack(fitted), tuple(chosen)), error


def check_start(length: int, start: int) -> int:
    """Return the first sample of the part on which filters are compared."""
    return length - max(1, round(_CHOSEN_ON * (length - start)))


@dataclass(frozen=True, eq=False)
class _Line:
    """One channel of a part.

    Attributes:
        x: (samples,) dry
        y: (samples,) wet
        start: first sample that counts
    """

    x: Vector
    y: Vector
    start: int

    @property
    def split(self) -> int:
        """The sample from which on ridges are compared."""
        return check_start(len(self.x), self.start)


def _channels(parts: Sequence[Part]) -> Iterator[list[_Line]]:
    """Yield the lines of all parts, channel by channel."""
    for part in parts:
        _check(part.dry, part.wet, part.start)
    for at in range(len(parts[0].dry)):
        yield [
            _Line(np.asarray(p.dry[at], np.float64), np.asarray(p.wet[at], np.float64), p.start)
            for p in parts
        ]


def _choose_ridge(
    lines: Sequence[_Line], taps: int, ridges: Sequence[float]
) -> tuple[float, float]:
    """The ridge whose filter, fitted on the first part of each line, is best on the rest.

    Returns:
        the ridge, and the squared error of its filter there
    """
    auto, cross = np.zeros(taps), np.zeros(taps)
    for line in lines:
        seen_x = line.x[: line.split]
        auto += _correlation(seen_x, seen_x, taps)
        cross += _correlation(_silent_until(line.start, line.y[: line.split]), seen_x, taps)
    if auto[0] <= 0 or not np.any(cross):
        return ridges[-1], sum(float(np.sum(line.y[line.split :] ** 2)) for line in lines)
    errors = []
    for ridge in ridges:
        column = auto.copy()
        column[0] *= 1 + ridge
        with np.errstate(all="ignore"):
            solution = solve_toeplitz(column, cross, check_finite=False)
            error = sum(_error_behind(line, solution) for line in lines)
        # Levinson's recursion may break down on a band-limited dry: then this ridge is too small.
        errors.append(error if np.isfinite(error) else np.inf)
    best = int(np.argmin(errors))
    return ridges[best], errors[best]


def _autocorrelation(lines: Sequence[_Line], taps: int, ridge: float) -> Vector:
    """Least squares with zeros around the recordings (taps,), its edges then put right.

    The wrong at the edges is a small part of the equations, so solving a few times for what is
    left leads to the covariance method's solution.
    """
    auto = np.zeros(taps)
    for line in lines:
        auto += _correlation(line.x, line.x, taps)
    energy = auto[0]
    if energy <= 0:
        return np.zeros(taps)
    auto[0] *= 1 + ridge
    solution = np.zeros(taps)
    for _ in range(_EDGE_ROUNDS):
        slope = -ridge * energy * solution
        for line in lines:
            error = line.y - _filtered(line.x, solution)
            error[: line.start] = 0
            slope += _correlation(error, line.x, taps)
        solution = solution + np.asarray(solve_toeplitz(auto, slope, check_finite=False))
    return solution


def _error_behind(line: _Line, taps: Vector) -> float:
    """The squared error of a filter on the samples on which ridges are compared."""
    begin = max(0, line.split - len(taps) + 1)
    heard = _filtered(line.x[begin:], taps)[line.split - begin :]
    return float(np.sum((line.y[line.split :] - heard) ** 2))


def _covariance(lines: Sequence[_Line], taps: int, ridge: float) -> Vector:
    """Least squares over exactly the samples that count, with zeros before each line's first.

    Args:
        lines: whose equations are added
        taps: length of the filter
        ridge: added to the diagonal, relative to its largest entry

    Returns:
        (taps,)
    """
    matrix, right = _equations(lines[0], taps)
    for line in lines[1:]:
        more, further = _equations(line, taps)
        matrix += more
        right = right + further
    energy = max(float(np.max(np.diagonal(matrix))), 0.0)
    if energy == 0:
        return np.zeros(taps)
    matrix[np.diag_indices(taps)] += ridge * energy
    factor = cho_factor(matrix, lower=False, overwrite_a=True, check_finite=False)
    return np.asarray(cho_solve(factor, right, check_finite=False))


def _equations(line: _Line, taps: int) -> tuple[Vector, Vector]:
    """The normal equations of one line.

    R[i, j] = Σ x[n−i]·x[n−j] over the n that count. Its first row is a correlation; one step down
    the diagonal drops the product at one end and gains the one at the other, so the matrix costs
    taps² operations.

    Returns:
        (taps, taps), its upper half, and (taps,)
    """
    x, y, start = line.x, line.y, line.start
    counted_x, counted_y = _silent_until(start, x), _silent_until(start, y)
    gained = _last(x[:start], taps)[::-1]  # x[start − 1 − i]
    dropped = _last(x, taps)[::-1]  # x[last − i]
    matrix = np.zeros((taps, taps))
    matrix[0] = _correlation(counted_x, x, taps)
    for i in range(1, taps):
        matrix[i, i:] = (
            matrix[i - 1, i - 1 : -1]
            + gained[i - 1] * gained[i - 1 : -1]
            - dropped[i - 1] * dropped[i - 1 : -1]
        )
    return matrix, _correlation(counted_y, x, taps)


def _silent_until(start: int, samples: Vector) -> Vector:
    """Return samples with zeros before a place; the same array where there are none."""
    return np.concatenate([np.zeros(start), samples[start:]]) if start else samples


def _last(samples: Vector, count: int) -> Vector:
    """Return so many samples from the end, with zeros before the first."""
    kept = samples[max(0, len(samples) - count) :]
    return np.concatenate([np.zeros(count - len(kept)), kept])


def _correlation(later: Vector, earlier: Vector, lags: int) -> Vector:
    """Σ later[n]·earlier[n−k] for k = 0 … lags − 1.

    Args:
        later: (samples,)
        earlier: (samples,)
        lags: how many

    Returns:
        (lags,)
    """
    total = np.zeros(lags)
    block = max(_BLOCK, 4 * lags)
    for begin in range(0, len(later), block):
        first, end = max(0, begin - lags + 1), min(begin + block, len(later))
        here = np.concatenate([np.zeros(begin - first), later[begin:end]])
        length = scipy.fft.next_fast_len(len(here) + lags, real=True)
        spectrum = scipy.fft.rfft(here, length)
        spectrum *= scipy.fft.rfft(earlier[first:end], length).conj()
        total += scipy.fft.irfft(spectrum, length)[:lags]
    return total


def _filtered(x: Array | Vector, taps: Vector) -> Vector:
    """Causal filtering from rest, as long as the input."""
    filtered = np.empty(len(x))
    block = max(_BLOCK, 4 * len(taps))
    for begin in range(0, len(x), block):
        first, end = max(0, begin - len(taps) + 1), min(begin + block, len(x))
        part = oaconvolve(np.asarray(x[first:end], np.float64), taps)
        filtered[begin:end] = part[begin - first : end - first]
    return filtered


def _check(dry: Array, wet: Array, start: int) -> None:
    if dry.ndim != 2 or dry.shape != wet.shape:
        raise MatchError(
            "dry and wet must both be (channels, samples) of equal shape, "
            f"but are {dry.shape} and {wet.shape}"
        )
    if not 0 <= start < dry.shape[1]:
        raise MatchError(f"nothing is left to fit from sample {start} of {dry.shape[1]} on")
