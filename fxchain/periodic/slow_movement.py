"""Movement of which less than one period is in the part: its rate cannot be known."""

from collections.abc import Sequence
from dataclasses import dataclass

from fxchain.periodic.cross_validation import CrossValidation
from fxchain.periodic.measured_part import MeasuredPart
from fxchain.periodic.rate import COARSE_SECONDS, HARMONICS, coarse_part, coarse_size
from fxchain.periodic.turning_part import TurningPart

#: Periods of the slow filter in the part that is compared.
PERIODS = 0.5


@dataclass(frozen=True)
class SlowMovement:
    """A device that moves, by less than a period.

    Attributes:
        checked: error-to-signal ratio of what follows the movement
        constant: the same of what does not move
        seconds: length of the part
    """

    checked: float
    constant: float
    seconds: float


def measure_slow_movement(parts: Sequence[MeasuredPart]) -> SlowMovement:
    """Return what a filter leaves that changes slowly, and what one leaves that does not.

    Both are cross-validated; the parts are compared one by one.
    """
    errors = []
    for part in parts:
        coarse = coarse_part(part.loudest(COARSE_SECONDS))
        size = coarse_size(HARMONICS, coarse.sample_rate)
        turning = TurningPart(coarse, PERIODS / coarse.seconds)
        validation = CrossValidation([turning], size.harmonics, size.taps)
        steady = coarse_size(0, coarse.sample_rate)
        errors.append((validation.error(size), validation.error(steady)))
    checked, constant = (sum(each) / len(errors) for each in zip(*errors, strict=True))
    return SlowMovement(checked, constant, min(part.seconds for part in parts))
