"""The penalty on bands that leave where they began, and on large branch weights."""

import numpy as np
import pytest

from fxchain.objectives.excerpt import Excerpt
from fxchain.objectives.parameter_penalty import (
    FREE_WEIGHT,
    PENALTY_WEIGHTS,
    WEIGHT_PENALTY,
    with_penalty,
)
from fxchain.objectives.waveform_error import WaveformError
from fxchain.optim.budget import Budget
from fxchain.optim.second_order import LevenbergMarquardt
from fxchain.player import Playback
from fxchain.preset import parse_chain
from fxchain.stage import WEIGHT
from tests.known_pair import RATE, effect, known_pair

BANDS = [effect("peak_filter", cutoff_frequency_hz=hz, gain_db=0.0, q=0.7) for hz in (800, 900)]


def an_objective() -> WaveformError:
    """Return the error of two bands that can each do the other's work, and a gain."""
    stage, values, free = parse_chain({"chain": [*BANDS, effect("gain", gain_db=3.0)]}, "test")
    dry = known_pair(0.5)[0].dry
    wanted = values.copy()
    wanted[1] = 6.0
    wet = stage.plugin(Playback(RATE), wanted)(dry, RATE)
    return WaveformError(stage, values, np.ones_like(free), Excerpt(dry, wet, 0), RATE)


def test_the_price_is_a_share_of_the_error_and_of_bands_alone() -> None:
    objective = an_objective()
    rest = objective.cube(objective.base)
    loss = objective.losses(rest[None])[0]
    names = [slot.spec.name for slot in objective.slots]
    penalty = with_penalty(objective, rest, rest).penalty
    assert loss > 0.01
    assert penalty[names.index("gain_db")] == pytest.approx(PENALTY_WEIGHTS["gain_db"] * loss)
    assert penalty[-1] == 0.0


def test_residual_and_slopes_agree() -> None:
    objective = an_objective()
    rest = objective.cube(objective.base)
    penalized = with_penalty(objective, rest, rest)
    cube = np.clip(rest + np.random.default_rng(0).normal(0.0, 0.1, len(rest)), 0.0, 1.0)
    index = np.array([0, 1, 2, 5, 6])
    slopes, residual = penalized.linearize(cube, index), penalized.residual(cube)
    assert slopes.loss == pytest.approx(residual @ residual, rel=1e-4)
    assert slopes.loss > objective.losses(cube[None])[0]
    np.testing.assert_allclose(slopes.project(residual), slopes.slope, rtol=1e-3, atol=1e-6)
    step = 1e-3
    for place, coordinate in enumerate(index):
        ends = []
        for sign in (1.0, -1.0):
            moved = cube.copy()
            moved[coordinate] += sign * step
            ends.append(penalized.linearize(moved, index).loss)
        expected = (ends[0] - ends[1]) / (4.0 * step)
        assert slopes.slope[place] == pytest.approx(expected, rel=0.03, abs=1e-4)


def test_bands_do_not_work_against_each_other() -> None:
    """Begun far off, one band up and the other down, a descent brings them back."""
    objective = an_objective()
    rest = objective.cube(objective.base)
    begin = rest.copy()
    begin[[1, 4]] = 0.95, 0.1
    penalized = with_penalty(objective, rest, begin)
    ends = [
        LevenbergMarquardt().minimize(each, begin, Budget(steps=30)).cube
        for each in (objective, penalized)
    ]
    free, held = (np.abs(end - rest)[[1, 4]].sum() for end in ends)
    assert held < 0.8 * free


def two_branches() -> tuple[WaveformError, np.ndarray]:
    """Return the error of two branches that do the same, one loud and one turned over, and it."""
    quiet = [effect("peak_filter", cutoff_frequency_hz=hz, gain_db=0.1, q=0.7) for hz in (300, 320)]
    branches = [
        {"weight": at, "chain": [each]} for at, each in zip((6.0, -5.0), quiet, strict=True)
    ]
    stage, values, free = parse_chain({"chain": [{"mix": branches}]}, "test")
    dry = known_pair(0.5)[0].dry
    objective = WaveformError(stage, values, np.ones_like(free), Excerpt(dry, 2.0 * dry, 0), RATE)
    return objective, values


def weights_of(objective: WaveformError) -> np.ndarray:
    """Return which coordinates are weights, (dimension,)."""
    return np.array([slot.name == "mix.weight" for slot in objective.slots])


def test_a_weight_costs_only_beyond_what_is_free() -> None:
    objective, values = two_branches()
    weights, begin = weights_of(objective), objective.cube(values)
    penalized = with_penalty(objective, begin, begin)
    loss = objective.losses(begin[None])[0]
    np.testing.assert_allclose(penalized.penalty[weights], WEIGHT_PENALTY * loss)
    outside = [WEIGHT.normalize(over) - 0.5 for over in (6.0 - FREE_WEIGHT, FREE_WEIGHT - 5.0)]
    np.testing.assert_allclose(penalized.distance(begin)[weights], outside)
    inside = begin.copy()
    inside[weights] = [WEIGHT.normalize(weight) for weight in (FREE_WEIGHT, -0.5 * FREE_WEIGHT)]
    index = np.flatnonzero(weights)
    for cube, penalty in ((begin, penalized.penalty[index]), (inside, np.zeros(2))):
        slopes, plain = penalized.linearize(cube, index), objective.linearize(cube, index)
        np.testing.assert_allclose(
            slopes.gauss_newton_hessian, plain.gauss_newton_hessian + np.diag(penalty)
        )
        np.testing.assert_allclose(
            slopes.slope, plain.slope + penalty * penalized.distance(cube)[index]
        )
        residual = penalized.residual(cube)
        assert slopes.loss == pytest.approx(residual @ residual, rel=1e-4)
        np.testing.assert_allclose(slopes.project(residual), slopes.slope, rtol=1e-3, atol=1e-6)


def test_branches_do_not_undo_each_other() -> None:
    """Two branches that do the same, one loud and one turned over, are brought back."""
    objective, values = two_branches()
    weights, begin = weights_of(objective), objective.cube(values)
    penalized = with_penalty(objective, begin, begin)
    free_end, held_end = (
        LevenbergMarquardt().minimize(each, begin, Budget(steps=30)).cube
        for each in (objective, penalized)
    )
    apart = [np.abs(end[weights] - 0.5).sum() for end in (free_end, held_end)]
    assert apart[1] < 0.5 * apart[0]
