"""What a match finds out, in words and figures."""

import itertools
import json
from typing import Any

import numpy as np
import pytest

from fxchain.data.signals import plucked_strings
from fxchain.matching.findings import Finding, findings_budget, measure_findings, sentence
from fxchain.matching.findings.sentences import short
from fxchain.matching.match import match
from fxchain.matching.search.result import FitResult
from fxchain.optim.budget import Budget
from fxchain.player import Playback
from fxchain.preset import Preset, parse_chain
from fxchain.recordings.problem import Problem
from fxchain.session.result import Match
from tests.known_pair import RATE, effect
from tests.matching.stand_in import replace_fit

DRY = plucked_strings(4.0, RATE, seed=3)
DRIVE = effect("distortion", drive_db=20.0)
PEAK = effect("peak_filter", cutoff_frequency_hz=900.0, gain_db=8.0, q=1.0)
SHELF = effect("high_shelf_filter", cutoff_frequency_hz=4_000.0, gain_db=-6.0, q=0.7)
COMPRESSOR = effect("compressor", threshold_db=-30.0, ratio=5.0, attack_ms=5.0, release_ms=80.0)
DELAY = effect("delay", delay_seconds=0.2000113378684807, feedback=0.3, mix=0.3)


def fit_of(nodes: list[Any], free: np.ndarray | None = None) -> tuple[FitResult, Problem]:
    """Return a chain as if it had been found, and the pair that it explains exactly."""
    stage, values, _ = parse_chain({"chain": nodes}, "the test's chain")
    wet = stage.plugin(Playback(RATE), values)(DRY, RATE)
    return FitResult(stage, values, 0.0, free=free), Problem(DRY, wet, 0, RATE, 1)


def found_in(
    nodes: list[Any], steps: int = 400, free: np.ndarray | None = None
) -> tuple[Finding, ...]:
    fitted, problem = fit_of(nodes, free)
    return measure_findings(fitted, [problem], Budget(steps=steps))


def of_kind(found: tuple[Finding, ...], kind: str) -> dict[tuple[str, ...], Finding]:
    return {each.parts: each for each in found if each.kind == kind}


def test_without_a_part_the_error_is_larger_by_what_it_did() -> None:
    found = of_kind(found_in([DRIVE, PEAK, SHELF]), "without")
    assert list(found) == [("distortion",), ("equalizer",)]
    drive = found["distortion",]
    assert drive.figures["error"] < 1e-8
    assert 1e-3 < drive.figures["error_without"] < 0.3
    assert sentence(drive).startswith("without the distortion the error would be 0.0")


def test_the_others_follow_where_a_part_is_left_out() -> None:
    twice = [PEAK, DRIVE, PEAK]
    stage, _, _ = parse_chain({"chain": twice}, "twice")
    stuck = np.array([slot.kind == "distortion" for slot in stage.slots()])
    moving = found_in([PEAK, SHELF, DRIVE, effect("gain", gain_db=-3.0)])
    fitted, problem = fit_of([DRIVE, effect("clipping", threshold_db=-1.0)])
    assert of_kind(moving, "without")["gain",].figures["error_without"] > 1e-3
    # a clipping that hardly does anything: what is left makes up for it
    clipped = of_kind(measure_findings(fitted, [problem], Budget(steps=200)), "without")
    assert (
        clipped["clipping",].figures["error_without"]
        < clipped["distortion",].figures["error_without"]
    )
    # parts of which every value is fixed are not left out
    assert set(of_kind(found_in(twice, free=stuck), "without")) == {("distortion",)}


def test_an_order_that_changes_the_sound_is_told() -> None:
    found = of_kind(found_in([PEAK, DRIVE]), "order")
    order = found["equalizer", "distortion"]
    assert order.told
    assert order.figures["error_exchanged"] > 100 * order.figures["error"]
    assert sentence(order).startswith("the equalizer before the distortion: the other way round")


def test_an_order_that_cannot_be_told_is_said_to_be_so() -> None:
    clipping = effect("clipping", threshold_db=-4.0)
    order = of_kind(found_in([DRIVE, clipping]), "order")["distortion", "clipping"]
    assert not order.told
    assert "before or after the clipping: cannot be told" in sentence(order)


def test_filters_and_levels_have_no_order() -> None:
    gain = effect("gain", gain_db=-3.0)
    assert not of_kind(found_in([PEAK, DELAY, gain, DRIVE]), "order").keys() & set(
        itertools.permutations(["equalizer", "delay", "gain", "distortion"], 2)
    )


def test_several_boxes_of_a_kind_have_numbers() -> None:
    found = found_in([PEAK, DRIVE, SHELF])
    names = [each.parts[0] for each in found if each.kind == "without"]
    assert names == ["first equalizer", "distortion", "second equalizer"]


def test_a_clean_branch_is_a_part() -> None:
    mix = {"mix": [{"weight": 0.7, "chain": []}, {"weight": 0.6, "chain": [DRIVE]}]}
    found = of_kind(found_in([mix]), "without")
    assert found["clean branch",].figures["error_without"] > 1e-4
    assert found["distortion",].figures["error_without"] > 1e-4


def test_the_pair_itself_is_described() -> None:
    linear = found_in([PEAK, SHELF])
    kinds = [each.kind for each in linear]
    assert kinds[:3] == ["linear", "no_echo", "no_decay"]
    said = [sentence(each) for each in linear]
    assert said[1].startswith("no echo above −")
    assert int(said[1].split("−")[1].split()[0]) >= 60
    echo = next(each for each in found_in([DELAY]) if each.kind == "echo")
    assert round(echo.figures["seconds"] * RATE) == int(0.2 * RATE)


def test_nothing_and_a_gain_are_found_in_the_pair() -> None:
    empty = FitResult(*parse_chain({"chain": []}, "nothing")[:2], loss=0.0)
    same = measure_findings(empty, [Problem(DRY, DRY, 0, RATE, 1)], Budget(steps=10))
    assert [each.kind for each in same] == ["same"]
    half = measure_findings(empty, [Problem(DRY, DRY / 2, 0, RATE, 1)], Budget(steps=10))
    assert sentence(half[0]).startswith("a gain of −6.02 dB explains the wet recording")


def test_without_a_budget_only_the_pair_is_described() -> None:
    assert not {"without", "order"} & {each.kind for each in found_in([DRIVE, PEAK], steps=0)}
    assert findings_budget(60.0, None).seconds == 5.0
    assert findings_budget(10.0, None).seconds == 1.0
    assert findings_budget(60.0, 12).steps == 3


def test_a_chain_that_cannot_be_computed_has_no_figures() -> None:
    fitted, problem = fit_of([DRIVE])
    wrong = FitResult(fitted.stage, np.array([np.nan]), 0.0)
    found = measure_findings(wrong, [problem], Budget(steps=50))
    assert all(np.isfinite(list(each.figures.values())).all() for each in found)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.1349, "0.13"), (0.002, "2e-3"), (1e-12, "1e-12"), (0.0, "0"), (1.5, "1.5")],
)
def test_ratios_are_short(value: float, text: str) -> None:
    assert short(value) == text


def test_metrics_terminal_and_report_have_the_findings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    fitted, problem = fit_of([DRIVE, PEAK])
    replace_fit(monkeypatch, lambda *_: fitted)
    found: Match = match(problem.dry, problem.wet, RATE, iterations=400)
    found.write(tmp_path / "out")
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text())
    order = next(each for each in metrics["findings"] if each["kind"] == "order")
    assert order["told"] and order["parts"] == ["distortion", "equalizer"]
    assert order["error_exchanged"] > order["error"]
    assert order["paths"] == ["chain[0]", "chain[1]"]
    page = (tmp_path / "out" / "report.html").read_text()
    from fxchain.cli.matching_report import report

    report(found, "out")
    printed = " ".join(capsys.readouterr().out.split())
    for each in metrics["findings"]:
        assert each["sentence"] in page
        assert each["sentence"] in printed
    assert Preset.load(tmp_path / "out" / "preset.json").stage == fitted.stage
