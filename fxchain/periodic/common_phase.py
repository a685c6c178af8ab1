"""Rate and phase of a periodic change in several recordings of one device.

Each recording has a rate of its own, found in it alone. The phase of a recording is that at which
one filter for it and those before it leaves least of what was left out; rates and phases are then
refined in turn, again by what one filter for all leaves.
"""

from collections.abc import Sequence
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


def turning_parts(parts: Sequence[MeasuredPart]) -> list[TurningPart] | None:
    """Return recordings of one device with the rate and the phase of each.

    Args:
        parts: of the recordings, with equally many channels

    Returns:
        in the same order, the phase of the first is 0; None where nothing periodic was found
    """
    rates = [find_rate(part) for part in parts]
    known = [rate for rate in rates if rate is not None]
    if not known:
        return None
    if len(parts) == 1:
        return [TurningPart(parts[0], known[0])]
    coarse = [coarse_part(part.loudest(COARSE_SECONDS)) for part in parts]
    search = _Phases(coarse[0].sample_rate)
    found: list[TurningPart] = []
    for part, rate in zip(coarse, rates, strict=True):
        likely = known if rate is None else [rate]
        found.append(search.best(found, [TurningPart(part, each) for each in likely]))
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

    def best(self, found: Sequence[TurningPart], likely: Sequence[TurningPart]) -> TurningPart:
        """Return the one of some likely ones, at the phase that suits those that were found."""
        if not found:
            return min(likely, key=lambda each: self._error([each], self._first))
        others = summed_moments([_moments(each, self._first) for each in found])
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
        rest = summed_moments([_moments(each, self._fine) for each in others])
        here = found[number]
        seconds = here.part.seconds

        def moved(part: TurningPart, hertz: float, phase: float) -> TurningPart:
            phase += part.phase - np.pi * hertz * seconds
            return replace(part, rate_hz=part.rate_hz + hertz, phase=phase)

        def error(part: TurningPart) -> float:
            channels = summed_moments([rest, _moments(part, self._fine)])
            return moments_error(channels, mean_radians([*others, part]), self._fine)

        least = error(here)
        for hertz, phase in ((0.0, 2.0 * np.pi / PHASES), (RATE_SHARE / seconds, 0.0)):
            by = scipy.optimize.minimize_scalar(
                lambda x, hertz=hertz, phase=phase: error(moved(here, x * hertz, x * phase)),
                bounds=(-1.0, 1.0),
                method="bounded",
                options={"maxiter": EVALUATIONS},
            )
            if by.fun < least:
                least, here = float(by.fun), moved(here, by.x * hertz, by.x * phase)
        return here

    def _error(self, parts: Sequence[TurningPart], size: Size) -> float:
        channels = summed_moments([_moments(each, size) for each in parts])
        return moments_error(channels, mean_radians(parts), size)


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
