"""The rate of a periodic change."""

import numpy as np
import pytest

from fxchain.data.signals import plucked_strings, white_noise
from fxchain.periodic.measured_part import MeasuredPart
from fxchain.periodic.rate import find_rate

RATE = 8_000
SECONDS = 5.0


def _part(dry: np.ndarray, gains: np.ndarray) -> MeasuredPart:
    return MeasuredPart(np.float64(dry), np.float64(dry * gains), RATE, 0.0)


@pytest.mark.parametrize("hertz", [0.9, 3.3])
@pytest.mark.parametrize("steepness", [0.0, 4.0])
def test_neither_multiples_nor_parts_of_a_rate_are_taken(hertz: float, steepness: float) -> None:
    """A steep change has strong harmonics; to a part of its rate they are harmonics as well."""
    dry = white_noise(SECONDS, RATE, seed=2)
    swing = np.sin(2.0 * np.pi * hertz * np.arange(dry.shape[1]) / RATE + 0.4)
    shape = np.tanh(steepness * swing) if steepness else swing
    assert find_rate(_part(dry, 1.0 + 0.6 * shape)) == pytest.approx(hertz, rel=2e-3)


def test_a_change_that_comes_twice_as_often_has_that_rate() -> None:
    dry = plucked_strings(SECONDS, RATE, seed=4)
    swing = np.abs(np.sin(2.0 * np.pi * 1.1 * np.arange(dry.shape[1]) / RATE))
    assert find_rate(_part(dry, 1.0 - 0.8 * swing)) == pytest.approx(2.2, rel=2e-3)
