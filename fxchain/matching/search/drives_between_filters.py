"""Drives with filters around them, found without a start that is near.

A drive bends what the filters before it leave, and what it plays is filtered again. From a chain of
filters alone no small step leads there: the filters have to be others then. So the values of

    filters, drive, filters, drive, …        or        filters, drive  ‖  the dry

are searched by evolution for the least that a filter behind them leaves (`LinearRemainder`), and
that filter follows in closed form.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from fxchain.dsp.minimum_phase import minimum_phase
from fxchain.iir.nearest_filters import nearest_filters
from fxchain.iir.response_distance import Spectrum
from fxchain.matching.search.band_powers import band_centres, sums_in_bands, with_faint
from fxchain.objectives.excerpt import Excerpt
from fxchain.objectives.linear_remainder import LinearRemainder
from fxchain.optim.budget import BudgetView
from fxchain.optim.evolution import Evolution
from fxchain.primitives import Primitive
from fxchain.stage import Effect
from fxchain.structure.candidate import Candidate
from fxchain.structure.canonical import canonical
from fxchain.structure.canonical_tree import Branch, Node, Split, Unit, candidate_of, nodes_of
from fxchain.structure.criterion import Complexity, price
from fxchain.structure.proposal import gain_unit, inversion_unit, start_units

#: Generations of the evolution, and candidates in each.
GENERATIONS, POPULATION = 25, 16
#: The highest order of the filter at the end.
ORDERS = 12
#: That filter may be so many times as far from the best as that is from the wet.
APART = 10.0
#: Its response is raised to this share of the largest at least.
LEAST = 1e-3
#: It is delayed or advanced by so much at most, s: the way from a loudspeaker to a microphone.
FARTHEST_SECONDS = 0.005


def usable_drives(primitives: Sequence[Primitive]) -> tuple[Primitive, ...]:
    """Return the kinds of drives that such a chain may have: those with a gain of their own before
    their curve, which goes from straight to a limiter with it, the most general ones."""
    drives = [
        each
        for each in primitives
        if each.memoryless and each.purpose == "drive" and each.input_gain is not None
    ]
    general = {each.generalizes for each in drives}
    return tuple(each for each in drives if each.kind not in general)


@dataclass(frozen=True)
class DrivesBetweenFilters:
    """Makes chains of drives with filters around them.

    Attributes:
        excerpts: what is compared
        sample_rate: Hz
        drive: kind of drive
        filters: kinds of filters; before each drive there is one of each
        delay_free: the latencies of all excerpts are fitted
    """

    excerpts: Sequence[Excerpt]
    sample_rate: int
    drive: Primitive
    filters: Sequence[Primitive]
    delay_free: bool = False

    def found(
        self, count: int, clean: bool, seed: int, like: Candidate, budget: BudgetView
    ) -> Candidate:
        """Return a chain with so many drives, in canonical form.

        Args:
            count: of drives
            clean: the dry stands beside them, through filters of its own
            seed: of the random numbers
            like: a candidate of the same recordings
            budget: when to end
        """
        units = tuple(unit for _ in range(count) for unit in self._stretch())
        start = candidate_of(units, like)
        remainder = LinearRemainder(
            start.stage, start.values, start.free, self.excerpts, self.sample_rate, clean
        )
        evolution = Evolution(seed, POPULATION, GENERATIONS)
        end = evolution.minimize(remainder, remainder.cube(start.values), budget)
        before = nodes_of(start.at(remainder.values(end.cube)))
        of = remainder.spectra(end.cube[None])
        inputs = [
            _Input(of.powers[0, number, number].real, response)
            for number, response in enumerate(of.responses()[0])
        ]
        farthest = round(FARTHEST_SECONDS * self.sample_rate) if self.delay_free else 0
        delay_samples, _ = excess_delay(inputs[0].response, inputs[0].heard, farthest)
        turned = np.exp(2j * np.pi * of.hertz / self.sample_rate * delay_samples)
        total = max(float(of.wet.sum()), 1e-30)
        lines = [self._line(each.turned(turned), of.hertz, end.loss, total) for each in inputs]
        (sign, behind), *others = lines
        driven = (*before, *behind)
        nodes: tuple[Node, ...] = driven if sign > 0.0 else (*driven, inversion_unit())
        if others:
            clean_sign, filters = others[0]
            nodes = (Split((Branch(sign, True, driven), Branch(clean_sign, True, filters))),)
        found = canonical(candidate_of(nodes, like))
        if not self.delay_free:
            return found
        shifts = like.latency_shifts or (0.0,) * len(self.excerpts)
        return replace(found, latency_shifts=tuple(each + delay_samples for each in shifts))

    def _stretch(self) -> list[Unit]:
        """Return a filter of each kind, which hardly changes anything, and a drive."""
        excerpt = self.excerpts[0]
        playback = excerpt.playback(self.sample_rate)
        drives = start_units([self.drive], excerpt.dry, playback, ())
        return [*map(_resting, self.filters), drives[len(drives) // 2]]

    def _line(
        self, of: "_Input", hertz: np.ndarray, left: float, total: float
    ) -> tuple[float, tuple[Node, ...]]:
        """Return the sign of a response, and filters that have it but for that, with a gain."""
        _, sign = excess_delay(of.response, of.heard, 0)
        share = max(float(of.heard.sum()) / total, 1e-6)
        wanted, bound = self._in_bands(of, hertz, sign), left / share
        sets = nearest_filters(wanted, self.filters, ORDERS, APART * bound, bound)
        if not sets:
            return sign, (gain_unit(10.0 * float(np.log10(of.mean_square))),)
        best = min(sets, key=lambda s: price(left + s.distance, Complexity(s.knobs, len(s.units))))
        return sign, (*best.units, gain_unit(best.gain_db))

    def _in_bands(self, of: "_Input", hertz: np.ndarray, sign: float) -> Spectrum:
        """Return a response by bins in bands; those without a bin have that of the nearest."""
        points = band_centres(self.sample_rate)
        power = sums_in_bands(of.power[None], points, hertz)
        there = np.flatnonzero(power)
        inside = sums_in_bands((of.power * of.response)[None], points, hertz)[there] / power[there]
        real, imaginary = (
            np.interp(points, points[there], part) for part in (inside.real, inside.imag)
        )
        response = sign * (real + 1j * imaginary)
        size = np.abs(response)
        response *= np.maximum(LEAST * size.max() / np.maximum(size, 1e-30), 1.0)
        shares = sums_in_bands(of.heard[None], points, hertz) / max(float(of.heard.sum()), 1e-30)
        return Spectrum(points, response, with_faint(shares, response), self.sample_rate)


@dataclass(frozen=True, eq=False)
class _Input:
    """What goes into a filter at the end, by bin: its power, and the response of that filter."""

    power: np.ndarray
    response: np.ndarray

    @property
    def heard(self) -> np.ndarray:
        """Return the power behind the filter, (bins,)."""
        found: np.ndarray = self.power * np.square(np.abs(self.response))
        return found

    @property
    def mean_square(self) -> float:
        """Return how much louder it is behind the filter, as a ratio of powers."""
        return max(float(self.heard.sum()) / max(float(self.power.sum()), 1e-30), 1e-12)

    def turned(self, factors: np.ndarray) -> "_Input":
        """Return the same with another phase."""
        return replace(self, response=self.response * factors)


def excess_delay(response: np.ndarray, power: np.ndarray, farthest: int) -> tuple[float, float]:
    """Return the delay that a response has beyond that of its minimum phase, and its sign.

    Args:
        response: (bins,), complex, from 0 Hz to half the sample rate
        power: (bins,), how much each counts
        farthest: the largest delay or advance, samples
    """
    size = np.maximum(np.abs(response), LEAST * np.abs(response).max() + 1e-30)
    least = minimum_phase(np.log(size))
    excess = response / np.maximum(np.abs(response), 1e-30) * np.exp(-1j * least)
    pulse = np.fft.irfft(power * excess)
    lags = np.arange(-farthest, farthest + 1)
    heights = pulse[lags]
    best = int(np.argmax(np.abs(heights)))
    return float(lags[best]), 1.0 if heights[best] >= 0.0 else -1.0


def _resting(primitive: Primitive) -> Unit:
    """Return a filter at its defaults."""
    specs = primitive.parameters
    return Unit(Effect(primitive), tuple(spec.default for spec in specs), (True,) * len(specs))
