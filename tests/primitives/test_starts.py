"""Where a fit may begin with each effect."""

import numpy as np
import pytest

from fxchain.player import Playback
from fxchain.primitives import REGISTRY
from fxchain.structure.proposal import (
    MOST_AMOUNT,
    amounts_allowed,
    moved_from_neutral,
    start_units,
)

RATE = 44_100
ECHO_SECONDS = 0.1


def units(kind: str, level: float = 0.3):
    audio = level * np.random.default_rng(1).standard_normal((2, 4_000)).astype(np.float32)
    return start_units([REGISTRY[kind]], audio, Playback(RATE), (ECHO_SECONDS,))


@pytest.mark.parametrize("kind", REGISTRY)
def test_every_start_is_within_the_ranges(kind):
    found = units(kind)
    assert found
    for unit in found:
        for spec, value in zip(unit.primitive.parameters, unit.values, strict=True):
            spec.check(value)


@pytest.mark.parametrize("kind", [k for k, p in REGISTRY.items() if p.starts is not None])
def test_starts_name_controls_of_the_effect(kind):
    primitive = REGISTRY[kind]
    assert primitive.starts is not None
    names = {spec.name for spec in primitive.parameters}
    audio = np.ones((1, 100), dtype=np.float32)
    for start in primitive.starts(audio, Playback(RATE), (ECHO_SECONDS,)):
        assert set(start) <= names


@pytest.mark.parametrize(
    ("kind", "name"), [("distortion", "drive_db"), ("clipping", "threshold_db")]
)
def test_starts_follow_the_level(kind, name):
    at = [spec.name for spec in REGISTRY[kind].parameters].index(name)
    quiet, loud = (units(kind, level)[1].values[at] for level in (0.03, 0.3))
    assert abs(quiet - loud) == pytest.approx(20.0, abs=0.1)


def test_an_amount_leads_from_neutral_to_the_start_and_beyond():
    boost = next(unit for unit in units("peak_filter") if unit.named["gain_db"] > 0.0)
    assert moved_from_neutral(boost, 0.0).named["gain_db"] == 0.0
    assert moved_from_neutral(boost, 1.0) == boost
    assert moved_from_neutral(boost, -1.0).named["gain_db"] == -boost.named["gain_db"]
    assert amounts_allowed(boost) == (-MOST_AMOUNT, MOST_AMOUNT)


def test_an_amount_keeps_to_the_ranges():
    low, high = amounts_allowed(units("reverb")[0])
    assert low == 0.0  # a wet level below 0 is none
    assert 0.0 < high <= MOST_AMOUNT
