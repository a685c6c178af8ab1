"""The response that filters at a place should have, by the tangents of what may be inserted."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from fxchain.data.signals import plucked_strings
from fxchain.matching.search.band_powers import band_centres, power_shares
from fxchain.matching.search.insertion_spots import Choices
from fxchain.matching.search.linearization import linearized
from fxchain.matching.search.other_filters import OtherFilters
from fxchain.matching.search.wanted_responses import wanted_responses
from fxchain.objectives.excerpt import Excerpt
from fxchain.objectives.mean_error import make_objective
from fxchain.preset import Preset, parse_chain
from fxchain.primitives import REGISTRY
from fxchain.render import render
from fxchain.structure.candidate import Candidate
from fxchain.structure.canonical_tree import nodes_of
from fxchain.structure.places import Place, signature
from tests.known_pair import RATE, effect

DRY = plucked_strings(1.5, RATE, seed=4)
FILTERS = tuple(each for each in REGISTRY.values() if each.sections is not None and each.starts)
CHOICES = Choices(FILTERS)
DRIVE, LEVEL = effect("distortion", drive_db=9.0), effect("gain", gain_db=0.0)


def candidate(*nodes: dict[str, Any]) -> Candidate:
    stage, values, _ = parse_chain({"chain": list(nodes)}, "a test")
    return Candidate(stage, values, np.ones(stage.size, dtype=bool))


def pair(*nodes: dict[str, Any]) -> Excerpt:
    hidden = candidate(*nodes)
    return Excerpt(DRY, render(Preset(hidden.stage, hidden.values, RATE), DRY, RATE), 0)


def evaluated(of: Candidate, compared: Excerpt) -> Candidate:
    error = make_objective(of.stage, of.values, of.free, (compared,), RATE)
    return replace(of, loss=float(error.losses(error.cube(of.values)[None])[0]))


BAND = effect("peak_filter", cutoff_frequency_hz=900.0, gain_db=2.0, q=0.9)


@pytest.mark.parametrize("behind", [(), (DRIVE,)], ids=["alone", "before a drive"])
def test_the_response_that_is_missing_is_told_where_there_is_signal(behind):
    compared = pair(BAND, *behind, LEVEL)
    start = evaluated(candidate(*behind, LEVEL), compared)
    found = wanted_responses(linearized(start, (compared,), RATE, CHOICES))
    first = next(each for each in found if each.place == Place((), 0))
    assert first.left < 0.1 * start.loss
    points = band_centres(RATE)
    power = power_shares(DRY, points, RATE)
    loud = (power > 1e-3) & (points > 300.0)
    told = 20.0 * np.log10(np.abs(first.response(points, RATE)[loud]))
    band = candidate(BAND)
    response = np.fft.rfft(
        render(Preset(band.stage, band.values, RATE), _click(), RATE)[0].astype(np.float64)
    )
    bins = np.rint(points[loud] * _click().shape[1] / RATE).astype(int)
    wanted = 20.0 * np.log10(np.abs(response[bins]))
    assert np.abs((told - told.mean()) - (wanted - wanted.mean())).max() < 0.5


def _click() -> np.ndarray:
    click = np.zeros((1, 1 << 15), dtype=np.float32)
    click[0, 0] = 1.0
    return click


def test_two_filters_before_a_drive_come_at_once():
    shelf = effect("high_shelf_filter", cutoff_frequency_hz=3_000.0, gain_db=-3.0, q=0.7)
    compared = pair(BAND, shelf, DRIVE, LEVEL)
    start = evaluated(candidate(DRIVE, LEVEL), compared)
    wanted = wanted_responses(linearized(start, (compared,), RATE, CHOICES))
    others = OtherFilters((compared,), RATE, FILTERS).exchanged(start, wanted)
    before = [each for each in others if signature(nodes_of(each)).endswith(" distortion")]
    best = min((evaluated(each, compared) for each in before), key=lambda each: each.loss)
    assert best.loss < 0.2 * start.loss


def test_a_response_never_becomes_a_zero():
    compared = pair(effect("peak_filter", cutoff_frequency_hz=500.0, gain_db=-24.0, q=0.5), LEVEL)
    start = evaluated(candidate(LEVEL), compared)
    for each in wanted_responses(linearized(start, (compared,), RATE, CHOICES)):
        assert np.abs(each.response(band_centres(RATE), RATE)).min() > 0.049
