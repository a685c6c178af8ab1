"""Rate and phase of a periodic change in several recordings of one device.

Each recording has a rate of its own, which is nearly that of the others. Its rate, of those that
were found in any of them, and its phase are those at which one filter for it and those before it
leaves least of what was left out; rates and phases are then refined in turn, again by what one
filter for all leaves.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import scipy.optimize

from fxchain.periodic.cross_validation import Size, folded_moments, moments_error
from fxchain.periodic.measured_part import MeasuredPart
from fxchain.periodic.moments import Moments
from fxchain.periodic.rate import (
    COARSE_SECONDS,
    FINE_HARMONICS,
    HARMONICS,
    coarse_part,
    coarse_size,
    find_rate,
)
from fxchain.periodic.turning_part import TurningPart, mean_radians, summed_moments

#: Phases that are tried.
PHASES = 24
#: How often rates and phases are refined in turn, and evaluations of each.
ROUNDS, EVALUATIONS = 2, 8
#: A rate may change by this share of 1/duration: the phase at the ends by as many turns, halved.
RATE_SHARE = 0.1


def turning_parts(
    parts: Sequence[MeasuredPart], rate_of: Callable[[MeasuredPart], float | None] = find_rate
) -> list[TurningPart] | None:
    """Return recordings of one device with the rate and the phase of each.

    Args:
        parts: of the recordings, with equally many channels
        rate_of: finds the rate of one, as `find_rate` does

    Returns:
        in the same order, the phase of the first is 0; None where nothing periodic was found
    """
    rates = [rate_of(part) for part in parts]
    known = [rate for rate in rates if rate is not None]
    if not known:
        return None
    if len(parts) == 1:
        return [TurningPart(parts[0], known[0])]
    coarse = [coarse_part(part.loudest(COARSE_SECONDS)) for part in parts]
    search = _Phases(coarse[0].sample_rate)
    found: list[TurningPart] = []
    for part in coarse:
        found.append(search.best(found, [TurningPart(part, each) for each in known]))
    for _ in range(ROUNDS):
        for number in range(len(found)):
            found[number] = search.refined(found, number)
    return _of_all(parts, found)


class _Phases:
    """Filters of one size, by what they leave of several recordings.

    Args:
        sample_rate: Hz, of all
    """

    def __init__(self, sample_rate: float) -> None:
        self._first = coarse_size(HARMONICS, sample_rate)
        self._fine = coarse_size(FINE_HARMONICS, sample_rate)
        self._known: dict[tuple[TurningPart, Size], list[list[Moments]]] = {}

    def best(self, found: Sequence[TurningPart], likely: Sequence[TurningPart]) -> TurningPart:
        """Return the one of some likely ones, at the phase that suits those that were found."""
        if not found:
            return min(likely, key=lambda each: self._error([each], self._first))
        others = summed_moments([self._moments(each, self._first) for each in found])
        tried: list[tuple[float, float, int]] = []
        for number, part in enumerate(likely):
            own = _moments(part, self._first)
            radians = mean_radians([*found, part])
            for phase in 2.0 * np.pi * np.arange(PHASES) / PHASES:
                channels = summed_moments([others, _turned(own, phase)])
                tried.append((moments_error(channels, radians, self._first), phase, number))
        _, phase, number = min(tried)
        return replace(likely[number], phase=phase)

    def refined(self, found: Sequence[TurningPart], number: int) -> TurningPart:
        """Return one of several at the rate and the phase at which one filter for all leaves least.

        The phase is that in the middle of the part, which the rate hardly changes.
        """
        others = [each for at, each in enumerate(found) if at != number]
        rest = summed_moments([self._moments(each, self._fine) for each in others])

        def left(part: TurningPart, own: list[list[Moments]]) -> float:
            radians = mean_radians([*others, part])
            return moments_error(summed_moments([rest, own]), radians, self._fine)

        here = found[number]
        own, most = self._moments(here, self._fine), 2.0 * np.pi / PHASES
        phase = _least(lambda more: left(here, _turned(own, more)), most)
        turned = replace(here, phase=here.phase + phase)
        seconds = here.part.seconds

        def faster(hertz: float) -> TurningPart:
            start = turned.phase - np.pi * hertz * seconds
            return replace(turned, rate_hz=turned.rate_hz + hertz, phase=start)

        def error(hertz: float) -> float:
            return left(faster(hertz), _moments(faster(hertz), self._fine))

        return faster(_least(error, RATE_SHARE / seconds))

    def _moments(self, part: TurningPart, size: Size) -> list[list[Moments]]:
        """Return those of a part that stays while others change: they are measured once."""
        if (part, size) not in self._known:
            self._known[part, size] = _moments(part, size)
        return self._known[part, size]

    def _error(self, parts: Sequence[TurningPart], size: Size) -> float:
        channels = summed_moments([_moments(each, size) for each in parts])
        return moments_error(channels, mean_radians(parts), size)


def _least(error: Callable[[float], float], most: float) -> float:
    """Return the number between −most and most with the least error; 0 where none has less."""
    options = {"maxiter": EVALUATIONS}
    found = scipy.optimize.minimize_scalar(
        error, bounds=(-most, most), method="bounded", options=options
    )
    return float(found.x) if found.fun < error(0.0) else 0.0


def _moments(part: TurningPart, size: Size) -> list[list[Moments]]:
    return folded_moments(part, size.harmonics, size.taps)


def _turned(channels: Sequence[Sequence[Moments]], phase: float) -> list[list[Moments]]:
    return [[each.of_recording(phase, 1.0) for each in parts] for parts in channels]


def _of_all(parts: Sequence[MeasuredPart], found: Sequence[TurningPart]) -> list[TurningPart]:
    """Return whole parts with the rates and phases of what was compared of them.

    They begin elsewhere, and the phase of the first becomes 0: all turn back by as much of a turn.
    """
    whole = []
    for part, here in zip(parts, found, strict=True):
        apart = part.first_sample / part.sample_rate
        apart -= here.part.first_sample / here.part.sample_rate
        phase = here.phase + 2.0 * np.pi * here.rate_hz * apart
        whole.append(TurningPart(part, here.rate_hz, phase))
    return [replace(each, phase=each.phase - whole[0].phase) for each in whole]
