"""What can hardly be heard is left out; what can be heard stays."""

import numpy as np
import pytest

from fxchain.data.signals import plucked_strings
from fxchain.structure.audibility import audible, bypass_changes_db
from tests.structure.test_canonical import CLEAN, DRIVE, ECHO, PEAK, chain, effect, gain, kinds, mix

RATE = 44_100
LOUD = effect("distortion", drive_db=36.0)
DRY = plucked_strings(1.0, RATE)


@pytest.mark.parametrize(
    ("nodes", "expected"),
    [
        ([PEAK, effect("clipping", threshold_db=0.0)], ["peak_filter"]),
        ([effect("distortion", drive_db=-20.0), PEAK], ["peak_filter", "gain"]),
        # bypassed by the gain that it is, the drive behind it is driven as before
        ([effect("reverb", wet_level=1e-4, dry_level=0.05), LOUD], ["distortion"]),
        ([mix(CLEAN, (1e-5, [DRIVE]))], ["gain"]),
        ([mix(CLEAN, (0.3, [DRIVE]))], ["distortion"]),
        ([gain(0.01)], []),
        ([gain(1.0)], ["gain"]),
        ([effect("peak_filter", cutoff_frequency_hz=400.0, gain_db=0.005), ECHO], ["delay"]),
    ],
)
def test_what_is_left(nodes, expected):
    assert kinds(audible(chain(*nodes), DRY, RATE)) == expected


def test_the_change_of_a_gain_is_its_own():
    found = chain(gain(6.0), PEAK)
    changes = bypass_changes_db(found, DRY, RATE)
    level, peak = changes.values()
    assert level == pytest.approx(20.0 * np.log10(1.0 - 10.0 ** (-6.0 / 20.0)), abs=1e-3)
    assert -40.0 < peak < 0.0
