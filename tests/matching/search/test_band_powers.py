"""Where the power of a signal is over frequency."""

import numpy as np
import pytest

from fxchain.matching.search.band_powers import FAINT, band_centres, power_shares, with_faint
from tests.known_pair import RATE

POINTS = band_centres(RATE)


@pytest.mark.parametrize("seed", range(3))
def test_a_low_note_has_no_power_where_it_does_not_sound(seed):
    """An excerpt begins and ends anywhere in it."""
    rng = np.random.default_rng(seed)
    time = np.arange(round(rng.uniform(0.6, 0.8) * RATE)) / RATE
    note = np.sin(2.0 * np.pi * rng.uniform(50.0, 90.0) * time + rng.uniform(0.0, 6.0))
    shares = power_shares(note[None].astype(np.float32), POINTS, RATE)
    assert shares.sum() == pytest.approx(1.0)
    assert shares[POINTS > 3_000.0].max() < FAINT


def test_the_faint_floor_lies_before_a_filter():
    """Where the filter plays hardly anything, an error before it is heard as little."""
    low_pass = 1.0 / (1.0 + 1j * (POINTS / 500.0) ** 3)
    power = np.where(POINTS < 200.0, 1.0, 0.0)
    found = with_faint(power / power.sum(), low_pass)
    assert found.sum() == pytest.approx(1.0)
    silent = POINTS > 5_000.0
    before = found[silent] / np.abs(low_pass[silent]) ** 2
    np.testing.assert_allclose(before, FAINT, rtol=0.05)
