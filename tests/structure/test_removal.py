"""Units left out of a chain."""

from typing import Any

import numpy as np
import pytest

from fxchain.data.signals import plucked_strings
from fxchain.player import Playback
from fxchain.preset import parse_chain
from fxchain.structure.candidate import Candidate
from fxchain.structure.removal import (
    compatible,
    level_path,
    removable_units,
    with_level,
    without_units,
)
from tests.known_pair import RATE, effect

PEAK = effect("peak_filter", cutoff_frequency_hz=900.0, gain_db=6.0, q=0.9)
DRIVE = effect("distortion", drive_db=14.0)
GAIN = effect("gain", gain_db=-2.0)
CLEAN: dict[str, Any] = {"chain": []}
MIX = {"mix": [{"weight": 0.4, **CLEAN}, {"weight": 0.7, "chain": [DRIVE]}]}


def candidate(*nodes: dict[str, Any]) -> Candidate:
    """Return a chain of which every value is free."""
    stage, values, _ = parse_chain({"chain": list(nodes)}, "test")
    return Candidate(stage, values, np.ones(stage.size, dtype=bool))


def played(of: Candidate) -> np.ndarray:
    """Return what a chain makes of a test signal."""
    dry = plucked_strings(0.3, RATE, seed=1)
    return np.asarray(of.stage.plugin(Playback(RATE), of.values)(dry, RATE))


def left(of: Candidate, *paths: str, gain_db: float = 0.0) -> Candidate:
    """Return a chain without the units at some paths."""
    units = [unit for unit in removable_units(of) if unit.path in paths]
    assert len(units) == len(paths)
    return without_units(of, units, gain_db).candidate


def names(of: Candidate) -> list[str]:
    """Return the names of a chain's values."""
    return [slot.name for slot in of.stage.slots()]


@pytest.mark.parametrize(
    ("gone", "same"),
    [
        (["chain[0]"], [MIX, GAIN]),
        (["chain[1].mix[1]"], [PEAK, effect("gain", gain_db=20 * np.log10(0.4)), GAIN]),
        (["chain[1].mix[0]"], [PEAK, DRIVE, effect("gain", gain_db=20 * np.log10(0.7)), GAIN]),
        (["chain[1]", "chain[2]"], [PEAK]),
    ],
)
def test_what_is_left_sounds_as_the_chain_without(gone: list[str], same: list[Any]) -> None:
    found = left(candidate(PEAK, MIX, GAIN), *gone)
    assert names(found) == names(candidate(*same))
    assert played(found) == pytest.approx(played(candidate(*same)), abs=1e-6)


def test_the_last_effect_of_a_branch_leaves_two_clean_ones_which_are_a_gain() -> None:
    mix = {"mix": [{"weight": 0.4, **CLEAN}, {"weight": -0.7, "chain": [PEAK, DRIVE]}]}
    found = left(candidate(mix), "chain[0].mix[1].chain[0]", "chain[0].mix[1].chain[1]")
    level = effect("gain", gain_db=20 * np.log10(0.3))
    assert played(found) == pytest.approx(-played(candidate(level)), abs=1e-6)
    assert found.stage.size == 1


def test_values_keep_their_sources_and_ids() -> None:
    whole = candidate(PEAK, MIX, GAIN)
    units = [unit for unit in removable_units(whole) if unit.path == "chain[0]"]
    removal = without_units(whole, units)
    assert np.array_equal(whole.values[removal.sources], removal.candidate.values)
    ids = [slot.stage_id for slot in whole.stage.slots()]
    assert [slot.stage_id for slot in removal.candidate.stage.slots()] == ids[3:]


def test_a_change_of_level_goes_into_the_last_gain_or_a_new_one() -> None:
    found = left(candidate(PEAK, DRIVE, GAIN), "chain[1]", gain_db=5.0)
    assert names(found)[-1] == "gain.gain_db" and found.values[-1] == 3.0
    found = left(candidate(PEAK, DRIVE, PEAK), "chain[1]", gain_db=5.0)
    assert names(found)[3] == "gain.gain_db" and found.values[3] == 5.0 and found.free[3]


def test_without_new_gains_a_mix_of_one_branch_keeps_its_weight() -> None:
    whole = candidate(PEAK, MIX)
    units = [unit for unit in removable_units(whole) if unit.path == "chain[1].mix[0]"]
    found = without_units(whole, units, gain_db=6.0, new_gains=False).candidate
    assert names(found)[3:] == ["mix.weight", "distortion.drive_db"]
    level = effect("gain", gain_db=20 * np.log10(0.7))
    assert played(found) == pytest.approx(played(candidate(PEAK, DRIVE, level)), abs=1e-6)


def test_what_is_fixed_stays() -> None:
    whole = candidate(PEAK, MIX, GAIN)
    whole.free[5] = whole.free[6] = False  # the drive, and the gain
    assert names(whole)[5:] == ["distortion.drive_db", "gain.gain_db"]
    assert {unit.path for unit in removable_units(whole)} == {"chain[0]", "chain[1].mix[0]"}
    whole.free[3] = False  # the clean weight
    assert {unit.path for unit in removable_units(whole)} == {"chain[0]"}


def test_a_unit_goes_with_neither_what_contains_it_nor_the_other_branch() -> None:
    units = {unit.path: unit for unit in removable_units(candidate(PEAK, MIX, GAIN))}
    branches = [units["chain[1].mix[0]"], units["chain[1].mix[1]"]]
    assert not compatible(branches[0], branches[1:])
    assert not compatible(units["chain[1]"], branches) and not compatible(
        branches[0], [units["chain[1]"]]
    )
    assert compatible(units["chain[0]"], branches)


def test_a_level_is_added_only_where_none_follows_the_last_nonlinearity() -> None:
    assert with_level(candidate(DRIVE, GAIN, PEAK)).stage.size == 5
    behind = with_level(candidate(GAIN, DRIVE, PEAK))
    assert names(behind)[-1] == "gain.gain_db" and level_path(behind) == "chain[3]"
    fixed = candidate(DRIVE, GAIN)
    fixed.free[1] = False
    assert names(with_level(fixed)) == ["distortion.drive_db", "gain.gain_db", "gain.gain_db"]
    assert level_path(candidate(PEAK)) == ""
