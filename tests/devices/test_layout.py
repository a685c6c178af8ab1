"""Layouts: which values follow which knobs, their numbers, errors and forecasts."""

import numpy as np
import pytest

from fxchain.data.signals import plucked_strings
from fxchain.devices.following import find_following
from fxchain.devices.joint_error import JointError
from fxchain.devices.layout import Layout
from fxchain.devices.quadratic import quadratic_at
from fxchain.objectives.excerpt import Excerpt
from fxchain.objectives.waveform_error import WaveformError
from fxchain.optim.budget import Budget
from fxchain.preset import Preset
from fxchain.primitives import REGISTRY
from fxchain.render import render
from fxchain.stage import Chain, Effect

RATE = 22_050
STAGE = Chain((Effect(REGISTRY["high_shelf_filter"]), Effect(REGISTRY["distortion"])))
#: Cut-off, gain, q, drive: the gain follows the first knob, the drive the second.
BASE = np.array([1500.0, 0.0, 0.7, 12.0])
GRID = np.array([(a, b) for a in (0.0, 5.0, 10.0) for b in (0.0, 10.0)])


def at(positions):
    return BASE + np.array([0.0, positions[0] - 5.0, 0.0, 0.8 * positions[1]])


@pytest.fixture(scope="module")
def members():
    """Return the error of each capture of a device with two knobs."""
    dry = np.atleast_2d(plucked_strings(1.0, RATE, seed=2)).astype(np.float32)
    free = np.ones(4, dtype=bool)
    wets = [render(Preset(STAGE, at(each), RATE), dry, RATE) for each in GRID]
    excerpts = [Excerpt(dry, wet, 0, rounded=False) for wet in wets]
    return [WaveformError(STAGE, BASE, free, each, RATE) for each in excerpts]


def layout(follows):
    return Layout(np.array(follows, dtype=bool), GRID, np.array([5.0, 0.0]))


TRUE = [[0, 0], [1, 0], [0, 0], [0, 1]]


def test_numbers_and_positions():
    found = layout(TRUE)
    assert found.numbers == 4 + 2 + 1
    numbers = found.nearest(np.array([[0.2, a / 20, 0.3, 0.4 + b / 40] for a, b in GRID]))
    assert found.cubes(numbers)[:, 1] == pytest.approx(GRID[:, 0] / 20)
    assert found.cubes(numbers)[:, 3] == pytest.approx(0.4 + GRID[:, 1] / 40)
    assert found.toggled(1, 0).numbers == 5


def test_the_slopes_of_the_joint_error_are_those_of_its_residual(members):
    error = JointError(members, layout(TRUE))
    rng = np.random.default_rng(1)
    numbers = error.layout.nearest(np.tile(members[0].cube(BASE), (len(GRID), 1)))
    cube = np.clip(error.cube(numbers) + rng.uniform(-0.01, 0.01, len(numbers)), 0.0, 1.0)
    index = error.jacobian_indices()
    plane = error.linearize(cube, index)
    residual = error.residual(cube).astype(np.float64)
    assert plane.loss == pytest.approx(float(residual @ residual), rel=1e-3)
    assert plane.project(residual.astype(np.float32)) == pytest.approx(
        plane.slope, rel=1e-2, abs=1e-6
    )
    step = 1e-4
    for number in index:
        moved = cube.copy()
        moved[number] += step
        column = (error.residual(moved).astype(np.float64) - residual) / step
        assert column @ residual == pytest.approx(plane.slope[number], rel=0.05, abs=1e-3)


def test_the_forecast_is_exact_where_nothing_has_to_change(members):
    cubes = np.array([members[0].cube(at(each)) for each in GRID])
    terms = quadratic_at(JointError(members, layout(TRUE)), cubes)
    right, numbers = terms.best(layout(TRUE))
    assert right < 1e-7
    assert layout(TRUE).cubes(numbers) == pytest.approx(cubes, abs=1e-3)
    for value, knob in ((1, 0), (3, 1)):  # what follows may not be left out
        assert terms.best(layout(TRUE).toggled(value, knob))[0] > 1e-4


def test_what_follows_is_found(members):
    rng = np.random.default_rng(4)
    cubes = np.array([members[0].cube(at(each)) for each in GRID])
    noisy = np.clip(cubes + rng.uniform(-0.01, 0.01, cubes.shape), 0.0, 1.0)
    found = find_following(members, layout(np.zeros((4, 2))), noisy, Budget())
    assert found.layout.follows.tolist() == np.array(TRUE, dtype=bool).tolist()
    assert found.loss < 1e-7
    assert found.cubes == pytest.approx(cubes, abs=5e-3)
