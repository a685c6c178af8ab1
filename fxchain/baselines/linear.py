"""Linear baselines: the unprocessed dry, a gain, a filter.

Each is fitted on a part of the recordings and returned as a renderer, which takes a whole dry
recording from its first sample, so that it can be scored on held-out samples.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve, solve_toeplitz

from fxchain.alignment.aligned_audio import AlignedAudio
from fxchain.errors import MatchError
from fxchain.fir.parts import (
    Array,
    RegressionChannel,
    Vector,
    channels_of,
    check_pair,
    correlation,
    filtered,
    silent_until,
)
from fxchain.wording import counted

Renderer = Callable[[Array], Array]

TAPS = 2048
#: Ridges that are tried, relative to the energy of the dry.
RIDGES = tuple(10.0**power for power in range(-10, 2))
#: The last share of the fitted part, on which the ridge is chosen.
_CHOSEN_ON = 0.2


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
                f"the filter was fitted on {counted(len(self.taps), 'channel')}, "
                f"the recording has {len(dry)}"
            )
        output = np.empty(dry.shape, np.float32)
        for out, x, taps in zip(output, dry, self.taps, strict=True):
            out[:] = filtered(x, taps)
        return output


def unprocessed(dry: Array, wet: Array, *, first_valid: int = 0) -> Gain:
    """The dry recording itself.

    Args:
        dry: (channels, samples) the fitted part; not used
        wet: (channels, samples) the fitted part; not used
        first_valid: not used
    """
    return Gain(1.0)


def best_gain(dry: Array, wet: Array, *, first_valid: int = 0) -> Gain:
    """The one factor, of either sign, with the least squared error on the fitted part.

    Args:
        dry: (channels, samples) the fitted part, from the first sample of the recording
        wet: (channels, samples) the fitted part
        first_valid: index of the first sample that counts

    Raises:
        MatchError: the shapes differ or nothing is left to fit
    """
    return joint_gain([AlignedAudio(dry, wet, first_valid)])


def joint_gain(parts: Sequence[AlignedAudio]) -> Gain:
    """The one factor, of either sign, with the least squared error on several parts together.

    Args:
        parts: of the same device; a louder one counts more

    Raises:
        MatchError: the shapes of a part differ or nothing of it is left to fit
    """
    energy = common = 0.0
    for part in parts:
        check_pair(part)
        for dry, wet in zip(part.dry, part.wet, strict=True):
            x, y = (np.asarray(a[part.first_valid :], np.float64) for a in (dry, wet))
            energy += float(np.sum(x * x))
            common += float(np.sum(x * y))
    return Gain(common / energy if energy > 0 else 0.0)


def best_linear_filter(dry: Array, wet: Array, *, first_valid: int = 0, taps: int = TAPS) -> Filter:
    """The causal filter with the least squared error on the fitted part, one per channel.

    The ridge is chosen inside the fitted part: fitted on its first 80 % with each ridge, by the
    autocorrelation method (Toeplitz, Levinson's recursion: fast, inexact at the edges),
    compared on its last 20 %. Then the filter is fitted on all of it by the covariance method,
    which sums over exactly the samples at hand, none before the first, none after the last.

    Args:
        dry: (channels, samples) the fitted part, from the first sample of the recording
        wet: (channels, samples) the fitted part
        first_valid: index of the first sample that counts
        taps: length of the filter, samples

    Raises:
        MatchError: the shapes differ or nothing is left to fit

    Source:
        J. Makhoul, "Linear prediction: a tutorial review", Proc. IEEE 63 (1975), section II, for
        the two methods; here with a second recording on the right-hand side
    """
    return joint_linear_filter([AlignedAudio(dry, wet, first_valid)], taps=taps)


def joint_linear_filter(parts: Sequence[AlignedAudio], *, taps: int = TAPS) -> Filter:
    """`best_linear_filter` of several parts together: their normal equations are added.

    Args:
        parts: of the same device, with equally many channels; a louder one counts more
        taps: length of the filter, samples

    Raises:
        MatchError: the shapes of a part differ or nothing of it is left to fit
    """
    fitted, chosen = [], []
    for lines in channels_of(parts):
        chosen.append(_choose_ridge(lines, taps))
        fitted.append(_covariance(lines, taps, chosen[-1]))
    return Filter(np.stack(fitted), tuple(chosen))


def _choose_ridge(lines: Sequence[RegressionChannel], taps: int) -> float:
    """The ridge whose filter, fitted on the first part of each channel, is best on the rest."""
    auto, cross = np.zeros(taps), np.zeros(taps)
    for line in lines:
        split = _check_start(line)
        first_x = line.x[:split]
        auto += correlation(first_x, first_x, taps)
        cross += correlation(silent_until(line.first_valid, line.y[:split]), first_x, taps)
    if auto[0] <= 0 or not np.any(cross):
        return RIDGES[-1]
    errors = []
    for ridge in RIDGES:
        column = auto.copy()
        column[0] *= 1 + ridge
        with np.errstate(all="ignore"):
            solution = solve_toeplitz(column, cross, check_finite=False)
            error = sum(_error_behind(line, solution) for line in lines)
        # Levinson's recursion may break down on a band-limited dry: then this ridge is too small.
        errors.append(error if np.isfinite(error) else np.inf)
    return RIDGES[int(np.argmin(errors))]


def _check_start(line: RegressionChannel) -> int:
    """Return the first sample of the part on which ridges are compared."""
    return len(line.x) - max(1, round(_CHOSEN_ON * (len(line.x) - line.first_valid)))


def _error_behind(line: RegressionChannel, taps: Vector) -> float:
    """The squared error of a filter on the samples on which ridges are compared."""
    split = _check_start(line)
    begin = max(0, split - len(taps) + 1)
    output = filtered(line.x[begin:], taps)[split - begin :]
    return float(np.sum((line.y[split:] - output) ** 2))


def _covariance(lines: Sequence[RegressionChannel], taps: int, ridge: float) -> Vector:
    """Least squares over exactly the samples that count, with zeros before each channel's first.

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


def _equations(line: RegressionChannel, taps: int) -> tuple[Vector, Vector]:
    """The normal equations of one line.

    R[i, j] = Σ x[n−i]·x[n−j] over the n that count. Its first row is a correlation; one step down
    the diagonal drops the product at one end and gains the one at the other, so the matrix costs
    taps² operations.

    Returns:
        (taps, taps), its upper half, and (taps,)
    """
    x, y, first = line.x, line.y, line.first_valid
    counted_x, counted_y = silent_until(first, x), silent_until(first, y)
    gained = _last(x[:first], taps)[::-1]  # x[first − 1 − i]
    dropped = _last(x, taps)[::-1]  # x[last − i]
    matrix = np.zeros((taps, taps))
    matrix[0] = correlation(counted_x, x, taps)
    for i in range(1, taps):
        matrix[i, i:] = (
            matrix[i - 1, i - 1 : -1]
            + gained[i - 1] * gained[i - 1 : -1]
            - dropped[i - 1] * dropped[i - 1 : -1]
        )
    return matrix, correlation(counted_y, x, taps)


def _last(samples: Vector, count: int) -> Vector:
    """Return the last `count` samples, zero-padded at the front."""
    kept = samples[max(0, len(samples) - count) :]
    return np.concatenate([np.zeros(count - len(kept)), kept])
