"""The aliased share of a distorted sine is what the formulas of its harmonics say."""

import numpy as np
import pytest

from fxchain.metrics.aliasing import aliasing_db

RATE = 44_100


def test_powers_of_a_sine():
    """sin³ has no harmonic beyond half the rate; sin⁵ = (10·sin θ − 5·sin 3θ + sin 5θ)/16 has one,
    which is mirrored to 19.1 kHz."""
    assert aliasing_db(lambda audio: audio**3, RATE, 0.5) < -100.0
    expected = 10.0 * np.log10(1.0 / (10.0**2 + 5.0**2 + 1.0))
    assert aliasing_db(lambda audio: audio**5, RATE, 0.5) == pytest.approx(expected, abs=1e-3)


def test_at_twice_the_rate_it_is_no_longer_aliased():
    assert aliasing_db(lambda audio: audio**5, 2 * RATE, 0.5) < -100.0


@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000, 192_000])
def test_a_filter_and_silence_alias_nothing(rate):
    assert aliasing_db(lambda audio: 0.1 * audio, rate, 0.1, channels=2) < -100.0
    assert aliasing_db(lambda audio: 0.0 * audio, rate, 0.1) == -200.0


def test_the_mean_is_left_out():
    shifted = aliasing_db(lambda audio: audio**5 + 3.0, RATE, 0.5)
    assert shifted == pytest.approx(aliasing_db(lambda audio: audio**5, RATE, 0.5), abs=1e-3)
