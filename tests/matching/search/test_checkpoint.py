"""A search that was stopped anywhere ends where the uninterrupted one does."""

import json
from pathlib import Path

import numpy as np
import pytest

from fxchain.alignment.fractional_delay import advanced
from fxchain.data.signals import white_noise
from fxchain.errors import FxchainError, MatchError
from fxchain.matching.search.checkpoint import CHECKPOINT_FILE, Checkpoint
from fxchain.matching.search.result import FitResult
from fxchain.matching.search.schedule import fit
from fxchain.optim.budget import Budget, Progress
from fxchain.player import Playback
from fxchain.preset import parse_chain
from fxchain.preset.effects import effects_of
from fxchain.recordings.problem import Problem
from fxchain.structure.template import Template
from tests.known_pair import RATE, known_pair

STEPS = 72
#: What is grown from nothing before the template is descended.
GROWING = {"grows": ("peak_filter", "distortion", "waveshaper"), "response": False}


def effect(kind: str) -> dict[str, str]:
    return {"primitive": kind}


def template(**changes: object) -> Template:
    node = {"chain": [effect("peak_filter"), effect("distortion"), effect("gain")]}
    stage, values, free = parse_chain(node, "test")
    fields = {"response": True, **changes}
    return Template("test", stage, values, free, **fields)  # type: ignore[arg-type]


def problem() -> Problem:
    """A pair that every phase has something to do with: a drive, a bias and a cabinet."""
    dry = known_pair(1.0)[0].dry
    rng = np.random.default_rng(1)
    taps = rng.standard_normal(200) * np.geomspace(1.0, 1e-3, 200)
    driven = np.tanh(8.0 * dry[0] + 0.5) - np.tanh(0.5)
    wet = np.convolve(driven, taps)[: dry.shape[1]].astype(np.float32)[None]
    return Problem(dry, wet, 0, RATE, 1)


def stopping(stop_at: int | None) -> Progress:
    """Return what a search reports to; it is stopped when it does so that often."""
    calls = 0

    def progress(*_: object) -> None:
        nonlocal calls
        calls += 1
        if calls == stop_at:
            raise KeyboardInterrupt

    return progress


def search(path: Path | None, stop_at: int | None = None, **changes: object) -> FitResult:
    """Search, and let the user stop it at a step, if so."""
    checkpoint = None if path is None else Checkpoint(path)
    budget = Budget(steps=STEPS, progress=stopping(stop_at))
    return fit(problem(), template(**changes), budget, 3, checkpoint)


def told(found: FitResult) -> dict[str, object]:
    """Return all that must be equal."""
    kinds = [(slot.path, slot.name) for slot in found.stage.slots()]
    steps = [(entry["phase"], entry["loss"]) for entry in found.history]
    responses = [
        asset.samples.tobytes()
        for placed in effects_of(found.stage, found.values)
        for asset in placed.effect.assets.values()
    ]
    return {
        "kinds": kinds,
        "values": found.values.tobytes(),
        "loss": found.loss,
        "steps": steps,
        "notes": found.notes,
        "dropped": found.dropped,
        "responses": responses,
        "late": found.latency_shifts,
        "interrupted": found.interrupted,
    }


@pytest.fixture(scope="module")
def uninterrupted() -> dict[str, object]:
    return told(search(None))


def test_the_pair_has_work_for_every_phase(uninterrupted):
    phases = {"second order", "latency", "jump", "elimination", "response"}
    assert phases <= {phase for phase, _ in uninterrupted["steps"]}
    assert uninterrupted["responses"]


@pytest.mark.parametrize("stop_at", [2, 31, 45, 57, 63, 70])
def test_a_stopped_search_ends_where_the_uninterrupted_one_does(tmp_path, uninterrupted, stop_at):
    path = tmp_path / CHECKPOINT_FILE
    first = search(path, stop_at)
    assert first.interrupted and path.is_file()
    assert told(search(path)) == uninterrupted


@pytest.fixture(scope="module")
def grown() -> dict[str, object]:
    return told(search(None, **GROWING))


@pytest.mark.parametrize("stop_at", [2, 12, 40])
def test_a_growing_search_does_so_too(tmp_path, grown, stop_at):
    assert "growth" in {phase for phase, _ in grown["steps"]}
    path = tmp_path / CHECKPOINT_FILE
    assert search(path, stop_at, **GROWING).interrupted
    assert told(search(path, **GROWING)) == grown


def late_search(path: Path | None, stop_at: int | None = None) -> FitResult:
    """Search a drive that two recordings went through, the second by part of a sample late."""
    dry = known_pair(1.0)[0].dry
    stage, values, free = parse_chain({"chain": [effect("distortion")]}, "test")
    wet = stage.plugin(Playback(RATE), np.full_like(values, 14.0))(dry, RATE)
    noise = np.random.default_rng(0).normal(0.0, 1e-3, wet.shape).astype(np.float32)
    problems = [Problem(dry, wet + noise, 0, RATE, 1)]
    problems.append(Problem(dry, advanced(wet + noise, -0.4), 0, RATE, 1))
    budget = Budget(steps=30, progress=stopping(stop_at))
    checkpoint = None if path is None else Checkpoint(path)
    return fit(problems, Template("late", stage, values, free), budget, 3, checkpoint)


def test_one_that_found_a_latency_goes_on_with_it(tmp_path):
    uninterrupted = told(late_search(None))
    assert uninterrupted["late"] == pytest.approx((0.0, 0.4), abs=0.01)
    resumed_late = 0
    for stop_at in (5, 15, 20, 25, 29):
        path = tmp_path / f"{stop_at}.json"
        late_search(path, stop_at)
        resumed_late += any(map(float, json.loads(path.read_text())["state"]["latency_shifts"]))
        assert told(late_search(path)) == uninterrupted
    assert 0 < resumed_late < 5


def filter_search(path: Path | None, stop_at: int | None = None) -> FitResult:
    """Search a device that is a filter, which is heard by its plain error from then on."""
    dry = white_noise(2.0, RATE, 0) * np.geomspace(1.0, 0.03, 2 * RATE, dtype=np.float32)
    taps = white_noise(200 / RATE, RATE, 1)[0] * np.geomspace(1.0, 1e-3, 200)
    noise = white_noise(2.0, RATE, 2) * np.float32(1e-3)
    wet = np.convolve(dry[0], taps)[: 2 * RATE].astype(np.float32)[None] + noise
    stage, values, free = parse_chain({"chain": [effect("peak_filter"), effect("gain")]}, "test")
    budget = Budget(steps=40, progress=stopping(stop_at))
    checkpoint = None if path is None else Checkpoint(path)
    device = Template("filter", stage, values, free, response=True)
    return fit(Problem(dry, wet, 0, RATE, 1), device, budget, 3, checkpoint)


def test_one_that_found_a_filter_goes_on_without_loudness_weighting(tmp_path):
    uninterrupted = told(filter_search(None))
    assert uninterrupted["responses"]
    weightings = set()
    for stop_at in (8, 16, 24, 32):
        path = tmp_path / f"{stop_at}.json"
        filter_search(path, stop_at)
        weightings.add(json.loads(path.read_text())["state"]["loudness_weighting"])
        assert told(filter_search(path)) == uninterrupted
    assert 0.0 in weightings


def test_a_checkpoint_alone_changes_nothing(tmp_path, uninterrupted):
    assert told(search(tmp_path / CHECKPOINT_FILE)) == uninterrupted


def test_a_finished_search_is_not_searched_again(tmp_path, uninterrupted):
    path = tmp_path / CHECKPOINT_FILE
    search(path)
    again = search(path, stop_at=1)
    assert not again.interrupted and told(again) == uninterrupted


def test_seconds_go_on_where_they_stopped(tmp_path):
    path = tmp_path / CHECKPOINT_FILE
    now = 0.0

    def clock() -> float:
        nonlocal now
        now += 0.25
        return now

    chosen = template(response=False)
    fit(problem(), chosen, Budget(seconds=60.0, clock=clock), 0, Checkpoint(path))
    spent = json.loads(path.read_text())["state"]["elapsed"]
    now = 1e6
    budget = Budget(seconds=60.0, clock=clock)
    fit(problem(), chosen, budget, 0, Checkpoint(path))
    assert 40.0 < spent < budget.elapsed < 90.0


@pytest.mark.parametrize("change", ["recordings", "template", "seed", "steps"])
def test_another_search_cannot_take_it_up(tmp_path, change):
    path = tmp_path / CHECKPOINT_FILE
    search(path, stop_at=2)
    before = path.read_bytes()
    other = Problem(white_noise(1.0, RATE), white_noise(1.0, RATE), 0, RATE, 1)
    with pytest.raises(MatchError, match="left by a search of other recordings"):
        fit(
            other if change == "recordings" else problem(),
            template(response=change != "template"),
            Budget(steps=STEPS + (change == "steps")),
            3 + (change == "seed"),
            Checkpoint(path),
        )
    assert path.read_bytes() == before


def test_a_fresh_one_passes_over_what_is_there(tmp_path):
    path = tmp_path / CHECKPOINT_FILE
    path.write_text("someone else's")
    budget = Budget(steps=1)
    chosen = template(response=False)
    fit(problem(), chosen, budget, 0, Checkpoint(path, fresh=True))
    assert json.loads(path.read_text())["format"] == "fxchain-checkpoint"


def broken(path: Path) -> list[str]:
    """Return texts that no checkpoint has."""
    whole = json.loads(path.read_text())
    texts = ["", "{", "[]", '{"format": "fxchain-checkpoint", "version": 1}', "null", "\x00"]
    for key in whole["state"]:
        for value in (None, "x", -1, [], {}, 1e308, [[["x"]]]):
            texts.append(json.dumps({**whole, "state": {**whole["state"], key: value}}))
    return texts


def test_a_broken_one_is_refused_in_one_line_or_read(tmp_path):
    path = tmp_path / CHECKPOINT_FILE
    search(path, stop_at=2)
    refused = 0
    fingerprint = json.loads(path.read_text())["fingerprint"]
    for text in broken(path):
        path.write_text(text)
        try:
            Checkpoint(path).load(fingerprint)
        except FxchainError as error:
            refused += 1
            assert str(path) in str(error) and "\n" not in str(error)
    assert refused > 40
