"""Basin hopping."""

import numpy as np
import pytest

from fxchain.matching.search.basin_hopping import hop_basins
from fxchain.matching.search.perturbations import (
    perturb_bands,
    reset_equalizer,
    restart_except_delay_reverb,
)
from fxchain.matching.search.training_excerpts import SearchPoint, TrainingExcerpts
from fxchain.objectives.excerpt import choose_excerpts
from fxchain.optim.budget import Budget
from fxchain.optim.parallel import BudgetShare
from fxchain.player import Playback
from fxchain.preset import parse_chain
from fxchain.recordings.problem import Problem
from fxchain.structure.candidate import Candidate
from tests.known_pair import RATE, effect, known_pair

EQ = {
    "chain": [
        effect("peak_filter", cutoff_frequency_hz=300.0, gain_db=0.0, q=0.8),
        effect("peak_filter", cutoff_frequency_hz=2_000.0, gain_db=0.0, q=0.8),
        effect("distortion", drive_db=6.0),
        effect("high_shelf_filter", cutoff_frequency_hz=4_000.0, gain_db=5.0, q=0.7),
        effect("gain", gain_db=-3.0),
    ]
}

SPACIOUS = {
    "chain": [
        *EQ["chain"],
        effect("delay", delay_seconds=0.2, feedback=0.3, mix=0.3),
        effect("reverb", room_size=0.5, damping=0.5, wet_level=0.3, dry_level=0.4, width=1.0),
    ]
}


def _case() -> tuple[SearchPoint, TrainingExcerpts, np.ndarray]:
    """Return a place where one band stands far from the truth, and the truth."""
    stage, values, _ = parse_chain(EQ, "the test's chain")
    hidden = np.array(values)
    hidden[[1, 4]] = [9.0, -6.0]
    dry = known_pair(2.0)[0].dry
    problem = Problem(dry, stage.plugin(Playback(RATE), hidden)(dry, RATE), 0, RATE, 1)
    chosen = choose_excerpts([problem], 1.0)
    excerpts = TrainingExcerpts(chosen, chosen, RATE, ())
    form = Candidate(stage, hidden, np.ones(stage.size, dtype=bool))
    objective = excerpts.objective(form, chosen)
    truth = objective.cube(hidden)
    misplaced = np.array(hidden)
    misplaced[[0, 1, 3, 4]] = [6_000.0, 2.0, 80.0, 3.0]
    return SearchPoint(form, objective.cube(misplaced), 3), excerpts, truth


def _share(steps: int) -> BudgetShare:
    return BudgetShare(Budget(steps=steps), 1.0, steps)


def test_hopping_leads_to_a_better_point_and_repeats() -> None:
    start, excerpts, _ = _case()
    objective = excerpts.objective(start.candidate, excerpts.brief)
    ends = [hop_basins(start, excerpts, 0.0, _share(40)).cube for _ in range(2)]
    before, after = objective.losses(np.stack([start.cube, ends[0]]))
    assert after < 0.1 * before
    assert np.array_equal(*ends)


def test_a_perfect_place_is_left_alone() -> None:
    start, excerpts, truth = _case()
    share = _share(60)
    found = hop_basins(SearchPoint(start.candidate, truth, 3), excerpts, 1e-8, share)
    assert np.array_equal(found.cube, truth) and share.taken == 0


@pytest.mark.parametrize("seed", range(4))
def test_fresh_bands_are_flat_and_those_of_one_equalizer(seed: int) -> None:
    start, excerpts, truth = _case()
    objective = excerpts.objective(start.candidate, excerpts.brief)
    rng = np.random.default_rng(seed)
    values = objective.values(reset_equalizer(objective, truth, rng))
    flat = {at for at in (1, 4, 8) if values[at] == pytest.approx(0.0, abs=1e-6)}
    assert flat in ({1, 4}, {8})
    others = [6, 10]
    assert values[others] == pytest.approx(start.candidate.values[others])


def test_perturbed_bands_stay_inside() -> None:
    start, excerpts, truth = _case()
    objective = excerpts.objective(start.candidate, excerpts.brief)
    moved = perturb_bands(objective, truth, np.random.default_rng(0))
    assert np.all((moved >= 0.0) & (moved <= 1.0)) and not np.array_equal(moved, truth)


def test_a_restart_leaves_delay_and_reverb_alone() -> None:
    stage, values, _ = parse_chain(SPACIOUS, "the test's chain")
    problem = known_pair(1.0)[0]
    excerpts = choose_excerpts([problem], 0.5)
    form = Candidate(stage, np.array(values), np.ones(stage.size, dtype=bool))
    objective = TrainingExcerpts(excerpts, excerpts, RATE, ()).objective(form, excerpts)
    cube = np.full(len(objective.slots), 0.9)
    moved = restart_except_delay_reverb(objective, cube, np.random.default_rng(0))
    assert np.array_equal(
        moved, restart_except_delay_reverb(objective, cube, np.random.default_rng(0))
    )
    assert not np.array_equal(
        moved, restart_except_delay_reverb(objective, cube, np.random.default_rng(1))
    )
    for slot, before, after in zip(objective.slots, cube, moved, strict=True):
        if slot.kind in ("delay", "reverb"):
            assert after == before
        elif slot.spec.name == "gain_db" and slot.kind == "peak_filter":
            assert after == slot.spec.normalize(0.0)
    drive = objective.controls("drive", "drive_db")[0]
    assert 0.0 < moved[drive] < 0.9
