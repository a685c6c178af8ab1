"""Chains whose filters are made fewer."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from fxchain.alignment.fractional_delay import advanced
from fxchain.data.signals import plucked_strings
from fxchain.matching.search.other_filters import OtherFilters
from fxchain.objectives.excerpt import Excerpt
from fxchain.objectives.mean_error import make_objective
from fxchain.preset import Preset, parse_chain
from fxchain.primitives import get_primitive
from fxchain.render import render
from fxchain.structure.candidate import Candidate
from fxchain.structure.canonical_tree import nodes_of
from fxchain.structure.criterion import complexity
from fxchain.structure.places import signature
from tests.known_pair import RATE, effect

DRY = plucked_strings(2.0, RATE, seed=3)
DRIVE = effect("distortion", drive_db=12.0)


def bands(*gains_db: float) -> list[dict[str, Any]]:
    frequencies = np.geomspace(100.0, 5_000.0, len(gains_db))
    pairs = zip(frequencies, gains_db, strict=True)
    return [effect("peak_filter", cutoff_frequency_hz=f, gain_db=g, q=0.7) for f, g in pairs]


def candidate(*nodes: dict[str, Any]) -> Candidate:
    stage, values, _ = parse_chain({"chain": list(nodes)}, "a test")
    return Candidate(stage, values, np.ones(stage.size, dtype=bool))


def excerpt(of: Candidate) -> Excerpt:
    """Return the dry beside what a chain makes of it."""
    return Excerpt(DRY, render(Preset(of.stage, of.values, RATE), DRY, RATE), 0)


def loss(of: Candidate, compared: Excerpt) -> float:
    error = make_objective(of.stage, of.values, of.free, (compared,), RATE)
    return float(error.losses(error.cube(of.values)[None])[0])


@pytest.mark.parametrize("tolerance", [1e-2, 1e-4])
def test_an_equalizer_of_many_bands_has_fewer_and_plays_nearly_the_same(tolerance: float) -> None:
    before = candidate(*bands(0.0, 3.0, 5.0, 4.0, 0.5, -4.0, -6.0), DRIVE, *bands(1.0, 0.0, 0.0))
    compared = excerpt(before)
    found = OtherFilters((compared,), RATE, ()).fewest(before, tolerance)
    assert complexity(found).knobs < complexity(before).knobs
    assert "distortion" in signature(nodes_of(found))
    assert loss(found, compared) < 10.0 * tolerance  # the drive behind them may raise it
    assert found.loss is None


def test_the_filters_before_a_drive_keep_their_level() -> None:
    louder = effect("high_shelf_filter", cutoff_frequency_hz=20.0, gain_db=9.0, q=0.7)
    peak = effect("peak_filter", cutoff_frequency_hz=1_500.0, gain_db=6.0, q=0.7)
    before = candidate(louder, peak, DRIVE)
    compared = excerpt(before)
    found = OtherFilters((compared,), RATE, ()).fewest(before, 1e-2)
    assert signature(nodes_of(found)) == "peak_filter distortion"  # the gain is in the drive
    assert loss(found, compared) < 3e-2


def test_nothing_changes_where_every_filter_is_needed() -> None:
    before = candidate(*bands(9.0, -9.0))
    found = OtherFilters((excerpt(before),), RATE, ()).fewest(before, 1e-8)
    assert complexity(found).knobs == complexity(before).knobs


def test_what_is_locked_stays() -> None:
    before = candidate(*bands(0.1, 0.1, 0.1))
    locked = Candidate(before.stage, before.values, np.zeros(before.stage.size, dtype=bool))
    found = OtherFilters((excerpt(before),), RATE, ()).fewest(locked, 1.0)
    assert found.stage.size == before.stage.size and not found.free.any()


def test_filters_of_a_kind_keep_their_ids() -> None:
    before = candidate(*bands(6.0, 0.0, 0.0), DRIVE)
    found = OtherFilters((excerpt(before),), RATE, ()).fewest(before, 1e-6)
    (kept,) = (node for node in nodes_of(found)[:1])
    assert kept.effect.id == nodes_of(before)[0].effect.id  # type: ignore[union-attr]


@pytest.mark.parametrize("late", [0.0, 0.2])
def test_what_is_left_tells_which_filters_are_wrong(late: float) -> None:
    shelf = effect("high_shelf_filter", cutoff_frequency_hz=5_000.0, gain_db=-6.0, q=0.7)
    wrong = effect("peak_filter", cutoff_frequency_hz=14_000.0, gain_db=-5.0, q=0.4)
    compared = excerpt(candidate(DRIVE, *bands(7.0, -3.0), shelf))
    compared = replace(compared, wet=advanced(compared.wet, -late))
    start = candidate(DRIVE, *bands(7.0, -3.0), wrong)
    start = replace(start, loss=loss(start, compared), latency_shifts=(0.0,))
    filters = OtherFilters((compared,), RATE, (get_primitive("high_shelf_filter"),), True)
    best = min(filters.exchanged(start), key=lambda each: each.loss or 0.0)
    assert "high_shelf_filter" in signature(nodes_of(best))
    assert best.latency_shifts == pytest.approx((late,), abs=0.05)
    there = replace(compared, wet=advanced(compared.wet, best.latency_shifts[0]))
    assert loss(best, there) < 0.1 * (start.loss or 0.0)
