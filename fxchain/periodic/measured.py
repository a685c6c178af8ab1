"""A measured periodic filter: rate, size and responses, by least squares from pairs of signals."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from fxchain.alignment.aligned_audio import AlignedAudio
from fxchain.periodic.common_phase import turning_parts
from fxchain.periodic.cross_validation import CrossValidation, Size
from fxchain.periodic.least_squares import NormalEquations
from fxchain.periodic.measured_part import MeasuredPart, measured_part
from fxchain.periodic.moments import Complex, Vector
from fxchain.periodic.rate import find_rate
from fxchain.periodic.slow_movement import SlowMovement, measure_slow_movement
from fxchain.periodic.turning_part import TurningPart, mean_radians, summed_moments
from fxchain.player import Asset
from fxchain.player.measured_responses import RESPONSE_SECONDS

#: Lengths of the filters that are tried, s; the longest is that of the responses of an asset.
LENGTHS = (0.006, RESPONSE_SECONDS)
#: Harmonics and ridges that are tried in turn; the next must lower the error to this ratio.
HARMONICS, RIDGES, WORTH_MORE = (3, 6, 12), (1e-2, 1e-3, 1e-4), 0.9
#: The shortest part, s.
LEAST_SECONDS = 2.0
#: Residual of the last solution, relative.
EXACT = 1e-5


@dataclass(frozen=True)
class MeasuredPeriodicFilter:
    """Responses that change periodically, and what they leave.

    Attributes:
        responses: as the effect `periodic_filter` takes them
        rates_hz: of the change, in each recording
        phases_degrees: at the first sample of each recording; of the first 0
        checked: cross-validated error-to-signal ratio
        constant: the same of a filter of the same length that does not change
    """

    responses: Asset
    rates_hz: tuple[float, ...]
    phases_degrees: tuple[float, ...]
    checked: float
    constant: float


def measure_periodic_filter(
    parts: Sequence[AlignedAudio],
    sample_rate: int,
    first_samples: Sequence[int],
    over: Callable[[], bool] = lambda: False,
    rate_of: Callable[[MeasuredPart], float | None] = find_rate,
) -> MeasuredPeriodicFilter | SlowMovement | None:
    """Solve the periodic filter that leads from one signal to another.

    Args:
        parts: a chain's output and the wet of each recording of a device
        sample_rate: Hz
        first_samples: position of each part in its recording, from which the phase counts
        over: tells when no further size is tried
        rate_of: finds the rate of a part, as `find_rate` does

    Returns:
        None where a part is too short; slow movement where nothing was found that is periodic in
        it: a filter may explain more that changes more slowly
    """
    known = [
        measured_part(part, sample_rate, first, LEAST_SECONDS)
        for part, first in zip(parts, first_samples, strict=True)
    ]
    usable = [each for each in known if each is not None]
    if len(usable) < len(known):
        return None
    turning = turning_parts(usable, rate_of)
    if turning is None:
        return measure_slow_movement(usable)
    taps = round(LENGTHS[-1] * sample_rate)
    validation = CrossValidation(turning, HARMONICS[-1], taps)
    size, error = _best_size(validation, sample_rate, over)
    constant = validation.error(Size(0, size.taps, size.ridge))
    first, solved = turning[0], _solved(turning, size)
    start = first.part.first_sample
    responses = [_responses(each, first.radians, start, sample_rate) for each in solved]
    origin = _phase_at_start(first)
    return MeasuredPeriodicFilter(
        Asset(np.stack(responses).astype(np.float32), sample_rate),
        tuple(each.rate_hz for each in turning),
        tuple(math.degrees(_phase_at_start(each) - origin) % 360.0 for each in turning),
        error,
        constant,
    )


def _phase_at_start(part: TurningPart) -> float:
    """Return the phase at the first sample of the recording, rad."""
    return part.phase - part.radians * part.part.first_sample


def _best_size(
    validation: CrossValidation, sample_rate: int, over: Callable[[], bool]
) -> tuple[Size, float]:
    """Return the size with the least error: lengths, ridges and harmonics in turn."""
    lengths = [round(seconds * sample_rate) for seconds in LENGTHS]
    best = Size(HARMONICS[1], lengths[0], RIDGES[1])
    least = validation.error(best)

    def tried(sizes: Sequence[Size]) -> None:
        nonlocal best, least
        for size in sizes:
            error = np.inf if over() else validation.error(size)
            if not error < WORTH_MORE * least:
                break
            best, least = size, error

    tried([Size(best.harmonics, taps, best.ridge) for taps in lengths[1:]])
    for ridges in (RIDGES[2:], RIDGES[1::-1]):
        tried([Size(best.harmonics, best.taps, ridge) for ridge in ridges if ridge != best.ridge])
    tried([Size(harmonics, best.taps, best.ridge) for harmonics in HARMONICS[2:]])
    if best.harmonics == HARMONICS[1]:
        tried([Size(HARMONICS[0], best.taps, best.ridge)])
    return best, least


def _solved(parts: Sequence[TurningPart], size: Size) -> list[Complex]:
    """Return the filters of each channel."""
    everything = [
        each.moments(size.harmonics, size.taps, [np.ones(each.part.samples)]) for each in parts
    ]
    radians = mean_radians(parts)
    return [
        NormalEquations(moments, radians).solve(size.ridge, EXACT)
        for (moments,) in summed_moments(everything)
    ]


def _responses(filters: Complex, radians: float, start: float, sample_rate: int) -> Vector:
    """Return real responses h₀, a₁, b₁, …, one after the other, each with zeros at its end.

    The filters act on exp(ikωs)·x(s), s counted from the part's start; the responses are multiplied
    by cos and sin of kωt, t counted from that of the recording.
    """
    harmonics, taps = len(filters) // 2, filters.shape[1]
    orders = np.arange(harmonics + 1)[:, None]
    turned = filters[harmonics:] * np.exp(-1j * radians * orders * (np.arange(taps) + start))
    table = np.zeros((2 * harmonics + 1, round(RESPONSE_SECONDS * sample_rate)))
    table[0, :taps] = turned[0].real
    table[1::2, :taps], table[2::2, :taps] = 2.0 * turned[1:].real, -2.0 * turned[1:].imag
    return table.reshape(-1)
