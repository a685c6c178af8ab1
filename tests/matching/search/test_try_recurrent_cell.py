"""A recurrent cell takes the place of a chain that explains far less."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from scipy.signal import lfilter

from fxchain.data.signals import plucked_strings, white_noise
from fxchain.export.python_script import write_script
from fxchain.matching.search.context import SearchContext, position
from fxchain.matching.search.measured_stages import is_measured
from fxchain.matching.search.schedule import start_state
from fxchain.matching.search.state import PlannedMove, SearchState
from fxchain.matching.search.try_recurrent_cell import (
    describe_cell,
    try_recurrent_cell,
    with_cell,
)
from fxchain.metrics.scores import esr
from fxchain.optim.budget import Budget
from fxchain.preset import Preset, parse_chain
from fxchain.recordings.problem import Problem
from fxchain.recurrent.descent import TrainedCell
from fxchain.recurrent.recurrence import Run
from fxchain.recurrent.response import Response
from fxchain.render import render
from fxchain.structure.candidate import Candidate
from fxchain.structure.named import named_chain
from fxchain.structure.template import Template
from tests.known_pair import effect
from tests.recurrent.test_recurrence import weights_of
from tests.recurrent.test_response import filtered, ringing

RATE = 16_000
MOVE = PlannedMove("recurrent cell")


def hidden(dry: np.ndarray) -> np.ndarray:
    """Return what a hidden cell of two units, with one state of rest, makes of a recording that was
    limited."""
    limited = 3.0 * np.tanh(20.0 * dry[0])
    return Run(limited, weights_of(2, seed=4).astype(np.float32)).output[None]


def through_a_filter(dry: np.ndarray) -> np.ndarray:
    """Return a recording through a response that rings."""
    return filtered(dry[0], ringing())[None]


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
    _played_alike(state.best, context.problems[0].dry[:, :4_000])


def test_a_response_stands_behind_it() -> None:
    weights = weights_of(2, seed=5).astype(np.float32)
    cell = TrainedCell(weights, 0.1, 0.1, (0.1,), 9, response=Response(0.1 * ringing()))
    found, dry = with_cell(cell, RATE), plucked_strings(0.5, RATE, seed=3)
    (sentence,) = describe_cell(found)
    assert f"with a response of {len(ringing())} samples" in sentence
    expected = filtered(Run(dry[0], weights).output, 0.1 * ringing())
    np.testing.assert_allclose(_played_alike(found, dry)[0], expected, atol=1e-5)


def _played_alike(found: Candidate, dry: np.ndarray) -> np.ndarray:
    """Return what a preset plays; one that was read again and a script play it as well."""
    preset = Preset(found.stage, found.values, RATE)
    again = Preset.from_json(preset.to_json())
    expected = render(preset, dry, RATE)
    np.testing.assert_array_equal(render(again, dry, RATE), expected)
    script: dict[str, object] = {"__name__": "board"}
    exec(write_script(again.stage, again.values), script)
    played = script["build"](RATE)(dry, RATE)  # type: ignore[operator]
    np.testing.assert_allclose(played, expected, atol=1e-5)
    return expected


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


def test_it_is_refused_where_the_chain_needs_but_a_response() -> None:
    """What a cell with a response leaves is compared with what the chain leaves with one."""
    state, context = searched(device=through_a_filter)
    assert try_recurrent_cell(state, context, MOVE).best is state.best
    assert context.budget.taken > 0


def test_it_is_refused_where_it_does_not_hold_for_what_was_left_out() -> None:
    state, context = searched(device=noise, steps=12)
    assert try_recurrent_cell(state, context, MOVE).best is state.best
    assert context.budget.taken == 12


def note(pitch_hz: float, seconds: float = 1.25) -> np.ndarray:
    """Return a single note that decays by 40 dB, (1, samples)."""
    time = np.arange(round(seconds * RATE)) / RATE
    partials = [np.sin(2.0 * np.pi * h * pitch_hz * time) / h for h in range(1, 9)]
    return (0.3 * np.sum(partials, axis=0) * 10.0 ** (-2.0 * time / seconds))[None].astype("f4")


def drawn_device(seed: int) -> tuple[Preset, Callable[[np.ndarray], np.ndarray]]:
    """Return a chain, and a device that is this chain but for what follows the level.

    With even seeds it is the bias of the drive, which vanishes as a note decays; with odd ones the
    gain before the drive, which grows.
    """
    rng = np.random.default_rng(seed)
    chain = {
        "chain": [
            effect("highpass_filter", cutoff_frequency_hz=rng.uniform(60.0, 300.0)),
            effect("waveshaper", drive_db=rng.uniform(6.0, 20.0), bias=rng.uniform(-0.3, 0.3)),
            effect("lowpass_filter", cutoff_frequency_hz=rng.uniform(2_000.0, 5_000.0)),
        ]
    }
    stage, values, _ = parse_chain(chain, "drawn")
    preset, depth = Preset(stage, values, RATE), rng.uniform(0.3, 0.9)
    share, power = 1.0 - np.exp(-1.0 / (0.02 * RATE)), rng.uniform(0.05, 0.25)
    compresses = seed % 2 == 1

    def play(dry: np.ndarray) -> np.ndarray:
        before, curve, behind = (Preset(each, preset.values[span], RATE) for each, span in parts)
        heard = render(before, dry, RATE)
        level = lfilter([share], [1.0, share - 1.0], np.abs(heard))
        drive = 10.0 ** (curve.values[0] / 20.0)
        bias = curve.values[1] - depth * drive * level
        if compresses:
            bias, heard = curve.values[1], heard * (0.03 / (level + 1e-4)) ** power
        made = np.tanh(drive * heard + bias) - np.tanh(bias)
        return render(behind, made.astype(np.float32), RATE)

    parts = tuple(zip(stage.stages, (slice(0, 1), slice(1, 3), slice(3, 4)), strict=True))
    return preset, play


def test_no_decaying_note_is_made_audibly_worse_than_by_the_chain() -> None:
    """What was not in the recording, the end of the note, is played no worse by the cell.

    Errors 40 dB below that end, which is 40 dB below the beginning of the note, count as none.
    """
    taken = []
    for seed in (7, 8, 11, 30):
        preset, device = drawn_device(seed)
        dry = note(82.4 * 2.0 ** (seed % 6 / 3.0))
        wet, cut = device(dry), round(0.8 * dry.shape[1])
        problem = Problem(dry[:, :cut], wet[:, :cut], 0, RATE, 1)
        context = SearchContext((problem,), named_chain("default"), Budget(steps=80), ())
        chain = Candidate(preset.stage, np.array(preset.values), np.ones(4, dtype=bool))
        state = context.keep(start_state(context, 0), chain, position(chain))
        assert state.best is not None and state.best.stage is preset.stage
        found = try_recurrent_cell(state, context, MOVE).best
        assert found is not None
        left = [
            esr(wet[:, cut:], render(Preset(each.stage, each.values, RATE), dry, RATE)[:, cut:])
            for each in (state.best, found)
        ]
        assert left[1] <= max(left[0], 1e-4), f"device {seed}: {left}"
        taken.append(is_measured(found))
    assert any(taken) and not all(taken)


def test_knobs_alone_or_plugins_alone_leave_it_out() -> None:
    assert named_chain("default").cell and named_chain("amp").cell
    assert not named_chain("default", response=False).cell
    assert not named_chain("default", only_pedalboard=True).cell
    assert not named_chain("space").cell
