"""Latencies by part of a sample."""

from dataclasses import replace

import numpy as np
import pytest

from fxchain.alignment.fractional_delay import FARTHEST, advanced, shift_samples
from fxchain.matching.search.schedule import fit
from fxchain.objectives.excerpt import Excerpt
from fxchain.objectives.latency_objective import (
    PRIOR,
    at_latency_cube,
    latency_cube,
    latency_objective,
)
from fxchain.objectives.mean_error import AnyObjective, make_objective
from fxchain.optim.budget import Budget
from fxchain.player import Playback
from fxchain.preset import parse_chain
from fxchain.recordings.problem import Problem
from fxchain.structure.candidate import Candidate
from fxchain.structure.template import Template
from tests.known_pair import RATE, effect, known_pair


def _late(
    samples: float, known: list[bool], loudness_weighting: float = 0.0
) -> tuple[AnyObjective, np.ndarray]:
    problem, stage, values = known_pair(1.0)
    free = np.array([slot.spec.name != "width" for slot in stage.slots()])
    excerpts = [
        Excerpt(
            problem.dry,
            problem.wet if sure else advanced(problem.wet, -samples),
            2_000,
            loudness_weighting=loudness_weighting,
        )
        for sure in known
    ]
    objective = latency_objective(Candidate(stage, values, free), excerpts, RATE, known)
    positions = np.full(known.count(False), 0.5 + samples / FARTHEST / 2.0)
    return objective, np.append(objective.cube(values), positions)


@pytest.mark.parametrize("known", [[False], [False, True], [False, False]])
@pytest.mark.parametrize("loudness_weighting", [0.0, 0.5])
def test_the_true_lateness_is_best(known: list[bool], loudness_weighting: float) -> None:
    objective, truth = _late(0.4, known, loudness_weighting)
    assert shift_samples(float(truth[-1])) == pytest.approx(0.4)
    right = objective.losses(truth[None])[0]
    truth[-1] = 0.5
    assert right < 0.02 * objective.losses(truth[None])[0]  # the highest octave's end is lost


@pytest.mark.parametrize("known", [[False], [True, False]])
@pytest.mark.parametrize("loudness_weighting", [0.0, 0.5])
def test_columns_are_the_residuals_slopes(known: list[bool], loudness_weighting: float) -> None:
    objective, truth = _late(0.4, known, loudness_weighting)
    index, step = objective.jacobian_indices(), 2e-4
    assert index[-1] == len(truth) - 1
    jacobian, slopes = objective.jacobian(truth, index), objective.linearize(truth, index)
    for coordinate in (0, len(truth) - 1):
        up, down = truth.copy(), truth.copy()
        up[coordinate] += step
        down[coordinate] -= step
        numeric = (objective.residual(up) - objective.residual(down)) / (2.0 * step)
        column = jacobian[list(index).index(coordinate)]
        assert np.linalg.norm(numeric - column) < 0.02 * np.linalg.norm(column)
    scale = np.abs(slopes.gauss_newton_hessian).max()
    np.testing.assert_allclose(
        slopes.gauss_newton_hessian, jacobian @ jacobian.T, atol=1e-4 * scale
    )


def test_a_shift_is_that_of_the_excerpt_and_costs_a_share_of_the_error() -> None:
    objective, truth = _late(0.4, [False])
    problem, stage, values = known_pair(1.0)
    free = np.array([slot.spec.name != "width" for slot in stage.slots()])
    late = Excerpt(problem.dry, advanced(problem.wet, -0.4), 2_000).shifted(0.9)
    plain = make_objective(stage, values, free, (late,), RATE)
    error = plain.losses(plain.cube(values)[None])[0]
    there = np.append(truth[:-1], 0.5 + 0.9 / FARTHEST / 2.0)
    # both are shares of the energy of the wet, here where it was given, there where it is shifted
    assert objective.losses(there[None])[0] == pytest.approx(error, rel=2e-3)
    objective.linearize(there, objective.jacobian_indices())
    expected = error * (1.0 + PRIOR * 0.9**2)
    assert objective.losses(there[None])[0] == pytest.approx(expected, rel=2e-3)


@pytest.mark.parametrize("whole", [25, -18])
def test_a_latency_that_was_found_anew_is_where_shifts_begin(whole: int) -> None:
    """Beyond what steps may move it, the prior counts from whole samples."""
    problem, stage, values = known_pair(1.0)
    free = np.array([slot.spec.name != "width" for slot in stage.slots()])
    silence = np.zeros((1, abs(whole)), np.float32)
    late = problem.wet[:, -whole:] if whole < 0 else np.concatenate([silence, problem.wet], axis=1)
    excerpt = Excerpt(problem.dry, late[:, : problem.wet.shape[1]], 2_000)
    length = min(excerpt.dry.shape[1], excerpt.wet.shape[1])
    excerpt = replace(excerpt, dry=excerpt.dry[:, :length], wet=excerpt.wet[:, :length])
    candidate = Candidate(stage, values, free, latency_shifts=(whole + 0.25,))
    objective = latency_objective(candidate, (excerpt,), RATE, [False])
    start = latency_cube(objective, candidate, [False])
    assert shift_samples(float(start[-1])) == pytest.approx(0.25)
    assert at_latency_cube(objective, candidate, [False], start).latency_shifts == (
        pytest.approx(whole + 0.25),
    )
    start[-1] = 0.5
    aligned = make_objective(stage, values, free, (excerpt.shifted(float(whole)),), RATE)
    assert objective.losses(start[None])[0] == pytest.approx(
        aligned.losses(aligned.cube(values)[None])[0], rel=1e-3
    )
    assert objective.losses(start[None])[0] < 1e-6


@pytest.mark.parametrize("samples", [30, -30])
def test_moving_by_whole_samples_keeps_gaps_and_beginning(samples: int) -> None:
    dry, wet = np.arange(200.0)[None], np.arange(1_000.0, 1_200.0)[None]
    pair = Excerpt(dry.astype(np.float32), wet.astype(np.float32), 50, gaps=((90, 100),))
    moved = pair.moved(samples)
    at = 120 if samples > 0 else 150
    assert moved.wet[0, at - samples] == pair.wet[0, at]
    assert moved.dry[0, at - samples] == pair.dry[0, at - samples]
    assert moved.first_valid == 50 - samples
    assert moved.gaps == ((90 - samples, 100 - samples),)
    assert moved.dry.shape == moved.wet.shape


def _saturated(problem: Problem) -> tuple[Problem, Template]:
    """Return a pair through a drive, and the chain to be found: no filter can imitate a delay."""
    stage, values, _ = parse_chain({"chain": [effect("distortion", drive_db=14.0)]}, "a drive")
    wet = stage.plugin(Playback(RATE), values)(problem.dry, RATE)
    start = np.array([slot.spec.default for slot in stage.slots()])
    template = Template("test", stage, start, np.ones(len(start), dtype=bool))
    return replace(problem, wet=wet), template


@pytest.mark.parametrize("samples", [0.37, -1.2, 1.0])
def test_the_fit_finds_the_lateness(samples: float) -> None:
    problem, template = _saturated(known_pair(3.0)[0])
    late = replace(problem, wet=advanced(problem.wet, -samples))
    found = fit(late, template, Budget(steps=30), seed=0)
    # what interpolation takes from the highest octave twice moves it a little
    assert found.latency_shifts == pytest.approx((samples,), abs=5e-3)
    given = fit(replace(late, latency_known=True), template, Budget(steps=30), seed=0)
    assert given.latency_shifts == () and given.loss > 30.0 * found.loss


def test_nothing_is_late_that_is_not() -> None:
    problem, template = _saturated(known_pair(3.0)[0])
    noise = np.random.default_rng(0).normal(0.0, 0.02 * problem.wet.std(), problem.wet.shape)
    noisy = replace(problem, wet=problem.wet + noise.astype(np.float32))
    assert fit(noisy, template, Budget(steps=30), seed=0).latency_shifts == ()


def test_each_recording_has_its_own() -> None:
    problem, template = _saturated(known_pair(3.0)[0])
    late = replace(problem, wet=advanced(problem.wet, -0.4))
    found = fit([problem, late], template, Budget(steps=40), seed=0)
    assert found.latency_shifts == pytest.approx((0.0, 0.4), abs=5e-3)
