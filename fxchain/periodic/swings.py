"""Oscillators of any shape in a delay that moves: Fourier series of one or two rates.

    d(t) = c + Σ_i Σ_k a_ik·cos(2πk·f_i·t) + b_ik·sin(2πk·f_i·t)

Source:
    least squares at each rate, as in the periodogram of N. R. Lomb, 1976.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import scipy.optimize
from numpy.typing import NDArray

Vector = NDArray[np.float64]

#: Harmonics of the first oscillator and of the second, and of both where rates are compared.
HARMONICS, COMPARED = (10, 6), (3, 3)
#: Weight of the penalty on each harmonic, which grows with the square of its order.
RIDGE = 1e-5
#: Fastest oscillator, Hz, the slowest as a share of 1/duration, and the step from one rate to the
#: next as the same. Less than a period tells no rate: slower ones are compared to be refused.
HIGHEST_HZ, SLOWEST, STEP = 12.0, 0.25, 0.1
#: So many of the lowest minima on that grid are refined, to this share of its step.
REFINED, FINEST = 8, 1e-2
#: Of all rates that leave at most so many times the least, and this share of the movement more, the
#: fastest is taken: half of a rate explains the same.
ALIKE, EXACT = 1.3, 1e-4
#: A second oscillator is there where the first leaves more than this share of the movement, and
#: must leave at most that share of it; one that leaves more than the last share is none.
LEFT, SECOND, MOST = 0.02, 0.5, 0.7
#: Samples of one period in a table.
TABLE = 256


@dataclass(frozen=True, eq=False)
class Swings:
    """A delay that moves.

    Attributes:
        rates_hz: of one or two oscillators
        weights: c, then cosine and sine of each harmonic of each oscillator
        middle: the time from which the angles of the series are counted, s
        slowest_hz: of which the part that they were found in has one period
    """

    rates_hz: tuple[float, ...]
    weights: Vector
    middle: float
    slowest_hz: float

    @property
    def too_slow(self) -> bool:
        """Tell whether less than a period was seen."""
        return min(self.rates_hz) < self.slowest_hz

    def columns(self, times: Vector) -> Vector:
        """Return what the weights multiply, (times, weights)."""
        return _columns(self.rates_hz, times - self.middle)

    def at(self, times: Vector) -> Vector:
        """Return the delay at times, s from the beginning of the recording."""
        return np.asarray(self.columns(times) @ self.weights)

    def slopes(self, times: Vector) -> Vector:
        """Return the derivatives by weights and by rates, (times, weights + rates)."""
        t, found, place = times - self.middle, [self.columns(times)], 1
        for hertz, count in zip(self.rates_hz, HARMONICS, strict=False):
            k = np.arange(1, count + 1)
            angle = 2.0 * np.pi * hertz * t[:, None] * k
            cosines, sines = self.weights[place : place + 2 * count].reshape(2, count)
            turned = (
                2.0 * np.pi * t[:, None] * k * (sines * np.cos(angle) - cosines * np.sin(angle))
            )
            found.append(turned.sum(axis=1, keepdims=True))
            place += 2 * count
        return np.concatenate(found, axis=1)

    def moved(self, step: Vector) -> "Swings":
        """Return it with weights and rates changed; rates stay where they are looked for."""
        count = len(self.weights)
        moved = np.clip(self.rates_hz + step[count:], self.slowest_hz, HIGHEST_HZ)
        rates = tuple(float(hertz) for hertz in moved)
        return replace(self, rates_hz=rates, weights=self.weights + step[:count])

    def later(self, seconds: float) -> "Swings":
        """Return it where everything is so much later, by a longer delay."""
        weights = self.weights + seconds * (np.arange(len(self.weights)) == 0)
        return replace(self, weights=weights, middle=self.middle + seconds)

    def tables(self) -> list[Vector]:
        """Return one period of each oscillator from the beginning of the recording on, (TABLE,).

        The constant is in the first.
        """
        found, place = [], 1
        for number, (hertz, count) in enumerate(zip(self.rates_hz, HARMONICS, strict=False)):
            times = np.arange(TABLE) / (TABLE * hertz) - self.middle
            part = _columns((hertz,), times, (count,))[:, 1:]
            table = part @ self.weights[place : place + 2 * count]
            found.append(np.asarray(table + (self.weights[0] if number == 0 else 0.0)))
            place += 2 * count
        return found


def find_swings(times: Vector, delays: Vector, weights: Vector) -> Swings | None:
    """Return the oscillators of a delay that was followed.

    Args:
        times: s, in equal steps
        delays: in any unit
        weights: how much each counts

    Returns:
        None where it does not move; too slow where it does not once in that time
    """
    middle = float(np.mean(times))
    t, energy = times - middle, _left((), times - middle, delays, weights)[0]
    if energy <= 0.0:
        return None
    slowest = 1.0 / float(t[-1] - t[0])
    first, left = _best_rate((), t, delays, weights, SLOWEST * slowest)
    rates: tuple[float, ...] = (first,)
    if left > LEFT * energy and first >= slowest:
        second, both = _best_rate(rates, t, delays, weights, slowest)
        again, less = _best_rate((second,), t, delays, weights, slowest, swap=True)
        if min(both, less) <= SECOND * left:
            rates, left = ((first, second), both) if both <= less else ((again, second), less)
    if left > MOST * energy:
        return None
    found = _left(rates, t, delays, weights, HARMONICS)[1]
    return Swings(rates, found, middle, slowest)


def _best_rate(
    beside: tuple[float, ...],
    t: Vector,
    delays: Vector,
    weights: Vector,
    slowest: float,
    swap: bool = False,
) -> tuple[float, float]:
    """Return the rate that leaves least beside others, and what it leaves; none below `slowest`."""
    seconds = float(t[-1] - t[0])
    grid = np.arange(slowest, HIGHEST_HZ, STEP / seconds)

    def left(hertz: float) -> float:
        rates = (hertz, *beside) if swap else (*beside, hertz)
        return _left(rates, t, delays, weights)[0]

    far = [abs(grid - other) > 0.7 / seconds for other in beside]
    usable = grid[np.all(far, axis=0)] if far else grid
    errors = np.array([left(float(hertz)) for hertz in usable])
    around = np.pad(errors, 1, constant_values=np.inf)
    lowest = np.flatnonzero((errors <= around[:-2]) & (errors <= around[2:]))
    lowest = lowest[np.argsort(errors[lowest])][:REFINED]
    # between two points of the grid a rate may leave more than its half does near a point
    step = STEP / seconds
    refined = [_refined(left, float(usable[at]), float(errors[at]), slowest, step) for at in lowest]
    least = min(error for _, error in refined)
    bound = ALIKE * least + EXACT * _left((), t, delays, weights)[0]
    return max(each for each in refined if each[1] <= bound)


def _refined(
    left: Callable[[float], float], hertz: float, error: float, slowest: float, step: float
) -> tuple[float, float]:
    """Return the rate within a step of one that leaves least, and what it leaves.

    None is slower than the slowest, Hz.
    """
    found = scipy.optimize.minimize_scalar(
        left,
        bounds=(max(hertz - step, slowest), hertz + step),
        method="bounded",
        options={"xatol": FINEST * step},
    )
    return (float(found.x), float(found.fun)) if found.fun < error else (hertz, error)


def _left(
    rates: tuple[float, ...],
    t: Vector,
    delays: Vector,
    weights: Vector,
    harmonics: tuple[int, ...] = COMPARED,
) -> tuple[float, Vector]:
    """Return the squared error that a series leaves, and its weights."""
    columns = _columns(rates, t, harmonics)
    orders = [
        0,
        *(k for _, n in zip(rates, harmonics, strict=False) for k in [*range(1, n + 1)] * 2),
    ]
    scaled = columns * weights[:, None]
    normal = scaled.T @ columns
    normal[np.diag_indices(len(normal))] += RIDGE * float(weights.sum()) * np.square(orders)
    found = np.linalg.solve(normal, scaled.T @ delays)
    rest = delays - columns @ found
    return float(weights @ rest**2), np.asarray(found)


def _columns(rates: tuple[float, ...], t: Vector, harmonics: tuple[int, ...] = HARMONICS) -> Vector:
    parts = [np.ones((len(t), 1))]
    for hertz, count in zip(rates, harmonics, strict=False):
        angle = 2.0 * np.pi * hertz * t[:, None] * np.arange(1, count + 1)
        parts += [np.cos(angle), np.sin(angle)]
    return np.concatenate(parts, axis=1)
