"""Effects that are hardly more than a gain, in front of what needs their level."""

import numpy as np
import pytest

from fxchain.matching.search.elimination import eliminate
from fxchain.matching.search.gains_in_place import gain_in_place, with_gains_in_place
from fxchain.optim.budget import Budget
from fxchain.structure.criterion import price_of
from fxchain.structure.removal import removable_units
from tests.known_pair import effect
from tests.matching.search.test_elimination import chain, drive, error_on, gain, pair, peak

SOFT = effect("compressor", threshold_db=-10.0, ratio=1.001, attack_ms=5.0, release_ms=90.0)


def part_of(candidate, path):
    return next(part for part in removable_units(candidate) if part.path == path)


def test_a_drive_that_is_hardly_driven_is_its_small_signal_gain():
    candidate = chain(gain(-40.0), drive(12.0), drive(30.0))
    found = gain_in_place(candidate, part_of(candidate, "chain[1]"), error_on(pair(drive(3.0))))
    assert found is not None
    assert 20.0 * np.log10(found.factor) == pytest.approx(12.0, abs=0.05)
    left = with_gains_in_place(candidate, {found.stage_id: found.factor})
    assert left is not None
    assert [slot.name for slot in left.stage.slots()] == ["distortion.drive_db"]
    assert left.values == pytest.approx([2.0], abs=0.05)


@pytest.mark.parametrize(
    ("nodes", "path"),
    [
        ([drive(12.0), peak(900.0, 6.0), gain(-3.0)], "chain[0]"),
        ([gain(-3.0), drive(12.0)], "chain[0]"),
        ([{"mix": [{"weight": 0.5, "chain": [drive(9.0)]}, {"weight": 0.5, "chain": []}]}], ""),
    ],
    ids=["all behind it is linear", "a gain", "inside a mix"],
)
def test_others_are_left_to_the_gain_at_the_end(nodes, path):
    candidate = chain(*nodes)
    part = part_of(candidate, path or "chain[0].mix[0]")
    assert gain_in_place(candidate, part, error_on(pair(drive(3.0)))) is None


def test_nothing_is_gained_where_a_gain_is_left_in_its_place():
    candidate = chain(drive(3.0), effect("bitcrush", bit_depth=8.0))
    first = candidate.stage.stages[0]
    assert with_gains_in_place(candidate, {first.id: 1.4}) is None


@pytest.mark.parametrize("needless", [drive(-19.0), SOFT])
def test_a_needless_effect_in_front_of_a_drive_goes(needless):
    true = [peak(900.0, 6.0), drive(14.0)]
    level_db = 19.0 if needless is not SOFT else 0.0
    found = eliminate(
        chain(peak(900.0, 6.0), needless, drive(14.0 + level_db)),
        error_on(pair(*true)),
        Budget(steps=200),
        to_nothing=False,
    )
    best = min(found, key=price_of)
    assert [slot.kind for slot in best.stage.slots()] == ["peak_filter"] * 3 + ["distortion"]
    assert best.values == pytest.approx([900.0, 6.0, 1.0, 14.0], rel=1e-2)
