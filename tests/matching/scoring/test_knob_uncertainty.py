"""How certain the knobs are."""

import json

import numpy as np
import pytest
from rich.console import Console

from fxchain.cli.show import redundancies, tree_of
from fxchain.data.signals import plucked_strings
from fxchain.matching.match import match
from fxchain.matching.scoring import knob_uncertainty as uncertainty
from fxchain.matching.scoring.knob_range import rounded_outwards
from fxchain.matching.scoring.knob_uncertainty import JUST_AUDIBLE, measure_uncertainty
from fxchain.matching.scoring.redundant_knobs import redundant_groups
from fxchain.matching.search.result import FitResult
from fxchain.objectives.excerpt import Excerpt
from fxchain.objectives.waveform_error import WaveformError
from fxchain.player import Playback
from fxchain.preset import Preset, parse_chain
from fxchain.preset.knob_ranges import KEY, read_ranges
from fxchain.recordings.problem import Problem
from tests.known_pair import RATE, effect, known_pair
from tests.matching.stand_in import replace_fit


def measured(nodes, seconds=1.5, free=None):
    """Measure a chain at the truth; return it by the knobs' names."""
    stage, values, _ = parse_chain({"chain": nodes}, "the test's chain")
    dry = plucked_strings(seconds, RATE, seed=3)
    problem = Problem(dry, stage.plugin(Playback(RATE), values)(dry, RATE), 0, RATE, 1)
    found = measure_uncertainty(FitResult(stage, values, 0.0, free=free), [problem])
    return {knob.name: knob for knob in found.knobs}, found


def peak(**parameters):
    return effect("peak_filter", **{"cutoff_frequency_hz": 900.0, "gain_db": 6.0, **parameters})


@pytest.mark.parametrize(
    "name",
    [
        "peak_filter.gain_db",
        "peak_filter.cutoff_frequency_hz",
        "distortion.drive_db",
        "compressor.ratio",
        "delay.feedback",
        "reverb.damping",
    ],
)
def test_the_error_has_grown_as_predicted_at_the_ends_of_a_range(name):
    problem, stage, values = known_pair(1.5)
    alone = np.array([slot.name == name for slot in stage.slots()])
    found = measure_uncertainty(FitResult(stage, values, 0.0, free=alone), [problem])
    (knob,) = [knob for knob in found.knobs if not knob.fixed]
    assert knob.audible and knob.low < knob.value < knob.high
    objective = WaveformError(
        stage, values, alone, Excerpt(problem.dry, problem.wet, 0), problem.sample_rate
    )
    for end in (knob.low, knob.high):
        loss = objective.losses(np.array([[knob.slot.spec.normalize(end)]]))[0]
        assert JUST_AUDIBLE / 2 < loss < 2 * JUST_AUDIBLE


def test_the_other_knobs_follow():
    nodes = [peak(q=0.9), effect("low_shelf_filter", cutoff_frequency_hz=700.0, gain_db=3.0)]
    stage, values, _ = parse_chain({"chain": nodes}, "the test's chain")
    dry = plucked_strings(1.5, RATE, seed=3)
    wet = stage.plugin(Playback(RATE), values)(dry, RATE)
    free = np.array([slot.spec.name == "gain_db" for slot in stage.slots()])
    fit = FitResult(stage, values, 0.0, free=free)
    knob = measure_uncertainty(fit, [Problem(dry, wet, 0, RATE, 1)]).knobs[1]
    objective = WaveformError(stage, values, free, Excerpt(dry, wet, 0), RATE)
    for end in (knob.low, knob.high):
        position = knob.slot.spec.normalize(end)
        others = objective.cube(values)[1] + np.linspace(-0.05, 0.05, 201)
        losses = objective.losses(np.array([[position, other] for other in others]))
        assert JUST_AUDIBLE / 2 < losses.min() < 2 * JUST_AUDIBLE


def test_a_worse_match_is_less_certain():
    problem, stage, values = known_pair(1.0)
    noise = 0.1 * np.random.default_rng(0).standard_normal(problem.wet.shape).astype(np.float32)
    noisy = Problem(problem.dry, problem.wet + noise, 0, RATE, 1)
    sure, unsure = (
        measure_uncertainty(FitResult(stage, values, 0.0), [each]).knobs[0]
        for each in (problem, noisy)
    )
    assert unsure.high - unsure.low > 2 * (sure.high - sure.low)


def test_knobs_that_cannot_be_heard():
    knobs, _ = measured([peak(gain_db=0.0), effect("delay", mix=0.0), effect("gain")])
    for name in ("chain[0].cutoff_frequency_hz", "chain[0].q", "chain[1].delay_seconds"):
        assert knobs[name].audible is False
    assert (knobs["chain[0].q"].low, knobs["chain[0].q"].high) == (0.1, 10.0)
    assert knobs["chain[0].gain_db"].audible and knobs["chain[2].gain_db"].audible


def test_a_knob_that_is_heard_elsewhere_is_not_called_inaudible():
    """A threshold above every peak does nothing here, and much when it comes down."""
    knobs, _ = measured([effect("clipping", threshold_db=0.0), effect("gain", gain_db=-3.0)])
    threshold = knobs["chain[0].threshold_db"]
    assert threshold.audible and threshold.low is None and threshold.high is None


def test_a_delay_is_known_to_the_sample():
    knobs, _ = measured([effect("delay", delay_seconds=1600.5 / RATE, mix=0.4)])
    time = knobs["chain[0].delay_seconds"]
    assert (time.low, time.high) == (1600 / RATE, 1601 / RATE)


def test_gains_in_series_are_redundant():
    nodes = [effect("gain", gain_db=2.0), peak(), effect("gain", gain_db=-1.0)]
    knobs, found = measured(nodes)
    assert found.redundant == (("chain[0].gain_db", "chain[2].gain_db"),)
    assert (knobs["chain[0].gain_db"].low, knobs["chain[0].gain_db"].high) == (-40.0, 40.0)
    assert knobs["chain[1].gain_db"].high - knobs["chain[1].gain_db"].low < 1.0


def test_redundant_groups_with_nothing_in_common_are_told_apart():
    columns = np.random.default_rng(0).standard_normal((5, 50))
    columns[3], columns[4] = -2.0 * columns[0], 0.5 * columns[1]
    assert redundant_groups(columns @ columns.T) == [[0, 3], [1, 4]]
    assert redundant_groups(np.eye(3)) == [] and redundant_groups(np.zeros((0, 0))) == []


def test_fixed_knobs_have_no_range_and_do_not_follow():
    nodes = [effect("gain", gain_db=2.0), effect("gain", gain_db=-1.0)]
    knobs, found = measured(nodes, free=np.array([True, False]))
    first, second = knobs["chain[0].gain_db"], knobs["chain[1].gain_db"]
    assert second.fixed and second.audible and second.low is None and second.high is None
    assert not first.fixed and first.high - first.low < 0.1 and found.redundant == ()


def test_ranges_are_rounded_outwards():
    assert rounded_outwards(3.91237, 4.20011) == (3.912, 4.201)
    assert rounded_outwards(0.001, 2.0) == (0.001, 2.0)
    assert rounded_outwards(0.5000312, 0.5000938) == (0.5000312, 0.5000938)
    assert rounded_outwards(-8.0, 8.0) == (-8.0, 8.0)
    assert rounded_outwards(1.0, 1.0) == (1.0, 1.0)


@pytest.mark.parametrize(
    "broken",
    [
        lambda *_: np.full((3, 3), np.nan),
        lambda *_: np.full((3, 3), np.inf),
        lambda *_: (_ for _ in ()).throw(RuntimeError("out of memory")),
        lambda *_: (_ for _ in ()).throw(np.linalg.LinAlgError("singular")),
    ],
)
def test_what_cannot_be_measured_is_unknown(monkeypatch, broken):
    monkeypatch.setattr(uncertainty, "_gauss_newton_hessian", broken)
    knobs, found = measured([peak()], seconds=1.0)
    assert len(knobs) == 3 and found.redundant == ()
    assert all((knob.low, knob.high, knob.audible) == (None,) * 3 for knob in knobs.values())
    json.dumps(found.metrics(), allow_nan=False)


@pytest.fixture(scope="module")
def found():
    """A match of two gains around a peak, stood in for by the truth."""
    flat = effect("peak_filter", cutoff_frequency_hz=4_000.0, gain_db=0.0)
    nodes = [effect("gain", gain_db=-2.0), peak(q=1.0), effect("gain", gain_db=-3.0), flat]
    stage, values, _ = parse_chain({"chain": nodes}, "the test's chain")

    def truth(problems, template, budget, seed):
        return FitResult(stage, values, 0.0)

    dry = plucked_strings(2.0, RATE, seed=3)
    with pytest.MonkeyPatch.context() as patch:
        replace_fit(patch, truth)
        return match(dry, stage.plugin(Playback(RATE), values)(dry, RATE), RATE)


def test_the_metrics_name_every_knob(found):
    json.dumps(found.metrics, allow_nan=False)
    knobs = found.metrics["knobs"]
    assert [knob["name"] for knob in knobs] == [slot.name for slot in found.preset.stage.slots()]
    assert set(knobs[0]) == {"path", "name", "unit", "value", "low", "high", "audible", "fixed"}
    gain = knobs[2]
    assert (gain["path"], gain["unit"], gain["value"]) == ("chain[1]", "dB", 6.0)
    assert 5.5 < gain["low"] < 6.0 < gain["high"] < 6.5 and gain["audible"]
    assert ["chain[0].gain_db", "chain[2].gain_db"] in found.metrics["redundant"]


def test_the_preset_keeps_the_ranges(found, tmp_path):
    found.preset.save(tmp_path / "preset.json")
    loaded = Preset.load(tmp_path / "preset.json")
    assert loaded.metadata == found.preset.metadata
    assert loaded.to_json() == found.preset.to_json()
    ranges = read_ranges(loaded.metadata, loaded.stage, loaded.values)
    knob = found.metrics["knobs"][2]
    assert ranges.ranges["chain[1].gain_db"] == (knob["low"], knob["high"])
    assert "chain[3].q" in ranges.inaudible


def shown(preset):
    console = Console(width=400, highlight=False)
    with console.capture() as capture:
        console.print(tree_of(preset, "a preset"))
        for line in redundancies(preset):
            console.print(line)
    return capture.get()


def with_metadata(metadata, nodes=({"primitive": "compressor", "parameters": {"ratio": 4.0}},)):
    stage, values, _ = parse_chain({"chain": list(nodes)}, "the test's chain")
    return Preset(stage, values, RATE, metadata)


def test_show_prints_the_ranges(found):
    text = shown(found.preset)
    assert "gain_db 6 ±0.0" in text and "q 0.707 (cannot be heard)" in text
    assert "gain_db -2 ±? dB" in text
    assert "unheard: gain.gain_db at chain[0], gain.gain_db at chain[2]" in text


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        ([3.951, 4.049], "ratio 4 ±0.049  "),
        ([1.234, 17.0], "ratio 4 1.2…17  "),
        ([3.9, 4.31], "ratio 4 3.90…4.31  "),
        ([2.0, 17.0], "ratio 4 2.0…17  "),
        ([4.0, 4.0], "ratio 4 ±0  "),
        ([1.0, 20.0], "ratio 4 ±?  "),
        ([-(10**400), 1e308], "ratio 4 ±?  "),
    ],
)
def test_how_a_range_is_written(ends, words):
    text = shown(with_metadata({KEY: {"ranges": {"chain[0].ratio": ends}}}))
    assert words in text


def test_of_many_redundant_knobs_the_first_are_named():
    nodes = [effect("gain")] * 9
    group = [f"chain[{at}].gain_db" for at in range(9)]
    text = shown(with_metadata({KEY: {"redundant": [group]}}, nodes))
    assert "chain[5] and 3 more" in text and "chain[6]" not in text


def test_show_prints_the_range_of_a_weight():
    nodes = [{"mix": [{"weight": 0.5, "chain": []}]}]
    ranges = {"chain[0].mix[0].weight": [0.4, 0.6]}
    assert "weight 0.5 ±0.10" in shown(with_metadata({KEY: {"ranges": ranges}}, nodes))


@pytest.mark.parametrize(
    "written",
    [
        None,
        3,
        [],
        {"ranges": 3, "redundant": 3},
        {"ranges": {"chain[0].ratio": 3}, "redundant": [3]},
        {"ranges": {"chain[0].ratio": [3.0]}, "redundant": [[3, 4], ["chain[0].ratio"]]},
        {"ranges": {"chain[0].ratio": [True, "a"]}, "redundant": [["x", "chain[0].ratio"]]},
        {"ranges": {"chain[0].ratio": [10**400, -(10**400)]}, "redundant": {}},
        {"ranges": {"chain[0].ratio": [5.0, 6.0], "other": [0.0, 1.0], "chain[0].attack_ms": "x"}},
    ],
)
def test_malformed_metadata_are_passed_over(written):
    assert shown(with_metadata({KEY: written})) == shown(with_metadata({}))


def test_a_real_match_has_a_row_for_each_knob():
    dry = plucked_strings(2.0, RATE, seed=3)
    made = match(dry, np.tanh(3 * dry), RATE, chain="drive", iterations=2, threads=1)
    knobs = made.metrics["knobs"]
    assert [knob["value"] for knob in knobs] == made.preset.values.tolist()
    assert any(knob["low"] is not None for knob in knobs)
