"""The error and its slopes."""

import numpy as np
import pytest

from fxchain.objectives.excerpt import Excerpt, choose_excerpt
from fxchain.objectives.spectral_weighting import make_weighting
from fxchain.objectives.waveform_error import WaveformError
from fxchain.preset import parse_chain
from fxchain.recordings.problem import Problem
from tests.known_pair import RATE, known_pair


def _objective(
    weighting: float = 0.0, skip: int = 0, loudness_weighting: float = 0.0
) -> tuple[WaveformError, np.ndarray]:
    problem, stage, values = known_pair(1.0)
    free = np.array([slot.spec.name != "width" for slot in stage.slots()])
    excerpt = Excerpt(problem.dry, problem.wet, skip, loudness_weighting=loudness_weighting)
    objective = WaveformError(stage, values, free, excerpt, RATE, weighting)
    return objective, objective.cube(values)


@pytest.mark.parametrize("polarity", [1.0, -1.0])
def test_the_loudest_part_is_chosen_whatever_its_polarity(polarity: float) -> None:
    signs = np.where(np.arange(2 * RATE) < RATE, -0.9, 0.3)
    wet = polarity * np.stack([signs, np.full(2 * RATE, -0.1)]).astype(np.float32)
    problem = Problem(np.zeros_like(wet), np.roll(wet, RATE, axis=1), 0, RATE, 1)
    chosen = choose_excerpt(problem, 0.5, warm_up=0.0)
    assert abs(chosen.wet[0]).min() == pytest.approx(0.9)


@pytest.mark.parametrize("weighting", [0.0, 0.5, 1.0])
def test_the_truth_has_no_error(weighting: float) -> None:
    objective, truth = _objective(weighting)
    assert objective.losses(truth[None])[0] < 1e-8


def test_fixed_values_stay() -> None:
    objective, truth = _objective()
    assert len(truth) == objective.free.sum()
    values = objective.values(np.zeros_like(truth))
    assert np.array_equal(values[~objective.free], objective.base[~objective.free])


@pytest.mark.parametrize(
    ("weighting", "skip", "loudness_weighting"),
    [(0.0, 0, 0.0), (0.0, 3_000, 0.0), (0.5, 0, 0.0), (0.0, 3_000, 0.5), (0.5, 0, 1.0)],
)
def test_loss_residual_columns_and_slopes_agree(
    weighting: float, skip: int, loudness_weighting: float
) -> None:
    objective, truth = _objective(weighting, skip, loudness_weighting)
    cube = np.clip(truth + np.random.default_rng(0).normal(0, 0.05, len(truth)), 0, 1)
    index = objective.jacobian_indices()
    loss = objective.losses(cube[None])[0]
    residual, jacobian = objective.residual(cube), objective.jacobian(cube, index)
    slopes = objective.linearize(cube, index)
    gauss_newton_hessian, slope = slopes.gauss_newton_hessian, slopes.slope
    assert residual @ residual == pytest.approx(loss, rel=1e-4)
    assert slopes.loss == pytest.approx(loss, rel=1e-3)
    scale = np.abs(gauss_newton_hessian).max()
    np.testing.assert_allclose(gauss_newton_hessian, jacobian @ jacobian.T, atol=1e-4 * scale)
    np.testing.assert_allclose(slope, jacobian @ residual, atol=1e-3 * np.abs(slope).max())
    other = objective.residual(truth) + residual[::-1]
    along = slopes.project(np.ascontiguousarray(other))
    np.testing.assert_allclose(along, jacobian @ other, atol=1e-4 * np.abs(along).max())


@pytest.mark.parametrize("loudness_weighting", [0.0, 1.0])
def test_columns_are_the_residuals_slopes(loudness_weighting: float) -> None:
    objective, truth = _objective(loudness_weighting=loudness_weighting)
    cube = np.clip(truth + np.random.default_rng(1).normal(0, 0.03, len(truth)), 0.01, 0.99)
    index, step = objective.jacobian_indices(), 2e-4
    jacobian = objective.jacobian(cube, index)
    for column, coordinate in zip(jacobian, index, strict=True):
        up, down = cube.copy(), cube.copy()
        up[coordinate] += step
        down[coordinate] -= step
        difference = (objective.residual(up) - objective.residual(down)) / (2 * step)
        error = np.linalg.norm(difference - column)
        assert error < 0.1 * np.linalg.norm(difference) + 1e-3, objective.slots[coordinate]


def test_the_gradient_leads_downhill() -> None:
    objective, truth = _objective()
    cube = np.clip(truth + np.random.default_rng(2).normal(0, 0.05, len(truth)), 0, 1)
    loss, gradient = objective.gradient(cube)
    seen = objective.autograd_indices()
    moved = cube.copy()
    moved[seen] -= 1e-3 * gradient[seen] / np.linalg.norm(gradient[seen])
    assert objective.gradient(moved)[0] < loss


def test_who_moves_what() -> None:
    objective, _ = _objective()
    names = [slot.name for slot in objective.slots]
    searched = {names[i] for i in objective.evolution_indices()}
    assert searched == {
        "delay.delay_seconds",
        "delay.feedback",
        "delay.mix",
        "reverb.room_size",
        "reverb.damping",
        "reverb.wet_level",
        "reverb.dry_level",
    }
    assert {names[i] for i in objective.jacobian_indices()} == set(names) - {"delay.delay_seconds"}


def test_an_excerpt_is_where_the_energy_is_and_warms_up() -> None:
    problem, _, _ = known_pair(2.0)
    quiet = np.zeros((1, 4 * RATE), dtype=np.float32)
    late = type(problem)(
        np.concatenate([quiet, problem.dry], axis=1),
        np.concatenate([quiet, problem.wet], axis=1),
        0,
        RATE,
        1,
    )
    excerpt = choose_excerpt(late, 1.0)
    assert excerpt.dry.shape == excerpt.wet.shape
    assert excerpt.first_valid == RATE
    assert choose_excerpt(late, 1.75).first_valid == round(1.75 * RATE)
    assert excerpt.dry.shape[1] == 2 * RATE
    assert np.abs(excerpt.wet[:, excerpt.first_valid :]).max() > 0.01


def test_a_brief_excerpt_is_cheap_where_little_is_lost() -> None:
    dry = np.full((1, 10 * RATE), 0.1, dtype=np.float32)
    dry[:, 5 * RATE : 6 * RATE] = 0.15  # 2.25 times the energy
    problem = Problem(dry, dry, 0, RATE, 1)
    assert choose_excerpt(problem, 1.0).first_valid == 0
    dry[:, 5 * RATE : 6 * RATE] = 0.3
    assert choose_excerpt(problem, 1.0).first_valid == RATE
    assert choose_excerpt(problem, 1.0, warm_up=0.5).first_valid == RATE // 2
    dry[:, 4 * RATE : 8 * RATE] = 0.15
    assert choose_excerpt(problem, 4.0).first_valid == round(2.0 * RATE)


def test_a_weighting_evens_the_bands_out() -> None:
    rng = np.random.default_rng(0)
    spectrum = np.fft.rfft(rng.normal(size=1 << 16))
    tilted = np.fft.irfft(spectrum / (1.0 + np.arange(len(spectrum)) / 300.0))[None]
    weighting = make_weighting(tilted.astype(np.float32), RATE, 1.0)
    low = np.interp(100.0, weighting.frequencies_hz, weighting.gains)
    high = np.interp(6_000.0, weighting.frequencies_hz, weighting.gains)
    fall = (1.0 + 6_000.0 / 8_000.0 * len(spectrum) / 300.0) / (
        1.0 + 100.0 / 8_000.0 * len(spectrum) / 300.0
    )
    assert high / low == pytest.approx(fall, rel=0.2)


def test_the_same_error_counts_more_where_it_is_quiet() -> None:
    stage, values, free = parse_chain({"chain": [{"primitive": "gain"}]}, "a gain")
    dry = np.random.default_rng(0).normal(0, 0.1, (1, RATE)).astype(np.float32)
    dry[:, RATE // 2 :] *= 0.1
    losses = {}
    for half in (slice(0, RATE // 2), slice(RATE // 2, None)):
        wet = dry.copy()
        wet[:, half] *= 1.1
        for loudness_weighting in (0.0, 1.0):
            excerpt = Excerpt(dry, wet, 0, loudness_weighting=loudness_weighting)
            objective = WaveformError(stage, values, free, excerpt, RATE)
            losses[half.start, loudness_weighting] = float(
                objective.losses(objective.cube(values)[None])[0]
            )
    assert losses[0, 0.0] > 80.0 * losses[RATE // 2, 0.0]
    assert losses[0, 1.0] < 1.5 * losses[RATE // 2, 1.0]
