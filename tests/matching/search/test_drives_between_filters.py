"""Chains of drives with filters around them, without a start that is near."""

from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest

from fxchain.data.signals import plucked_strings
from fxchain.matching.search.context import SearchContext
from fxchain.matching.search.drives_between_filters import (
    DrivesBetweenFilters,
    excess_delay,
    usable_drives,
)
from fxchain.matching.search.growth_move import join_drives
from fxchain.matching.search.schedule import start_state
from fxchain.matching.search.state import PlannedMove
from fxchain.objectives.excerpt import Excerpt
from fxchain.objectives.mean_error import make_objective
from fxchain.objectives.play_excerpt import play_excerpt
from fxchain.optim.budget import Budget
from fxchain.preset import parse_chain
from fxchain.primitives import get_primitive
from fxchain.recordings.problem import Problem
from fxchain.structure.canonical_tree import Split, nodes_of
from fxchain.structure.named import growing_kinds, named_chain
from fxchain.structure.proposal import empty_chain

RATE = 44_100
AMPLIFIER = [
    {"primitive": "highpass_filter", "parameters": {"cutoff_frequency_hz": 700.0}},
    {"primitive": "waveshaper", "parameters": {"drive_db": 45.0, "bias": 0.2}},
    {"primitive": "highpass_filter", "parameters": {"cutoff_frequency_hz": 120.0}},
    {"primitive": "lowpass_filter", "parameters": {"cutoff_frequency_hz": 2_500.0}},
]
FILTERS = tuple(
    primitive
    for primitive in map(get_primitive, growing_kinds())
    if primitive.nature == "filter" and primitive.sections is not None
)


def _excerpt(later: int = 0, sign: float = 1.0) -> Excerpt:
    """Return strings through an amplifier of high gain."""
    dry = plucked_strings(2.0, RATE, seed=3)
    stage, values, _ = parse_chain({"chain": AMPLIFIER}, "a.json")
    wet = play_excerpt(stage, values, Excerpt(dry, dry, 0), RATE)
    wet = np.pad(wet, ((0, 0), (later, 0)))[:, : dry.shape[1]]
    return Excerpt(dry, (sign * wet).astype(np.float32), 0)


@pytest.mark.parametrize(("later", "sign"), [(0, 1.0), (30, -1.0)])
def test_an_amplifier_of_high_gain_is_near(later: int, sign: float) -> None:
    """Polarity and a latency that the aligner did not see follow from the filter at the end."""
    excerpt = _excerpt(later, sign)
    drive = get_primitive("waveshaper")
    made = DrivesBetweenFilters([excerpt], RATE, drive, FILTERS, delay_free=True)
    like = replace(empty_chain(), latency_shifts=(0.0,))
    found = made.found(1, False, 5, like, Budget())
    (shift,) = found.latency_shifts
    assert abs(shift - later) < 8.0
    aligned = [excerpt.shifted(shift)]
    error = make_objective(found.stage, found.values, found.free, aligned, RATE)
    assert error.losses(error.cube(found.values)[None])[0] < 0.1
    kinds = [stage.primitive.kind for stage in found.stage.stages]
    assert kinds.count("waveshaper") == 1
    assert ("invert" in kinds) == (sign < 0.0)


def test_a_clean_signal_beside_the_drive_is_found_as_that() -> None:
    """A screamer: what the diodes clip is added to the dry."""
    dry = plucked_strings(2.0, RATE, seed=3)
    clean = {"weight": 1.0, "chain": AMPLIFIER[2:3]}
    node = {"mix": [clean, {"weight": -0.7, "chain": AMPLIFIER[:2]}]}
    stage, values, _ = parse_chain({"chain": [node]}, "a.json")
    wet = play_excerpt(stage, values, Excerpt(dry, dry, 0), RATE)
    excerpt = Excerpt(dry, wet, 0)
    made = DrivesBetweenFilters([excerpt], RATE, get_primitive("waveshaper"), FILTERS)
    found = made.found(1, True, 5, empty_chain(), Budget())
    error = make_objective(found.stage, found.values, found.free, [excerpt], RATE)
    assert error.losses(error.cube(found.values)[None])[0] < 0.1
    (branches,) = (node.branches for node in nodes_of(found) if isinstance(node, Split))
    drives = [
        [unit.primitive.kind for unit in branch.nodes].count("waveshaper") for branch in branches
    ]
    assert sorted(drives) == [0, 1]


def test_drives_may_begin_a_population() -> None:
    """Whatever took the time before: an amplifier is found where nothing has grown yet."""
    excerpt = _excerpt(30, -1.0)
    problem = Problem(excerpt.dry, excerpt.wet, 0, RATE, 1)
    context = SearchContext((problem,), named_chain("default"), Budget(steps=30), ())
    state = start_state(context, 0)
    assert not state.population.candidates
    with closing(context):
        found = join_drives(state, context, PlannedMove("join drives"))
    assert found.best is not None and found.best.loss is not None
    assert found.best.loss < 0.05
    assert len(found.population.candidates) > 1
    assert abs(found.latency_shifts[0] - 30.0) < 8.0


def test_equal_seeds_give_equal_chains() -> None:
    made = DrivesBetweenFilters([_excerpt()], RATE, get_primitive("waveshaper"), FILTERS[:2])
    like = empty_chain()
    one, two, other = (made.found(1, False, seed, like, Budget()) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.values, two.values)
    assert one.stage == two.stage
    assert len(one.values) != len(other.values) or not np.array_equal(one.values, other.values)


@pytest.mark.parametrize("delay_samples", [0, 17, -9])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_the_delay_beyond_minimum_phase(delay_samples: int, sign: float) -> None:
    stage, values, _ = parse_chain({"chain": AMPLIFIER[2:]}, "a.json")
    pulse = np.zeros((1, 4_096), np.float32)
    pulse[0, 100] = 1.0
    played = play_excerpt(stage, values, Excerpt(pulse, pulse, 0), RATE)
    spectra = np.fft.rfft(np.stack([pulse[0], sign * np.roll(played[0], delay_samples)]))
    response = spectra[1] / spectra[0]
    found = excess_delay(response, np.abs(response) ** 2, 40)
    assert found == (pytest.approx(delay_samples, abs=1.0), sign)
    assert excess_delay(response, np.abs(response) ** 2, 0)[0] == 0.0


def test_the_most_general_drive_with_a_gain_of_its_own_is_used() -> None:
    named = {kind: get_primitive(kind) for kind in ("clipping", "distortion", "waveshaper")}
    assert [each.kind for each in usable_drives(list(named.values()))] == ["waveshaper"]
    assert [e.kind for e in usable_drives([named["clipping"], named["distortion"]])] == [
        "distortion"
    ]
    assert usable_drives([named["clipping"], get_primitive("compressor")]) == ()
