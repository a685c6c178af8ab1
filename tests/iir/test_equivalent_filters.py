"""Filters with the response of other filters."""

from dataclasses import replace

import numpy as np
import pytest

from fxchain.iir import equivalent
from fxchain.iir.equivalent_filters import equivalents
from fxchain.iir.exchanged_filters import exchanged, from_other_starts
from fxchain.iir.filter_runs import filter_runs
from fxchain.iir.filter_starts import widest
from fxchain.iir.response_distance import ResponseDistance, Spectrum
from fxchain.player import Playback
from fxchain.preset import parse_chain
from fxchain.primitives import REGISTRY, get_primitive
from fxchain.stage import Effect
from fxchain.structure.candidate import Candidate
from fxchain.structure.canonical_tree import Unit, nodes_of
from fxchain.structure.filter_response import response_of, responses

RATE = 44_100
POINTS = np.geomspace(20.0, 20_000.0, 120)
FILTERS = [each for each in REGISTRY.values() if each.sections is not None and each.starts]


def unit(kind: str, *values: float) -> Unit:
    return Unit(Effect(get_primitive(kind)), values, (True,) * len(values))


def spectrum(*units: Unit, slope: float = 1.0) -> Spectrum:
    """Return the response of filters where the signal falls with frequency."""
    power = POINTS**-slope
    return Spectrum(POINTS, response_of(units, POINTS, RATE), power / power.sum(), RATE)


HIDDEN = (
    unit("highpass_filter", 90.0),
    unit("peak_filter", 800.0, 7.0, 1.2),
    unit("high_shelf_filter", 5_000.0, -6.0, 0.7),
)


@pytest.mark.parametrize("primitive", FILTERS, ids=lambda each: each.kind)
def test_a_response_is_that_of_the_played_filter(primitive):
    values = np.array([[primitive.probe[spec.name] for spec in primitive.parameters]])
    click = np.zeros((1, 1 << 16), dtype=np.float32)
    click[0, 0] = 1.0
    named = dict(zip((spec.name for spec in primitive.parameters), values[0], strict=True))
    played = primitive.plugin(Playback(RATE), **named)(click, RATE)
    bins = np.arange(100, 12_000, 500)
    expected = np.fft.rfft(played[0].astype(np.float64))[bins]
    found = responses(primitive, values, bins * RATE / click.shape[1], RATE)[0]
    np.testing.assert_allclose(found, expected, atol=2e-3)


def test_filters_are_found_again_by_their_response():
    found = equivalents(spectrum(*HIDDEN), FILTERS, 3, 1e-12)
    best = min(found, key=lambda each: each.distance)
    assert best.distance < 1e-9 and best.knobs == 7
    assert best.kinds == tuple(sorted(each.primitive.kind for each in HIDDEN))
    by_kind = {each.primitive.kind: each.values for each in best.units}
    for hidden in HIDDEN:
        np.testing.assert_allclose(by_kind[hidden.primitive.kind], hidden.values, rtol=1e-2)


def test_two_bands_that_undo_each_other_need_no_filter():
    wanted = spectrum(unit("peak_filter", 900.0, 6.0, 1.0), unit("peak_filter", 900.0, -6.0, 1.0))
    (found,) = equivalents(wanted, FILTERS, 2, 1e-9)
    assert found.units == () and abs(found.gain_db) < 1e-6


def test_more_filters_come_nearer_until_it_is_enough():
    found = equivalents(spectrum(*HIDDEN), FILTERS, 3, 1e-12)
    by_count = [min(e.distance for e in found if len(e.units) == n) for n in range(4)]
    assert by_count == sorted(by_count, reverse=True)
    enough = equivalents(spectrum(*HIDDEN), FILTERS, 3, 0.9 * by_count[0])
    assert max(len(each.units) for each in enough) == 1


def test_the_gain_that_is_left_over_is_told():
    wanted = spectrum(unit("peak_filter", 500.0, 5.0, 1.0))
    louder = Spectrum(POINTS, 2.0 * wanted.response, wanted.power, RATE)
    best = min(equivalents(louder, FILTERS, 1, 1e-12), key=lambda each: each.distance)
    assert best.gain_db == pytest.approx(20.0 * np.log10(2.0), abs=1e-3)


def test_where_there_is_no_signal_nothing_has_to_be_the_same():
    treble = unit("peak_filter", 12_000.0, 12.0, 2.0)
    dull = np.where(POINTS < 2_000.0, 1.0, 1e-12)
    wanted = Spectrum(POINTS, response_of((treble,), POINTS, RATE), dull / dull.sum(), RATE)
    (found,) = equivalents(wanted, FILTERS, 1, 1e-3)
    assert found.units == ()


def test_the_jacobian_is_that_of_the_residual():
    error = ResponseDistance((HIDDEN[1], HIDDEN[0]), spectrum(*HIDDEN))
    cube, index = error.cube, error.jacobian_indices()
    plane = error.linearize(cube, index)
    for at in index:
        away = np.eye(len(cube))[at] * 1e-4
        slope = (error.residual(cube + away) - error.residual(cube - away)) / 2e-4
        np.testing.assert_allclose(plane.jacobian[at], slope, rtol=1e-2, atol=1e-3)


def test_the_widest_filters_hardly_change_anything():
    found = {each.primitive.kind: each for each in widest(FILTERS, RATE)}
    assert set(found) == {"highpass_filter", "lowpass_filter"}
    for each in found.values():
        middle = response_of((each,), np.array([700.0]), RATE)
        assert abs(20.0 * np.log10(np.abs(middle[0]))) < 0.1


def test_runs_of_filters_end_at_what_is_none_and_at_what_is_locked():
    effects = ["peak_filter", "gain", "lowpass_filter", "distortion", "peak_filter", "delay"]
    branch = {"mix": [{"weight": 1.0, "chain": []}, {"chain": [{"primitive": "peak_filter"}]}]}
    nodes = [*({"primitive": kind} for kind in effects), branch, {"primitive": "peak_filter"}]
    stage, values, _ = parse_chain({"chain": nodes}, "test")
    free = np.ones(stage.size, dtype=bool)
    free[-1] = False
    runs = filter_runs(nodes_of(Candidate(stage, values, free)))
    assert [(run.path, run.first, len(run.units)) for run in runs] == [
        ((), 0, 3),
        ((), 4, 1),
        (((6, 1),), 0, 1),
    ]
    assert [each.primitive.kind for each in runs[0].filters] == ["peak_filter", "lowpass_filter"]


def test_a_filter_is_exchanged_for_one_of_another_kind():
    others = (HIDDEN[0], HIDDEN[1], unit("peak_filter", 14_000.0, -6.0, 0.4))
    near = equivalent.fitted(others, spectrum(*HIDDEN), equivalent.FURTHER)
    assert near.distance > 1e-6
    found = exchanged(near.units, spectrum(*HIDDEN), FILTERS, near.distance)
    best = min(found, key=equivalent.distance_of)
    assert best.distance < 1e-9
    assert best.kinds == tuple(sorted(each.primitive.kind for each in HIDDEN))


def test_two_filters_are_exchanged_for_one():
    twice = (unit("peak_filter", 990.0, 3.0, 1.0), unit("peak_filter", 1_010.0, 3.0, 1.0))
    found = exchanged((*twice, HIDDEN[2]), spectrum(*twice, HIDDEN[2]), FILTERS, 1e-3)
    simplest = min(found, key=lambda each: each.knobs)
    assert simplest.kinds == ("high_shelf_filter", "peak_filter")


def test_a_delay_costs_nothing_where_it_is_free():
    plain = spectrum(*HIDDEN)
    late = replace(plain, response=plain.response * np.exp(-0.3j * plain.radians))
    assert equivalent.fitted(HIDDEN, late, equivalent.FURTHER).distance > 1e-6
    found = equivalent.fitted(HIDDEN, replace(late, delay_free=True), equivalent.FURTHER)
    assert found.distance < 1e-12
    assert found.delay_samples == pytest.approx(0.3, abs=1e-3)


def test_a_local_minimum_is_left_by_another_start():
    """The signal is a bass and a delay costs nothing: two shelves are near to each other."""
    there = unit("low_shelf_filter", 738.65, 0.894, 0.338)
    power = np.exp(-0.5 * np.square(np.log(POINTS / 80.0) / 0.45)) + 1e-10
    power /= power.sum()
    wanted = Spectrum(POINTS, response_of((there,), POINTS, RATE), power, RATE, delay_free=True)
    begun = unit("low_shelf_filter", 200.0, 0.3, 0.7)
    stuck = equivalent.fitted((begun,), wanted, equivalent.FURTHER)
    found = from_other_starts(stuck, wanted, FILTERS)
    assert found.distance < 0.1 * stuck.distance
    assert found.units[0].values[0] == pytest.approx(738.65, rel=0.02)


def test_filters_at_the_minimum_are_left_as_they_are():
    best = equivalent.fitted(HIDDEN, spectrum(*HIDDEN), equivalent.FURTHER)
    assert from_other_starts(best, spectrum(*HIDDEN), FILTERS).units == best.units
