"""Leaving out and exchanging parts of a chain."""

import numpy as np

from fxchain.matching.search.prune_stages import prune
from fxchain.objectives.excerpt import Excerpt
from fxchain.optim.budget import Budget
from fxchain.preset import parse_chain
from fxchain.primitives import get_primitive
from fxchain.recordings.problem import Problem
from fxchain.structure.candidate import Candidate
from fxchain.structure.edits import removable, with_exchanged, without_parts
from tests.known_pair import CHAIN, RATE, known_pair


def all_of(problem: Problem) -> tuple[Excerpt, ...]:
    """Return all of a pair as the excerpt whose error decides."""
    return (Excerpt(problem.dry, problem.wet, 0),)


def test_nothing_left_out_is_the_same() -> None:
    _, stage, values = known_pair(0.5)
    rebuilt = without_parts(stage, frozenset())
    assert rebuilt.stage == stage
    assert np.array_equal(rebuilt.take(values), values)


def test_what_stays_keeps_its_values() -> None:
    _, stage, values = known_pair(0.5)
    rebuilt = without_parts(stage, frozenset({"chain[2]", "chain[1].mix[0]"}))
    names = [slot.name for slot in rebuilt.stage.slots()]
    taken = dict(zip(names, rebuilt.take(values), strict=True))
    assert "compressor.ratio" not in taken
    assert taken["mix.weight"] == 0.7
    assert taken["delay.feedback"] == 0.35


def test_a_distortion_becomes_a_waveshaper_without_a_bias() -> None:
    problem, stage, values = known_pair(0.5)
    rebuilt = with_exchanged(stage, {"distortion": get_primitive("waveshaper")})
    taken = dict(zip([s.name for s in rebuilt.stage.slots()], rebuilt.take(values), strict=True))
    assert taken["waveshaper.drive_db"] == 14.0
    assert taken["waveshaper.bias"] == 0.0
    assert problem.dry.shape == problem.wet.shape


def test_members_branches_and_mixes_can_be_left_out() -> None:
    _, stage, _ = known_pair(0.5)
    found = {part.path: part.kind for part in removable(stage)}
    assert found["chain[0]"] == "peak_filter"
    assert found["chain[1]"] == "mix"
    assert found["chain[1].mix[0]"] == "branch"
    assert "" not in found


def test_idle_stages_go_and_working_ones_stay() -> None:
    problem, _, _ = known_pair(1.0)
    idle = {
        "primitive": "peak_filter",
        "parameters": {"cutoff_frequency_hz": 300.0, "gain_db": 0.0, "q": 1.0},
    }
    empty_room = {
        "primitive": "reverb",
        "parameters": {
            "room_size": 0.5,
            "damping": 0.5,
            "wet_level": 0.0,
            "dry_level": 0.5,
            "width": 1.0,
        },
    }
    stage, values, _ = parse_chain({"chain": [idle, *CHAIN["chain"], empty_room]}, "test")
    candidate = Candidate(stage, values, np.ones(stage.size, dtype=bool))
    pruned, dropped = prune(candidate, all_of(problem), RATE, Budget(steps=100))
    assert set(dropped) == {"chain[0] (peak_filter)", "chain[7] (reverb)"}
    assert len(pruned.stage.stages) == len(CHAIN["chain"])


def test_what_the_user_fixed_stays() -> None:
    problem, _, _ = known_pair(1.0)
    idle = {"primitive": "gain", "parameters": {"gain_db": 0.0}}
    stage, values, _ = parse_chain({"chain": [idle, *CHAIN["chain"]]}, "test")
    free = np.ones(stage.size, dtype=bool)
    free[0] = False
    candidate = Candidate(stage, values, free)
    _, dropped = prune(candidate, all_of(problem), RATE, Budget(steps=100))
    assert dropped == ()


def test_nothing_is_left_out_when_its_share_of_the_time_is_used_up() -> None:
    problem, _, _ = known_pair(1.0)
    idle = {"primitive": "gain", "parameters": {"gain_db": 0.0}}
    stage, values, _ = parse_chain({"chain": [idle, *CHAIN["chain"]]}, "test")
    free = np.ones(stage.size, dtype=bool)
    budget = Budget(steps=100, taken=40)
    candidate, excerpts = Candidate(stage, values, free), all_of(problem)
    _, early = prune(candidate, excerpts, RATE, budget, until=0.4)
    _, later = prune(candidate, excerpts, RATE, budget, until=0.5)
    assert early == () and later == ("chain[0] (gain)",)
