"""A recurrent cell takes the place of a chain that explains far less."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from fxchain.data.signals import plucked_strings, white_noise
from fxchain.export.python_script import write_script
from fxchain.matching.search.context import SearchContext
from fxchain.matching.search.measured_stages import is_measured
from fxchain.matching.search.schedule import start_state
from fxchain.matching.search.state import PlannedMove, SearchState
from fxchain.matching.search.try_recurrent_cell import describe_cell, try_recurrent_cell
from fxchain.optim.budget import Budget
from fxchain.preset import Preset
from fxchain.recordings.problem import Problem
from fxchain.recurrent.recurrence import Run
from fxchain.render import render
from fxchain.structure.named import named_chain
from fxchain.structure.template import Template
from tests.recurrent.test_recurrence import weights_of

RATE = 16_000
MOVE = PlannedMove("recurrent cell")


def hidden(dry: np.ndarray) -> np.ndarray:
    """Return what a hidden cell of two units makes of a recording."""
    return Run(4.0 * dry[0], weights_of(2, seed=5).astype(np.float32)).output[None]


def searched(
    template: Template | None = None,
    device: Callable[[np.ndarray], np.ndarray] = hidden,
    steps: int = 120,
    gain_free: bool = False,
) -> tuple[SearchState, SearchContext]:
    """Return a search that has found no chain for a device yet."""
    dry = plucked_strings(1.0, RATE, seed=3)
    problem = Problem(dry, device(dry), 0, RATE, 1, gain_free=gain_free)
    template = template or named_chain("default")
    context = SearchContext((problem,), template, Budget(steps=steps), ())
    return start_state(context, 0), context


def noise(dry: np.ndarray) -> np.ndarray:
    return white_noise(dry.shape[-1] / RATE, RATE, seed=9)


def test_it_takes_the_place_of_a_gain_and_the_gain_stays_on_the_front() -> None:
    before, context = searched()
    state = try_recurrent_cell(before, context, MOVE)
    assert before.best is not None and state.best is not None
    assert is_measured(state.best) and not is_measured(before.best)
    assert (state.best.loss or 0.0) < 0.1 * (before.best.loss or 0.0)
    (point,) = state.front
    assert point.candidate.stage is before.best.stage
    (sentence,) = describe_cell(state.best)
    assert "257 numbers" in sentence and "--only-knobs" in sentence
    assert describe_cell(before.best) == ()


def test_it_takes_the_latency_at_which_it_leaves_less() -> None:
    """The filters of a chain may have moved its latency, by more than a cell makes up for."""
    before, context = searched()
    moved = replace(before, latency_shifts=(-8.0,))
    state = try_recurrent_cell(moved, context, MOVE)
    assert is_measured(state.best) and state.latency_shifts == (0.0,)
    (point,) = state.front
    assert point.candidate.latency_shifts == (-8.0,)


def test_scripts_and_presets_play_it() -> None:
    state, context = searched()
    state = try_recurrent_cell(state, context, MOVE)
    assert state.best is not None and is_measured(state.best)
    preset = Preset(state.best.stage, state.best.values, RATE)
    again = Preset.from_json(preset.to_json())
    dry = context.problems[0].dry[:, :4_000]
    expected = render(preset, dry, RATE)
    np.testing.assert_array_equal(render(again, dry, RATE), expected)
    script: dict[str, object] = {"__name__": "board"}
    exec(write_script(again.stage, again.values), script)
    played = script["build"](RATE)(dry, RATE)  # type: ignore[operator]
    np.testing.assert_allclose(played, expected, atol=1e-5)


@pytest.mark.parametrize(
    ("locked", "device", "gain_free"),
    [(False, np.copy, False), (True, hidden, False), (False, hidden, True)],
)
def test_it_is_not_tried_where_it_cannot_be_right(
    locked: bool, device: Callable[[np.ndarray], np.ndarray], gain_free: bool
) -> None:
    """Nothing is left to explain; a control is locked; the level of a recording is not known."""
    template = replace(named_chain("default"), locked=locked)
    state, context = searched(template, device, gain_free=gain_free)
    assert not is_measured(try_recurrent_cell(state, context, MOVE).best)
    assert context.budget.taken == 0


def test_it_is_refused_where_it_does_not_hold_for_what_was_left_out() -> None:
    state, context = searched(device=noise, steps=12)
    assert try_recurrent_cell(state, context, MOVE).best is state.best
    assert context.budget.taken == 12


def test_knobs_alone_or_plugins_alone_leave_it_out() -> None:
    assert named_chain("default").cell and named_chain("amp").cell
    assert not named_chain("default", response=False).cell
    assert not named_chain("default", only_pedalboard=True).cell
    assert not named_chain("space").cell
