"""Odd and even distortion: how much of what a filter leaves, functions of the samples explain."""

import numpy as np
import scipy.linalg

from fxchain.evidence.bands import Band, Vector
from fxchain.evidence.pair import BLOCK_SECONDS, BandedPair

#: Amplitudes, against the root mean square of the loud parts, at which the functions bend.
BENDS = (0.25, 1.0, 4.0)
#: Samples that each function looks back and ahead, and the same of the signal itself.
SHORT, LONG = (8, 8), (32, 32)
#: Equations of each band, fitted and judged.
EQUATIONS = 6_000
RIDGE = 1e-9
#: Seed of the choice of equations.
SEED = 0


def distortion_shares(pair: BandedPair, linear: Vector) -> tuple[float, float]:
    """Return the odd and the even share of `Evidence`.

    Saturating functions of the dry (a curve before the filter) and of the filtered dry (behind it)
    are filtered and added, once the odd ones alone, once both kinds.

    Args:
        pair: dry and wet
        linear: (samples,), what a linear filter makes of the dry

    Source:
        Hammerstein and Wiener models in parallel; tanh(u/b) is odd, tanh²(u/b) even.
    """
    odd, even = [], []
    for signal in (pair.dry, linear):
        loud = np.sqrt(np.sum(signal**4) / max(float(np.sum(signal**2)), 1e-30)) + 1e-30
        for bend in BENDS:
            curve = np.tanh(signal / (bend * loud))
            odd.append(curve)
            even.append(curve**2)
    spectra = [pair.bands.spectrum(each) for each in (*odd, *even)]
    totals = np.zeros(3)
    for band in _middle_bands(pair, linear):
        signals = [pair.bands.split(each, band) for each in spectra]
        dry = pair.bands.split(pair.dry_spectrum, band)
        filtered = pair.bands.split(pair.bands.spectrum(linear), band)
        wet = pair.bands.split(pair.wet_spectrum, band)
        fitted, judged = _equations(pair, band, wet - filtered)
        base = _delays(dry, (*fitted, *judged), LONG)
        groups = [
            np.hstack([_delays(each, (*fitted, *judged), SHORT) for each in group])
            for group in (signals[: len(odd)], signals[len(odd) :])
        ]
        target = wet[np.concatenate([fitted, judged])]
        matrices = (base, np.hstack([base, groups[0]]), np.hstack([base, *groups]))
        scale = pair.sample_rate / band.rate
        totals += [scale * _judged_error(m, target, len(fitted)) for m in matrices]
    without, odd_error, error = (max(float(each), 1e-30) for each in totals)
    return max(1.0 - odd_error / without, 0.0), max(1.0 - error / odd_error, 0.0)


def _middle_bands(pair: BandedPair, linear: Vector) -> list[Band]:
    """Return the two bands below the highest in which the filter leaves most."""
    left = pair.bands.spectrum(pair.wet - linear)
    power = [
        float(np.sum(np.abs(left[: len(band.weights)] * band.weights) ** 2))
        for band in pair.bands.bands
    ]
    order = sorted(range(1, len(power)), key=lambda at: -power[at])
    return [pair.bands.bands[at] for at in sorted(order[:2])]


def _equations(pair: BandedPair, band: Band, left: Vector) -> tuple[np.ndarray, np.ndarray]:
    """Return the samples whose equations are fitted, and those that are judged.

    Large errors are drawn more often, since a curve bends for few samples only.
    """
    margin = max(LONG) + int(min(band.margin_seconds * band.rate, band.count / 8))
    first = int(pair.first_valid * band.rate / pair.sample_rate) + margin
    at = np.arange(first, max(band.count - margin, first + 1))
    weights = np.abs(left[at]) + 1e-3 * float(np.abs(left[at]).max()) + 1e-30
    turn = at // max(int(BLOCK_SECONDS * band.rate), 16) % 3
    random = np.random.default_rng(SEED)
    chosen = []
    for here, count in ((turn != 2, EQUATIONS), (turn == 2, EQUATIONS // 2)):
        amount = min(count, int(here.sum()))
        share = weights[here] / weights[here].sum()
        chosen.append(random.choice(at[here], amount, replace=False, p=share))
    return chosen[0], chosen[1]


def _delays(signal: Vector, at: tuple[int, ...], span: tuple[int, int]) -> Vector:
    """Return the samples around each, (equations, delays)."""
    offsets = np.arange(-span[0], span[1])
    return np.asarray(signal[np.asarray(at)[:, None] + offsets])


def _judged_error(matrix: Vector, target: Vector, fitted: int) -> float:
    """Return the squared error of a least-squares fit on the equations that were not fitted."""
    scale = 1.0 / np.sqrt(np.maximum(np.mean(matrix[:fitted] ** 2, axis=0), 1e-30))
    known = matrix[:fitted] * scale
    gram = known.T @ known
    gram[np.diag_indices_from(gram)] += RIDGE * fitted * len(gram)
    solved = scipy.linalg.solve(gram, known.T @ target[:fitted], assume_a="pos")
    return float(np.sum((target[fitted:] - (matrix[fitted:] * scale) @ solved) ** 2))
