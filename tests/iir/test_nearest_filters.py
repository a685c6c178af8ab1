"""Filters with the response of other filters."""

from dataclasses import replace

import numpy as np
import pytest

from fxchain.iir import equivalent
from fxchain.iir import nearest_filters as nearest
from fxchain.iir.filter_runs import filter_runs
from fxchain.iir.filter_starts import widest
from fxchain.iir.nearest_filters import nearest_filters, order_of_all
from fxchain.iir.realization import order_of, realizations
from fxchain.iir.response_distance import ResponseDistance, Spectrum
from fxchain.iir.vector_fitting import plane_of, rational_response
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


def test_a_rational_response_of_the_right_order_is_exact_and_one_below_is_not():
    wanted = spectrum(*HIDDEN)
    assert rational_response(wanted, 5).distance < 1e-20
    assert rational_response(wanted, 4).distance > 1e-8


def test_poles_and_zeros_are_those_of_the_filter():
    """A peak has both at its frequency, their Q apart by its gain; a high-pass has a zero at 0."""
    found = rational_response(spectrum(HIDDEN[1]), 2)
    (pole,), (zero,) = found.poles, found.zeros
    there = abs(plane_of(np.array([800.0]), RATE)[0])
    assert abs(pole) == pytest.approx(there, rel=1e-6)
    assert abs(zero) == pytest.approx(there, rel=1e-6)
    assert zero.real / pole.real == pytest.approx(10.0 ** (7.0 / 20.0), rel=1e-6)
    (zero,) = rational_response(spectrum(HIDDEN[0]), 1).zeros
    assert abs(zero) < 1e-6 * abs(plane_of(np.array([90.0]), RATE)[0])


def test_the_order_of_each_kind_is_that_of_its_sections():
    orders = {each.kind: order_of(each, RATE) for each in FILTERS}
    assert orders["highpass_filter"] == orders["lowpass_filter"] == 1
    assert orders["peak_filter"] == orders["low_shelf_filter"] == 2
    assert order_of_all(HIDDEN, RATE) == 5 and order_of_all((), RATE) == 0


def drawn(seed: int) -> tuple[Unit, ...]:
    """Return two to six filters of any kinds."""
    rng = np.random.default_rng(seed)
    found = []
    for primitive in rng.choice(np.array(FILTERS), size=rng.integers(2, 7)):
        frequency_hz = float(np.exp(rng.uniform(np.log(60.0), np.log(8_000.0))))
        gain_db = float(rng.choice([-1.0, 1.0]) * rng.uniform(2.0, 9.0))
        values = (frequency_hz, gain_db, float(np.exp(rng.uniform(np.log(0.4), np.log(3.0)))))
        found.append(unit(primitive.kind, *values[: len(primitive.parameters)]))
    return tuple(found)


@pytest.mark.parametrize("seed", range(8))
def test_drawn_filters_are_found_again_by_their_response(seed: int):
    hidden = drawn(seed)
    orders = order_of_all(hidden, RATE)
    found = nearest_filters(spectrum(*hidden), FILTERS, orders, 1e-9, 1e-12)
    best = min(found, key=lambda each: each.distance)
    assert best.distance < 1e-12
    assert best.knobs <= sum(len(each.values) for each in hidden)


def test_filters_are_found_again_with_their_values():
    found = nearest_filters(spectrum(*HIDDEN), FILTERS, 8, 1e-9, 1e-12)
    best = min(found, key=lambda each: each.distance)
    by_kind = {each.primitive.kind: each.values for each in best.units}
    for hidden in HIDDEN[:2]:  # a shelf is the other one and a gain
        np.testing.assert_allclose(by_kind[hidden.primitive.kind], hidden.values, rtol=1e-4)


def test_a_shelf_of_real_poles_beside_first_order_filters_is_found():
    hidden = (unit("low_shelf_filter", 155.0, 5.4, 0.3), unit("lowpass_filter", 5_000.0))
    hidden = (*hidden, unit("lowpass_filter", 5_600.0))
    (found,) = nearest_filters(spectrum(*hidden), FILTERS, 4, 1e-9, 1e-9)
    assert found.kinds == ("low_shelf_filter", "lowpass_filter", "lowpass_filter")


def test_no_filters_where_no_kind_has_the_poles():
    response = rational_response(spectrum(HIDDEN[1]), 2)
    first_order = [each for each in FILTERS if order_of(each, RATE) == 1]
    assert realizations(response, spectrum(HIDDEN[1]), first_order) == []


def test_two_bands_that_undo_each_other_need_no_filter():
    wanted = spectrum(unit("peak_filter", 900.0, 6.0, 1.0), unit("peak_filter", 900.0, -6.0, 1.0))
    (found,) = nearest_filters(wanted, FILTERS, 4, 1e-9, 1e-9)
    assert found.units == () and abs(found.gain_db) < 1e-6


def test_no_higher_order_is_tried_where_it_is_enough():
    found = nearest_filters(spectrum(*HIDDEN), FILTERS, 8, 1.0, 1e-3)
    assert [each.distance <= 1e-3 for each in found] == [False] * (len(found) - 1) + [True]


def test_the_gain_that_is_left_over_is_told():
    wanted = spectrum(unit("peak_filter", 500.0, 5.0, 1.0))
    louder = Spectrum(POINTS, 2.0 * wanted.response, wanted.power, RATE)
    (best,) = nearest_filters(louder, FILTERS, 2, 1e-9, 1e-9)
    assert best.gain_db == pytest.approx(20.0 * np.log10(2.0), abs=1e-3)


def test_where_there_is_no_signal_nothing_has_to_be_the_same():
    treble = unit("peak_filter", 12_000.0, 12.0, 2.0)
    dull = np.where(POINTS < 2_000.0, 1.0, 1e-12)
    wanted = Spectrum(POINTS, response_of((treble,), POINTS, RATE), dull / dull.sum(), RATE)
    (found,) = nearest_filters(wanted, FILTERS, 2, 1e-3, 1e-3)
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


def test_a_delay_costs_nothing_where_it_is_free():
    plain = spectrum(*HIDDEN)
    late = replace(plain, response=plain.response * np.exp(-0.3j * plain.radians))
    assert equivalent.fitted(HIDDEN, late, equivalent.FURTHER).distance > 1e-6
    found = equivalent.fitted(HIDDEN, replace(late, delay_free=True), equivalent.FURTHER)
    assert found.distance < 1e-12
    assert found.delay_samples == pytest.approx(0.3, abs=1e-3)


def test_so_many_orders_are_tried_where_none_is_enough(monkeypatch: pytest.MonkeyPatch):
    seen = []
    monkeypatch.setattr(
        nearest, "realizations", lambda response, *_: seen.append(response.poles) or []
    )
    assert len(nearest_filters(spectrum(*HIDDEN), FILTERS, 30, 1.0, 0.0)) == 1  # no filter at all
    assert len(seen) == nearest.TRIED
