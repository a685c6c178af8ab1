"""The error on several recordings, and the level of each."""

import numpy as np
import pytest

from fxchain.data.signals import plucked_strings
from fxchain.matching.search.delay_reverb_evolution import delay_position, refine_delay_samples
from fxchain.objectives.excerpt import Excerpt, choose_excerpts
from fxchain.objectives.mean_error import AnyObjective, MeanError, make_objective
from fxchain.objectives.tail_objective import TailObjective
from fxchain.objectives.waveform_error import WaveformError
from fxchain.player import Playback
from fxchain.recordings.problem import Problem
from tests.known_pair import RATE, known_pair

LEVELS = (1.0, 0.05, 3.0)


def excerpts(free: bool = False) -> tuple[Excerpt, ...]:
    """Return three of other lengths and levels, the second from its middle on."""
    _, stage, values = known_pair(0.5)
    parts = []
    for number, level in enumerate(LEVELS):
        dry = plucked_strings(0.5 + 0.2 * number, RATE, seed=number)
        wet = np.float32(level) * stage.plugin(Playback(RATE), values)(dry, RATE)
        parts.append(Excerpt(dry, wet, 3_000 * (number == 1), free and number > 0))
    return tuple(parts)


def objective(parts: tuple[Excerpt, ...], weighting: float = 0.0) -> tuple[AnyObjective, ...]:
    """Return the error on all, its truth, and the error on each."""
    _, stage, values = known_pair(0.5)
    chosen = np.array([slot.spec.name != "width" for slot in stage.slots()])
    whole = make_objective(stage, values, chosen, parts, RATE, weighting)
    each = [make_objective(stage, values, chosen, (part,), RATE, weighting) for part in parts]
    return whole, whole.cube(values), each


def shaken(cube: np.ndarray, seed: int = 0, by: float = 0.05) -> np.ndarray:
    return np.clip(cube + np.random.default_rng(seed).normal(0, by, len(cube)), 0.01, 0.99)


@pytest.mark.parametrize("weighting", [0.0, 0.5])
@pytest.mark.parametrize("free", [False, True])
def test_it_is_the_mean_of_the_single_ones(weighting: float, free: bool) -> None:
    whole, truth, each = objective(excerpts(free), weighting)
    cube, index = shaken(truth), whole.jacobian_indices()
    assert isinstance(whole, MeanError) and isinstance(each[0], WaveformError)
    count = len(each)
    population = np.stack([cube, truth])
    losses = np.mean([one.losses(population) for one in each], axis=0)
    np.testing.assert_allclose(whole.losses(population), losses)
    stacked = np.concatenate([one.residual(cube) for one in each]) / count**0.5
    np.testing.assert_allclose(whole.residual(cube), stacked, rtol=1e-6)
    jacobian = np.concatenate([one.jacobian(cube, index) for one in each], axis=1) / count**0.5
    np.testing.assert_allclose(whole.jacobian(cube, index), jacobian, rtol=1e-6)
    slopes = whole.linearize(cube, index)
    gauss_newton_hessian, slope = slopes.gauss_newton_hessian, slopes.slope
    other = whole.residual(truth)
    np.testing.assert_allclose(
        slopes.project(other), jacobian @ other, atol=1e-4 * np.abs(slope).max()
    )
    assert slopes.loss == pytest.approx(stacked @ stacked, rel=1e-3)
    np.testing.assert_allclose(
        gauss_newton_hessian, jacobian @ jacobian.T, atol=1e-3 * np.abs(gauss_newton_hessian).max()
    )
    np.testing.assert_allclose(slope, jacobian @ stacked, atol=1e-3 * np.abs(slope).max())
    gradient = np.mean([one.gradient(cube)[1] for one in each], axis=0)
    np.testing.assert_allclose(whole.gradient(cube)[1], gradient)


@pytest.mark.parametrize("free", [False, True])
def test_columns_are_the_residuals_slopes(free: bool) -> None:
    whole, truth, _ = objective(excerpts(free))
    cube, index, step = shaken(truth, 1, 0.03), whole.jacobian_indices(), 2e-4
    jacobian = whole.jacobian(cube, index)
    for column, coordinate in zip(jacobian, index, strict=True):
        up, down = cube.copy(), cube.copy()
        up[coordinate] += step
        down[coordinate] -= step
        difference = (whole.residual(up) - whole.residual(down)) / (2 * step)
        error = np.linalg.norm(difference - column)
        assert error < 0.1 * np.linalg.norm(difference) + 1e-3, whole.slots[coordinate]


def test_a_free_gain_forgives_the_level_alone() -> None:
    whole, truth, each = objective(excerpts(free=True))
    assert each[1].losses(truth[None])[0] < 1e-8 and each[2].losses(truth[None])[0] < 1e-8
    assert whole.losses(truth[None])[0] < 1e-8
    fixed, _, _ = objective(excerpts(free=False))
    assert fixed.losses(truth[None])[0] > 0.1
    gain = [slot.name for slot in whole.slots].index("gain.gain_db")
    louder = truth.copy()
    louder[gain] += 0.05
    assert each[0].losses(louder[None])[0] > 1e-2
    assert each[1].losses(louder[None])[0] < 1e-8


def test_a_free_gain_is_never_negative() -> None:
    part = excerpts()[0]
    upside_down = Excerpt(part.dry, -part.wet, 0, gain_free=True)
    single, truth, _ = objective((upside_down,))
    assert single.losses(truth[None])[0] == pytest.approx(1.0)
    slopes = single.linearize(truth, single.jacobian_indices())
    assert slopes.loss == pytest.approx(1.0)
    assert not slopes.gauss_newton_hessian.any() and not slopes.slope.any()
    assert np.isfinite(single.gradient(truth)[1]).all()


@pytest.mark.parametrize("free", [False, True])
def test_the_end_of_the_chain_has_the_whole_loss(free: bool) -> None:
    whole, truth, _ = objective(excerpts(free))
    moved = truth.copy()
    moved[whole.evolution_indices()] = 0.4
    space = TailObjective(whole, moved)
    assert space.unsolved_loss(moved) == pytest.approx(whole.losses(moved[None])[0], rel=1e-4)
    assert space.solved(moved)[1] < space.unsolved_loss(moved)


def test_an_echo_moves_to_where_it_belongs_for_all() -> None:
    whole, truth, _ = objective(excerpts(free=True))
    coordinate = int(whole.quantized_indices()[0])
    wrong = truth.copy()
    wrong[coordinate] = delay_position(whole, coordinate, 1_603, RATE)
    found, loss = refine_delay_samples(whole, wrong, whole.losses(wrong[None])[0])
    assert loss < 1e-6 and found[coordinate] == delay_position(whole, coordinate, 1_600, RATE)


@pytest.mark.parametrize(("count", "seconds"), [(1, 4.0), (2, 2.0), (8, 1.0)])
def test_excerpts_together_are_as_long_as_one(count: int, seconds: float) -> None:
    dry = plucked_strings(5.0, RATE)
    parts = choose_excerpts([Problem(dry, dry, 0, RATE, 1)] * count, 4.0)
    assert len(parts) == count
    assert all(part.wet.shape[1] - part.first_valid == seconds * RATE for part in parts)
