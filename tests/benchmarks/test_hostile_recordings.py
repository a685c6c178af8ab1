"""The benchmark of recordings with defects draws what it says, and tells its outcomes apart."""

import importlib
from pathlib import Path

import numpy as np
import pytest

from fxchain.data.signals import plucked_strings

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(autouse=True)
def beside_the_scripts(monkeypatch):
    """Let the benchmark's neighbours be imported as those of a script are."""
    monkeypatch.syspath_prepend(BENCHMARKS)


@pytest.fixture
def defects():
    return importlib.import_module("hostile_defects")


@pytest.fixture
def benchmark():
    return importlib.import_module("hostile_recordings")


def pair(defects, seconds=2.0):
    dry, other = (plucked_strings(seconds, defects.RATE, seed) for seed in (1, 2))
    return defects.Recordings(dry, 0.5 * dry, dry, 0.5 * dry, other, lambda audio: 0.5 * audio, 7)


def test_one_to_three_defects_of_different_subjects(benchmark, defects):
    cases = importlib.import_module("hostile_cases")
    drawn = [cases.drawn_defects(number) for number in range(100)]
    assert {len(found) for found in drawn} == {1, 2, 3}
    assert {each.name for found in drawn for each in found} == {e.name for e in defects.DEFECTS}
    for number, found in enumerate(drawn):
        assert len({each.subject for each in found}) == len(found)
        assert [each.name for each in cases.drawn_defects(number)] == [each.name for each in found]


def test_cases_are_drawn_again_equally(monkeypatch, benchmark):
    cases = importlib.import_module("hostile_cases")
    monkeypatch.setattr(cases, "SECONDS", 1.0)
    monkeypatch.delenv(cases.VARIABLE, raising=False)
    (kinds, first), (again, second) = cases.drawn_case(3), cases.drawn_case(3)
    assert kinds == again and 1 <= len(kinds) <= cases.MOST_EFFECTS
    np.testing.assert_array_equal(first.wet, second.wet)
    np.testing.assert_array_equal(first.wet[:, first.late_samples :], first.target)
    np.testing.assert_array_equal(cases.drawn_case(5)[1].wet, first.wet)
    assert not np.array_equal(cases.drawn_case(6)[1].wet, first.wet)


def test_every_defect_changes_the_recordings_and_the_truth_only_where_the_device_did_it(defects):
    for at, defect in enumerate(defects.DEFECTS):
        clean = pair(defects)
        found = defect.draw(clean, np.random.default_rng(at))
        made = (found.dry, found.wet)
        same = all(map(np.array_equal, made, (clean.dry, clean.wet)))
        assert not same or found.wet_rate_hz != clean.wet_rate_hz, defect.name
        assert all(np.isfinite(each).all() and each.dtype == np.float32 for each in made)
        recorder = defect.subject not in defects.DEVICE_SUBJECTS
        assert (found.target is clean.target) == recorder, defect.name
        assert (found.source is clean.source) == recorder or found.source is found.dry


def test_a_jump_is_no_gap(defects):
    clean = pair(defects)
    jumped = defects.jump(clean, np.random.default_rng(0))
    assert jumped.wet.shape[1] != clean.wet.shape[1]
    gaps = defects.gaps(clean, np.random.default_rng(0))
    assert gaps.wet.shape == clean.wet.shape
    changed = gaps.wet != clean.wet
    assert 0.005 * defects.RATE <= changed.sum() <= 4 * 0.03 * defects.RATE
    assert not gaps.wet[changed].any()


def test_the_error_is_that_at_the_best_latency(benchmark, defects):
    target = plucked_strings(2.0, defects.RATE, 5)
    spectrum = np.fft.rfft(target, 4 * target.shape[1])
    turns = np.exp(2j * np.pi * 30.4 * np.arange(spectrum.shape[1]) / (4 * target.shape[1]))
    early = np.fft.irfft(spectrum * turns)[:, : target.shape[1]]
    assert benchmark.esr_at_best_latency(early, target) < 1e-6
    assert benchmark.esr_at_best_latency(1.1 * target, target) == pytest.approx(0.01, rel=1e-3)
    assert benchmark.esr_at_best_latency(np.tile(target, (2, 1)), target) == 1.0
    assert benchmark.esr_at_best_latency(-target, target) > 0.9


@pytest.mark.parametrize(
    ("clean", "esr", "warnings", "expected"),
    [
        (1e-3, 2.9e-3, [], "matched"),
        (1e-9, 9e-5, [], "matched"),
        (1e-3, 3.1e-3, [], "silently wrong"),
        (1e-3, 0.5, ["wet.wav: the recording jumps: 4 samples"], "silently wrong"),
        (1e-3, 0.5, ["the recording jumps", "wet.wav: a constant of +0.1 of full scale"], "said"),
        (1e-3, 0.5, ["the latency of 3 samples is uncertain"], "said"),
    ],
)
def test_outcomes(benchmark, defects, clean, esr, warnings, expected):
    drawn = [each for each in defects.DEFECTS if each.name in ("jump", "DC in wet")]
    found = benchmark.Result(esr, esr, warnings)
    assert benchmark.outcome(clean, found, drawn) == expected
    refused = benchmark.Result(1.0, None, ["no"], refused=True)
    assert benchmark.outcome(clean, refused, drawn) == "said"


def test_preparation_is_judged_by_what_is_compared(defects):
    preparation = importlib.import_module("hostile_preparation")
    cases = importlib.import_module("hostile_cases")
    drawn = {each.name: each for each in defects.DEFECTS}
    clean = pair(defects, 5.0)
    late = drawn["late right"].draw(clean, np.random.default_rng(1)).played_late()
    found, warnings = preparation.prepared(late)
    esr, of_dry, delay = preparation.figures(found.pairs[0], late)
    assert max(esr, of_dry) < 1e-9 and delay == 0 and "late" in " ".join(warnings)
    assert preparation.is_right(esr, of_dry, delay, [])
    moved = cases.replace(late, target=np.roll(late.target, 30, axis=1))
    assert preparation.figures(found.pairs[0], moved)[2] == 30
    other = cases.replace(late, target=late.target[:, ::-1].copy())
    assert preparation.figures(found.pairs[0], other)[0] > 0.5
    assert not preparation.is_right(0.5, 0.0, 0, []) and not preparation.is_right(0.0, 0.0, -9, [])
