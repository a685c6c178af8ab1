"""The match, from two recordings to five files."""

import json
import math
import subprocess
import sys
from dataclasses import fields, replace
from typing import get_type_hints

import numpy as np
import pytest
import soundfile
import soxr
import torch

from fxchain.alignment.fractional_delay import advanced
from fxchain.data.signals import plucked_strings, white_noise
from fxchain.errors import MatchError, OutputError
from fxchain.matching.match import match
from fxchain.matching.match_pairs import match_pairs
from fxchain.matching.options import MatchKeywords, MatchOptions, MatchPairsKeywords
from fxchain.matching.search.result import FitResult
from fxchain.metrics.scores import score
from fxchain.preset import Preset
from fxchain.primitives import get_primitive
from fxchain.session.result import (
    AUDIO_FILE,
    BOARD_FILE,
    METRICS_FILE,
    PRESET_FILE,
    REPORT_FILE,
)
from fxchain.stage import Effect
from tests.matching.stand_in import replace_fit

RATE = 16_000
FILES = {PRESET_FILE, BOARD_FILE, AUDIO_FILE, METRICS_FILE, REPORT_FILE}


def strings(seconds=6.0, seed=0, rate=RATE):
    return plucked_strings(seconds, rate, seed)


def half_late_and_inverted(dry, samples=37):
    return -0.5 * np.pad(dry, ((0, 0), (samples, 0)))


def solve_gain(problems, template, budget, seed):
    """Stand in for the fit: set every gain to the level and leave the rest."""
    (problem,), values = problems, np.array(template.values)
    start = problem.first_valid
    powers = [np.square(a[:, start:]).sum(dtype=float) for a in (problem.dry, problem.wet)]
    for at, slot in enumerate(template.stage.slots()):
        if slot.name == "gain.gain_db":
            values[at] = 10 * math.log10(powers[1] / powers[0])
    while not budget.over:
        budget.step("standing in", 0.1)
    return FitResult(template.stage, values, 0.1, budget.history)


@pytest.fixture
def gain_chain(tmp_path):
    path = tmp_path / "gain.json"
    path.write_text('{"chain": [{"primitive": "gain"}]}')
    return path


@pytest.fixture
def stood_in(gain_chain, monkeypatch):
    """Match with the stand-in."""
    replace_fit(monkeypatch, solve_gain)

    def do(dry, wet, sample_rate=RATE, **options):
        options = {"chain": gain_chain, "iterations": 2} | options
        return match(dry, wet, sample_rate, **options)

    return do


def test_level_latency_and_polarity_come_back(stood_in):
    dry = strings()
    found = stood_in(dry, half_late_and_inverted(dry))
    metrics = found.metrics
    assert (metrics["latency_samples"], metrics["polarity"]) == (37, -1)
    assert metrics["alignment_confidence"] > 0.9
    for part in ("fitted", "held_out"):
        assert metrics[part]["esr"] < 1e-10
        assert abs(metrics[part]["loudness_error_db"]) < 1e-3
        assert metrics["baselines"]["best_gain"][part]["esr"] < 1e-10
        assert metrics["baselines"]["unprocessed"][part]["esr"] == pytest.approx(9.0, rel=1e-4)
    np.testing.assert_allclose(found.matched, -0.5 * dry, atol=1e-6)
    assert metrics["null_depth_db"] < -120


def test_a_latency_by_part_of_a_sample(stood_in, monkeypatch):
    dry = strings()
    late = advanced(half_late_and_inverted(dry), -0.4)
    whole = stood_in(dry, late, latency_samples=37).metrics
    given = stood_in(dry, late, latency_samples=37.4).metrics
    assert given["latency_samples"] == given["settings"]["latency_samples"] == 37.4
    assert given["held_out"]["esr"] < 0.02 * whole["held_out"]["esr"]

    def finds_it(*task):
        return replace(solve_gain(*task), latency_shifts=(0.4,))

    replace_fit(monkeypatch, finds_it)
    found = stood_in(dry, late, chain="drive").metrics
    assert (found["latency_samples"], found["polarity"]) == (37.4, -1)
    assert found["settings"]["latency_samples"] is None


def test_the_metrics_have_what_was_promised(stood_in):
    metrics = stood_in(strings(), 0.5 * strings(), seed=3).metrics
    assert set(metrics) >= {
        "fitted", "held_out", "baselines", "latency_samples", "polarity", "alignment_confidence",
        "null_depth_db", "warnings", "settings", "seed", "versions",
    }  # fmt: skip
    figures = {"esr", "mr_stft", "loudness_error_db"}
    assert set(metrics["fitted"]) == set(metrics["held_out"]) == figures
    baselines = metrics["baselines"]
    assert set(baselines) == {"unprocessed", "best_gain", "best_linear_filter"}
    assert all(set(b["fitted"]) == set(b["held_out"]) == figures for b in baselines.values())
    settings = metrics["settings"]
    assert settings["iterations"] == 2 and "seconds" not in settings
    assert settings["chain"] == "gain.json" and settings["mr_stft"]["fft_sizes"]
    assert settings["held_out_samples"] == [76_800, 96_000]
    assert metrics["seed"] == 3 and metrics["versions"]["pedalboard"]
    json.dumps(metrics, allow_nan=False)


def test_the_figures_are_those_of_the_written_files(stood_in, tmp_path):
    dry, wet = strings(), np.tanh(2 * strings())
    found = stood_in(dry, wet)
    found.write(tmp_path / "out")
    matched, rate = soundfile.read(tmp_path / "out" / AUDIO_FILE, dtype="float32", always_2d=True)
    assert rate == RATE and matched.shape == (96_000, 1)
    held_out = slice(76_800, 96_000)
    figures = score(wet[:, held_out], np.ascontiguousarray(matched.T[:, held_out]), RATE)
    assert found.metrics["held_out"]["esr"] == figures.esr
    assert found.metrics["held_out"]["mr_stft"] == figures.mr_stft
    assert {path.name for path in (tmp_path / "out").iterdir()} == FILES
    assert json.loads((tmp_path / "out" / METRICS_FILE).read_text()) == found.metrics
    loaded = Preset.load(tmp_path / "out" / PRESET_FILE)
    np.testing.assert_array_equal(loaded.values, found.preset.values)


def test_the_written_script_plays_what_was_written(stood_in, tmp_path):
    soundfile.write(tmp_path / "dry.wav", strings().T, RATE, subtype="FLOAT")
    stood_in(tmp_path / "dry.wav", 0.7 * strings()).write(tmp_path / "out")
    board = [sys.executable, BOARD_FILE, tmp_path / "dry.wav", tmp_path / "again.wav"]
    subprocess.run(board, cwd=tmp_path / "out", check=True)
    matched, again = (
        soundfile.read(path, dtype="float32")[0]
        for path in (tmp_path / "out" / AUDIO_FILE, tmp_path / "again.wav")
    )
    np.testing.assert_array_equal(matched, again)


def test_the_matched_file_is_as_long_as_the_dry_and_at_its_rate(stood_in, tmp_path):
    soundfile.write(tmp_path / "dry.wav", strings(7.0).T, RATE, subtype="FLOAT")
    wet = 0.5 * soxr.resample(strings(5.0).T, RATE, 24_000).T
    soundfile.write(tmp_path / "wet.wav", np.repeat(wet, 2, axis=0).T, 24_000, subtype="FLOAT")
    found = stood_in(tmp_path / "dry.wav", tmp_path / "wet.wav", None)
    assert found.sample_rate == RATE and found.matched.shape == (2, 7 * RATE)
    warnings = found.metrics["warnings"]
    assert len(warnings) == 3 and not any(str(tmp_path) in sentence for sentence in warnings)


def test_a_short_pair_is_scored_on_the_fit(stood_in):
    metrics = stood_in(strings(2.0), 0.5 * strings(2.0)).metrics
    assert metrics["held_out"] is None and metrics["fitted"]["esr"] < 1e-10
    assert all(baseline["held_out"] is None for baseline in metrics["baselines"].values())
    assert any("nothing is held out" in sentence for sentence in metrics["warnings"])


def test_baselines_see_only_the_fitted_part(stood_in):
    dry, wet = strings(), np.tanh(2 * strings())
    other = wet.copy()
    other[:, 76_800:] = white_noise(1.2, RATE)
    one, two = (stood_in(dry, each).metrics["baselines"] for each in (wet, other))
    for name in one:
        assert one[name]["fitted"] == two[name]["fitted"]
        assert one[name]["held_out"] != two[name]["held_out"]


def test_torch_is_left_as_it_was(stood_in):
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    try:
        stood_in(strings(1.0), strings(1.0), threads=2)
        assert torch.get_num_threads() == 1
        assert torch.get_default_dtype() == torch.float64
    finally:
        torch.set_num_threads(before)
        torch.set_default_dtype(torch.float32)


def test_progress_names_the_phases(stood_in):
    phases = []
    stood_in(
        strings(1.0),
        strings(1.0),
        iterations=1,
        progress=lambda phase, loss, share: phases.append(phase),
    )
    assert phases == ["compiling", "aligning", "standing in", "scoring"]


def test_an_interrupted_search_is_scored_all_the_same(gain_chain, monkeypatch):
    def stop(problems, template, budget, seed):
        return FitResult(template.stage, template.values, 0.5, interrupted=True)

    replace_fit(monkeypatch, stop)
    found = match(strings(1.0), strings(1.0), RATE, chain=gain_chain)
    assert found.interrupted and found.metrics["fitted"]["esr"] < 1e-10
    assert any("stopped early" in sentence for sentence in found.metrics["warnings"])


def test_a_folder_with_files_in_it_is_refused(stood_in, tmp_path):
    found = stood_in(strings(1.0), strings(1.0))
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with pytest.raises(OutputError, match="has files in it"):
        found.write(tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]
    found.write(tmp_path / "out", force=True)
    assert {path.name for path in (tmp_path / "out").iterdir()} == FILES | {"mine.txt"}


@pytest.mark.parametrize(
    ("wish", "reason"),
    [
        ({"seconds": 0.0}, "--seconds"),
        ({"seconds": math.nan}, "--seconds"),
        ({"iterations": 0}, "--iterations"),
        ({"seed": -1}, "--seed"),
        ({"threads": 0}, "--threads"),
        ({"polarity": 0}, "--polarity"),
        ({"chain": "nothing"}, "nothing"),
        ({"lock": ["gain.gain_db=3"], "chain": "eq", "without": ["gain"]}, "not in the chain"),
    ],
)
def test_a_wish_that_makes_no_sense(wish, reason):
    with pytest.raises(MatchError, match=reason):
        match(strings(1.0), strings(1.0), RATE, **wish)


def test_a_preset_is_no_chain_but_a_start():
    preset = Preset(Effect(get_primitive("gain")), np.array([3.0]), RATE)
    with pytest.raises(MatchError, match=r"chain is a Preset: .* give a preset as start"):
        match(strings(1.0), strings(1.0), RATE, chain=preset)


def test_a_chain_with_nothing_to_find(tmp_path):
    path = tmp_path / "fixed.json"
    path.write_text('{"chain": [{"primitive": "gain", "parameters": {"gain_db": 1}}]}')
    with pytest.raises(MatchError, match="every value of this chain is fixed"):
        match(strings(1.0), strings(1.0), RATE, chain=path)


def test_an_option_that_does_not_exist():
    with pytest.raises(TypeError, match=r"match\(\) got an unexpected keyword argument 'secs'"):
        match(strings(1.0), strings(1.0), RATE, secs=3)
    with pytest.raises(TypeError, match="gain_per_pair"):
        match(strings(1.0), strings(1.0), RATE, gain_per_pair=True)
    with pytest.raises(TypeError, match="dry_channel"):
        match_pairs([(strings(1.0), strings(1.0))], RATE, dry_channel=0)
    with pytest.raises(TypeError, match="wet_channel"):
        match_pairs([(strings(1.0), strings(1.0))], RATE, wet_channel=0)


def test_every_option_is_a_keyword_argument():
    options = {each.name for each in fields(MatchOptions)}
    assert set(get_type_hints(MatchKeywords)) == options - {"gain_per_pair"}
    assert set(get_type_hints(MatchPairsKeywords)) == options - {"dry_channel", "wet_channel"}


def test_a_match_is_that_of_several_pairs_with_one(stood_in, gain_chain):
    dry, wet = strings(), half_late_and_inverted(strings())
    one = stood_in(dry, wet).metrics
    several = match_pairs([(dry, wet)], RATE, chain=gain_chain, iterations=2).metrics
    (pair,) = several["pairs"]
    for name in ("fitted", "held_out", "baselines", "latency_samples", "polarity", "condition"):
        assert one[name] == pair[name]
    for name in ("fitted", "held_out", "baselines", "knobs", "redundant", "null_depth_db"):
        assert one[name] == several[name]
    spans = ("fitted_samples", "held_out_samples")
    assert {name: one["settings"][name] for name in spans} == {name: pair[name] for name in spans}
    assert several["warnings"] == [f"pair pair-1: {sentence}" for sentence in one["warnings"]]
