"""Delay times of plug-ins: where they are heard, and steps that move them with other knobs."""

import numpy as np
import pytest
from scipy.signal import lfilter

from fxchain.data.signals import plucked_strings
from fxchain.matching.search.delay_reverb_evolution import delay_position, delay_samples
from fxchain.matching.search.plugin_delays import MovingDelays, heard_delays
from fxchain.matching.search.second_order_steps import quick
from fxchain.objectives.excerpt import Excerpt
from fxchain.objectives.mean_error import AnyObjective, make_objective
from fxchain.optim.budget import Budget
from fxchain.structure.plugins import of_plugins, probed_at
from tests.hosting.plugins import file_of, needs_plugins

RATE = 44_100
DRY = plucked_strings(4.0, RATE, seed=5)
HIDDEN = {"time_ms": 1_300.0, "lpf_hz": 200.0, "dry_wet": 0.6, "feedback": 0.3, "sync_bpm": 0.0}

pytestmark = needs_plugins


@pytest.fixture(scope="module")
def dull_delay() -> tuple[AnyObjective, np.ndarray]:
    """Return the error of a delay whose echoes are dull, and the cube of what is hidden."""
    template = probed_at(of_plugins([file_of("ZamDelay")]), RATE)
    values = template.values.copy()
    names = [slot.spec.name for slot in template.stage.slots()]
    for name, value in HIDDEN.items():
        values[names.index(name)] = value
    unknown = make_objective(template.stage, values, template.free, [Excerpt(DRY, DRY, 0)], RATE)
    wet = unknown.residual(unknown.cube(values)) + unknown.target
    wet = (np.linalg.norm(DRY) * wet[None]).astype(np.float32)
    error = make_objective(template.stage, values, template.free, [Excerpt(DRY, wet, 0)], RATE)
    cube = error.cube(values)
    assert error.losses(cube[None])[0] < 1e-9
    return error, cube


def test_a_dull_echo_is_heard(dull_delay):
    error, _ = dull_delay
    times = heard_delays(error, seed=1, count=6)
    assert min(abs(time.samples - 1.3 * RATE) for time in times) < 0.005 * RATE
    shares = [time.share for time in times]
    assert shares == sorted(shares, reverse=True)


def test_channels_and_recordings_are_heard_each_for_itself(dull_delay):
    """Residuals have one behind the other: an echo of the one is none of the next."""
    error, _ = dull_delay
    alone = heard_delays(error, seed=1, count=3)
    dry, wet = error.excerpt.dry, error.excerpt.wet
    silent = np.zeros_like(wet)
    stereo = Excerpt(np.concatenate([dry, silent]), np.concatenate([wet, silent]), 0)
    for excerpts in ([stereo], [stereo, error.excerpt]):
        both = make_objective(error.stage, error.base, error.free, excerpts, RATE)
        found = heard_delays(both, seed=1, count=3)
        assert found[0].samples == alone[0].samples
        assert all(each.samples < DRY.shape[1] for each in found)


def test_delays_move_with_other_knobs(dull_delay):
    error, hidden = dull_delay
    (time,) = error.quantized_indices()
    start = hidden.copy()
    start[error.jacobian_indices()] -= 0.03
    start[time] = delay_position(error, int(time), round(1.3 * RATE) + 40, RATE)
    assert time not in error.jacobian_indices()
    steps = quick(30, "second order")
    without = steps.minimize(error, start, Budget(steps=100))
    found = steps.minimize(MovingDelays(error), start, Budget(steps=100))
    assert found.loss < 1e-6 < without.loss
    assert delay_samples(error, int(time), found.cube[time]) == round(1.3 * RATE)


@pytest.mark.parametrize("colour", [[0.5, 0.2], [0.3, -0.2, 0.5]])
def test_no_echo_is_heard_where_there_is_none(dull_delay, colour):
    """Notes are alike, so that any delay explains some of them."""
    error, _ = dull_delay
    wet = lfilter(colour, [1.0, -0.4], DRY).astype(np.float32)
    steady = make_objective(error.stage, error.base, error.free, [Excerpt(DRY, wet, 0)], RATE)
    assert heard_delays(steady, seed=1, count=6) == []
