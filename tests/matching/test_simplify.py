"""Another chain of a front: in the library, in the folder of a match and on the command line."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from fxchain import Preset, match, match_pairs, simplify
from fxchain.cli import app
from fxchain.data.presets import noise_assets
from fxchain.data.signals import plucked_strings
from fxchain.errors import FxchainError, MatchError, PresetError
from fxchain.matching.front_chains import points_of
from fxchain.matching.search.front import FrontPoint, choose
from fxchain.matching.search.result import FitResult
from fxchain.optim.budget import Budget
from fxchain.preset import parse_chain
from fxchain.primitives import get_primitive
from fxchain.recordings.problem import Problem
from fxchain.session.front import read_front
from fxchain.stage import Effect
from fxchain.structure.candidate import Candidate
from fxchain.structure.template import Template
from tests.known_pair import effect
from tests.matching.stand_in import replace_fit

RATE = 16_000
FILES = ["board.py", "front.json", "matched.wav", "metrics.json", "preset.json", "report.html"]
GAIN = effect("gain", gain_db=-6.0)
PEAK = effect("peak_filter", cutoff_frequency_hz=900.0, gain_db=1.0, q=0.9)
DRIVE = effect("distortion", drive_db=3.0)


def point(judged: float, *nodes: dict[str, Any]) -> FrontPoint:
    """Return a chain of which all is free, with its error."""
    stage, values, _ = parse_chain({"chain": list(nodes)}, "test")
    return FrontPoint(Candidate(stage, values, np.ones(stage.size, dtype=bool)), judged / 2, judged)


POINTS = (
    point(0.5),
    point(1e-3, GAIN),
    point(9.9e-4, PEAK, GAIN),
    point(9.8e-4, PEAK, DRIVE, GAIN),
)


def find_front(
    problems: Sequence[Problem], template: Template, budget: Budget, seed: int
) -> FitResult:
    """Stand in for the search."""
    budget.step("standing in", 0.1)
    taken = choose(POINTS, template.bounds)
    found, number = taken.candidate, POINTS.index(taken)
    return FitResult(
        found.stage, found.values, taken.fitted, free=found.free, front=POINTS, chosen=number
    )


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with two recordings and a match of them in `out`."""
    place = tmp_path_factory.mktemp("match")
    dry = plucked_strings(5.0, RATE)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        replace_fit(patch, find_front)
        soundfile.write("dry.wav", dry.T, RATE, subtype="FLOAT")
        soundfile.write("wet.wav", (0.5 * dry).T, RATE, subtype="FLOAT")
        match("dry.wav", "wet.wav", iterations=3).write("out")
    return place


@pytest.fixture
def folder(written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of that folder to work in; a match finds the same front."""
    shutil.copytree(written, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    replace_fit(monkeypatch, find_front)
    return tmp_path


def run(*arguments: object) -> Any:
    """Run the command."""
    return CliRunner().invoke(app, ["simplify", *map(str, arguments)])


def listing(folder: Path) -> list[str]:
    """Return the names in a folder."""
    return sorted(path.name for path in folder.iterdir())


def kinds(preset: Preset) -> list[str]:
    """Return the kinds of the effects, each once."""
    return list(dict.fromkeys(slot.kind for slot in preset.stage.slots()))


def test_a_match_writes_the_front(folder: Path) -> None:
    assert listing(folder / "out") == FILES
    metrics = json.loads((folder / "out" / "metrics.json").read_text())
    assert [row["knobs"] for row in metrics["front"]] == [0, 1, 4, 5]
    assert [row["chosen"] for row in metrics["front"]] == [False, True, False, False]
    assert metrics["front"][2] == {
        "knobs": 4,
        "stages": 2,
        "effects": ["peak_filter", "gain"],
        "fitted_error": 4.95e-4,
        "judged_error": 9.9e-4,
        "chosen": False,
    }
    front = read_front("out")
    assert [each.knobs for each in front.chains] == [0, 1, 4, 5]
    assert front.chains[2].preset.stage == POINTS[2].candidate.stage
    assert front.request["dry"] == str(folder / "dry.wav")
    text = (folder / "out" / "front.json").read_text()
    assert '"dry": "../dry.wav"' in text and str(folder) not in text


def test_a_match_within_bounds_takes_the_best_of_them(folder: Path) -> None:
    bound = match("dry.wav", "wet.wav", iterations=3, knobs=4)
    assert kinds(bound.preset) == ["peak_filter", "gain"]
    assert "--knobs 4" in bound.metrics["command"] and bound.settings["knobs"] == 4
    assert match("dry.wav", "wet.wav", iterations=3, stages=0).preset.stage.size == 0
    with pytest.raises(MatchError, match="--stages -1: give 0 or more"):
        match("dry.wav", "wet.wav", stages=-1)


def test_nothing_within_the_bounds_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.matching.test_simplify.POINTS", POINTS[1:3])
    found = match("dry.wav", "wet.wav", iterations=3, knobs=0)
    assert found.preset.stage.size == 1
    assert any("no chain within --knobs 0 was found" in each for each in found.metrics["warnings"])


def test_another_chain_is_played_and_scored_anew(folder: Path) -> None:
    found = simplify("out", stages=2)
    assert kinds(found.preset) == ["peak_filter", "gain"]
    before = match("dry.wav", "wet.wav", iterations=3)
    assert found.metrics["held_out"]["esr"] > 2.0 * before.metrics["held_out"]["esr"]
    assert found.matched.shape == before.matched.shape
    assert [each["chosen"] for each in found.metrics["front"]] == [False, False, True, False]
    assert any(
        "4 knobs, 2 stages instead of 1 knob, 1 stage" in each for each in found.metrics["warnings"]
    )
    assert len(found.metrics["knobs"]) == 4 and found.history == []


def test_the_command_writes_it_into_another_folder_and_back(folder: Path) -> None:
    result = run("out", "--knobs", 5, "--out", "more")
    assert result.exit_code == 0, result.output
    assert "fxchain simplify more --knobs N" in " ".join(result.output.split())
    assert listing(folder / "more") == FILES and listing(folder / "out") == FILES
    assert kinds(Preset.load("more/preset.json"))[1] == "distortion"
    result = run("more", "--knobs", 0, "--force")
    assert result.exit_code == 0, result.output
    assert Preset.load("more/preset.json").stage.size == 0
    assert run("more", "--stages", 3, "--force").exit_code == 0
    assert Preset.load("more/preset.json").stage == POINTS[3].candidate.stage
    report = (folder / "more" / "report.html").read_text()
    assert "Other chains" in report and "5 knobs, 3 stages (this chain)" in report


def test_recordings_that_moved_are_given(folder: Path) -> None:
    shutil.move("dry.wav", "other.wav")
    result = run("out", "--knobs", 0, "--out", "new")
    assert result.exit_code == 2 and "dry.wav: there is no such file; give DRY" in result.output
    assert not (folder / "new").exists()
    result = run("out", "other.wav", "wet.wav", "--knobs", 0, "--out", "new")
    assert result.exit_code == 0, result.output
    assert read_front("new").request["dry"] == str(folder / "other.wav")


def test_a_folder_that_moved_with_its_recordings_still_knows_them(folder: Path) -> None:
    (folder / "away").mkdir()
    for name in ("out", "dry.wav", "wet.wav"):
        shutil.move(name, "away")
    assert simplify("away/out", knobs=0).preset.stage.size == 0


def test_arrays_have_to_be_given_again(folder: Path) -> None:
    dry = plucked_strings(5.0, RATE)
    match(dry, 0.5 * dry, RATE, iterations=3, start=Preset.load("out/preset.json")).write("arrays")
    with pytest.raises(MatchError, match="its recordings are not known"):
        simplify("arrays", knobs=0)
    found = simplify("arrays", knobs=0, dry=dry, wet=0.5 * dry, sample_rate=RATE)
    assert found.preset.stage.size == 0


def test_several_pairs(folder: Path) -> None:
    (folder / "pairs.csv").write_text("dry,wet\ndry.wav,wet.wav\ndry.wav,wet.wav\n")
    match_pairs("pairs.csv", iterations=3).write("several")
    found = simplify("several", knobs=0)
    assert len(found.metrics["pairs"]) == 2 and found.preset.stage.size == 0
    shutil.move("pairs.csv", "moved.csv")
    result = run("several", "--pairs", "moved.csv", "--knobs", 0, "--force")
    assert result.exit_code == 0, result.output
    assert "matched-wet.wav" in listing(folder / "several")


def test_the_chain_of_knobs_behind_a_recurrent_cell(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cell = get_primitive("recurrent_cell")
    stage = Effect(cell, noise_assets(cell, np.random.default_rng(0)))
    network = FrontPoint(Candidate(stage, np.ones(1), np.zeros(1, dtype=bool)), 1e-6, 1e-6)
    monkeypatch.setattr("tests.matching.test_simplify.POINTS", (network, *POINTS))
    found = match("dry.wav", "wet.wav", iterations=3)
    assert kinds(found.preset) == ["recurrent_cell"]
    aliasing = found.metrics["aliasing"]
    assert -200.0 < aliasing["match_db"] < 0.0 and -200.0 < aliasing["knobs_db"] < 0.0
    level_db = 10.0 * np.log10(np.mean(plucked_strings(5.0, RATE) ** 2))
    assert aliasing["level_db"] == pytest.approx(level_db, abs=0.1)
    (sentence,) = [each for each in found.metrics["warnings"] if each.startswith("aliasing:")]
    assert f"{aliasing['match_db']:.0f} dB" in sentence and "chain of knobs" in sentence
    found.write("measured")
    result = run("measured", "--only-knobs", "--out", "knobs")
    assert result.exit_code == 0, result.output
    chain = Preset.load("knobs/preset.json")
    assert kinds(chain) == ["peak_filter", "distortion", "gain"]
    metrics = json.loads((folder / "knobs" / "metrics.json").read_text())
    assert "--only-knobs" in metrics["command"] and metrics["aliasing"] is None


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["out"], "give --knobs, --stages or --only-knobs"),
        (["out", "--knobs", 1], "give --out DIR, or --force"),
        (["out", "dry.wav", "--knobs", 1, "--force"], "give either DRY and WET or --pairs"),
        (["out", "--knobs", -1, "--out", "new"], "--knobs -1: give 0 or more"),
        (["out", "--knobs", 1, "--out", "out"], "the folder has files in it"),
        (["none", "--knobs", 1, "--out", "new"], "none: there is no front.json in it"),
        (["small", "--knobs", 0, "--out", "new"], "the simplest has 1 knob and 1 stage"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(
    folder: Path, arguments: list[object], sentence: str
) -> None:
    shutil.copytree("out", "small")
    node = json.loads(Path("small/front.json").read_text())
    node["chains"] = node["chains"][1:]
    Path("small/front.json").write_text(json.dumps(node))
    result = run(*arguments)
    assert result.exit_code == 2
    assert sentence in " ".join(result.output.replace("│", " ").split())
    assert not (folder / "new").exists()


def test_each_chain_of_a_front_has_its_own_latency(folder: Path) -> None:
    """A recurrent cell and the chain that it replaces may be aligned in different ways."""
    path = Path("out/front.json")
    node = json.loads(path.read_text())
    for number, chain in enumerate(node["chains"]):
        chain["latency_shifts"] = [0.25 * number]
    path.write_text(json.dumps(node))
    points = points_of(read_front("out"))
    assert [point.candidate.latency_shifts for point in points] == [
        (0.25 * number,) for number in range(len(points))
    ]
    node["chains"][0]["latency_shifts"] = [None]
    path.write_text(json.dumps(node))
    with pytest.raises(MatchError, match="cannot be read"):
        read_front("out")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"format": "other"}, "this is no front"),
        ({"version": 99}, "another version"),
        ({"chains": []}, "there are no chains"),
        ({"chains": [{}]}, "KeyError"),
        ({"request": None}, "cannot be read"),
        ({"request": {"chain": "default"}}, "dry: field required"),
    ],
)
def test_a_broken_front_is_refused(folder: Path, changes: dict[str, Any], sentence: str) -> None:
    path = Path("out/front.json")
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
    with pytest.raises(MatchError, match=sentence):
        simplify("out", knobs=1)
    path.write_text("{")
    with pytest.raises(PresetError):
        simplify("out", knobs=1)
    with pytest.raises(FxchainError, match="give --knobs, --stages or --only-knobs"):
        simplify("out")
