"""An effect that moves by itself, tried before any chain grows, and in the one that grew."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.signal import lfilter

import fxchain.matching.search.try_moving_effects as moves
from fxchain.data.signals import plucked_strings, white_noise
from fxchain.matching.search.context import SearchContext
from fxchain.matching.search.growth import THOROUGH, Population, refitted
from fxchain.matching.search.growth_move import kept, running
from fxchain.matching.search.moving_stages import has_movement
from fxchain.matching.search.schedule import start_state
from fxchain.matching.search.state import PlannedMove
from fxchain.matching.search.try_moving_effects import WORTH_A_TRY, try_moving_effects
from fxchain.optim.budget import Budget
from fxchain.periodic.measured_part import MeasuredPart
from fxchain.preset import Preset
from fxchain.preset.effects import effects_of
from fxchain.primitives import get_primitive
from fxchain.primitives.evidence import Evidence, drive, movement
from fxchain.recordings.problem import Problem
from fxchain.stage import Chain, Effect
from fxchain.structure.candidate import Candidate
from fxchain.structure.named import named_chain

RATE = 44_100
DRY = plucked_strings(5.0, RATE, seed=3)
MOVE = PlannedMove("moving effects")


def _context(wet: np.ndarray, *moving: str, dry: np.ndarray = DRY) -> SearchContext:
    template = replace(named_chain("default"), moving=moving)
    problem = Problem(dry, wet.astype(np.float32), 0, RATE, 1)
    return SearchContext((problem,), template, Budget(steps=60), ())


def test_a_tremolo_is_found_with_its_phase() -> None:
    tremolo = get_primitive("tremolo")
    values = np.array([3.1, 140.0, 0.6])
    wet = Preset(Chain((Effect(tremolo),)), values, RATE).board(RATE)(DRY, RATE)
    context = _context(np.asarray(wet), "tremolo")
    found = try_moving_effects(start_state(context, 0), context, MOVE)
    assert found.best is not None and found.best.loss is not None
    assert found.best.loss < 1e-6
    (placed,) = (
        each
        for each in effects_of(found.best.stage, found.best.values)
        if each.effect.primitive is tremolo
    )
    assert placed.values[0] == pytest.approx(3.1, rel=1e-3)
    assert placed.values[1] % 360.0 == pytest.approx(140.0, abs=0.5)
    assert found.population.candidates  # it is what grows on


@pytest.mark.parametrize("gain", [0.5, 6.0])
def test_what_is_steady_costs_no_step(gain: float) -> None:
    context = _context(np.tanh(gain * DRY), "tremolo", "chorus", "phaser")
    state = start_state(context, 0)
    assert try_moving_effects(state, context, MOVE) is state
    assert context.budget.taken == 0


def test_what_a_drive_explains_as_well_costs_no_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Notes that come periodically let the filter of a drive change periodically."""
    context = _context(DRY, "tremolo", "chorus")
    driven = Evidence(0.0, 0.5, False, 0.5, movement_share=0.05, odd_share=0.7)
    assert 0.0 < movement(driven) < drive(driven)
    monkeypatch.setattr(SearchContext, "evidence", lambda self: (driven,))
    state = start_state(context, 0)
    assert try_moving_effects(state, context, MOVE) is state
    assert context.budget.taken == 0


def test_a_start_must_explain_more_than_at_other_phases(monkeypatch: pytest.MonkeyPatch) -> None:
    """All-passes explain some of any filter, whether they move or not."""
    dry = white_noise(5.0, RATE)
    context = _context(lfilter([-0.9, 1.0], [1.0, -0.9], dry), "tremolo", "phaser", dry=dry)
    moving = Evidence(0.0, 0.5, False, 0.5, movement_share=0.3)
    monkeypatch.setattr(SearchContext, "evidence", lambda self: (moving,))
    state = start_state(context, 0)
    assert try_moving_effects(state, context, MOVE) is state
    assert context.budget.taken == 0


def test_what_there_was_time_for_is_kept() -> None:
    chorus = get_primitive("chorus")
    values = np.array([1.7, 90.0, 0.3, 9.0, 0.1, 0.5])
    wet = Preset(Chain((Effect(chorus),)), values, RATE).board(RATE)(DRY, RATE)
    context = _context(np.asarray(wet), "chorus")
    context.budget.steps = 4  # the gain alone, and the quick refits of some starts
    found = try_moving_effects(start_state(context, 0), context, MOVE)
    assert found.best is not None
    assert chorus in [
        each.effect.primitive for each in effects_of(found.best.stage, found.best.values)
    ]


def test_a_vibrato_is_found_wherever_the_recording_was_aligned_to() -> None:
    """Its delays lie around the latency, so that some come before it."""
    vibrato, late = get_primitive("vibrato"), round(0.5e-3 * RATE)
    values = np.array([2.3, 140.0, 0.5])
    wet = np.asarray(Preset(Chain((Effect(vibrato),)), values, RATE).board(RATE)(DRY, RATE))
    context = _context(wet[:, late:], "tremolo", "chorus", "vibrato", dry=DRY[:, :-late])
    state = start_state(context, 0)
    found = try_moving_effects(state, context, MOVE)
    assert found.best is not None and (found.best.loss or 1.0) < 1e-6
    (placed, *_) = effects_of(found.best.stage, found.best.values)
    assert placed.effect.primitive is vibrato
    assert placed.values == pytest.approx([2.3, 140.0, 0.5], rel=1e-3)
    assert found.latency_shifts == pytest.approx((-late,), abs=0.05)


def test_it_is_put_into_a_chain_that_grew_at_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before any chain, less spoke for movement than for the drive that hides it."""
    tremolo, drive = get_primitive("tremolo"), get_primitive("distortion")
    hidden = Chain((Effect(tremolo), Effect(drive)))
    values = np.array([2.3, 140.0, 0.5, 14.0])
    wet = np.asarray(Preset(hidden, values, RATE).board(RATE)(DRY, RATE))
    context = _context(wet, "tremolo", "chorus", "phaser")
    hardly = Evidence(0.0, 0.5, False, 0.05, movement_share=8e-3, odd_share=0.4)
    monkeypatch.setattr(SearchContext, "evidence", lambda self: (hardly,))
    state = start_state(context, 0)
    assert try_moving_effects(state, context, MOVE) is state
    with_gain = Chain((Effect(drive), Effect(get_primitive("gain"))))
    driven = Candidate(with_gain, np.array([12.0, 0.0]), np.ones(2, dtype=bool))
    grown = refitted([driven], THOROUGH, running(state, context, 1.0))
    state = kept(replace(state, population=Population(tuple(grown))), context, grown[0])
    assert not has_movement(state.best)
    found = try_moving_effects(state, context, MOVE)
    assert has_movement(found.best) and found.best is not None
    placed = effects_of(found.best.stage, found.best.values)
    kinds = [each.effect.primitive.kind for each in placed]
    assert kinds.index("tremolo") < kinds.index("distortion")
    assert (found.best.loss or 1.0) < 1e-6
    assert len(found.population.candidates) > 1
    assert try_moving_effects(found, context, MOVE) is found  # something moves already


def test_what_a_chain_explains_does_not_move(monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind the drive nothing changes with the notes any more; no start is looked for."""
    drive = get_primitive("distortion")
    chain, values = Chain((Effect(drive), Effect(get_primitive("gain")))), np.array([14.0, 0.0])
    wet = np.asarray(Preset(chain, values, RATE).board(RATE)(DRY, RATE)) + 0.3 * DRY
    context = _context(wet, "tremolo", "chorus", "phaser")
    moving = Evidence(0.0, 0.5, False, 0.5, movement_share=0.3)
    monkeypatch.setattr(SearchContext, "evidence", lambda self: (moving,))
    driven = Candidate(chain, values, np.ones(2, dtype=bool))
    state = start_state(context, 0)
    state = kept(replace(state, population=Population((driven,))), context, driven)
    assert context.leaves(state, WORTH_A_TRY)
    monkeypatch.setattr(SearchContext, "rate_of", lambda self, part: pytest.fail("looked for"))
    assert try_moving_effects(state, context, MOVE) is state


def test_a_rate_is_found_once_in_the_same_audio(monkeypatch: pytest.MonkeyPatch) -> None:
    parts: list[MeasuredPart] = []
    monkeypatch.setattr("fxchain.matching.search.context.find_rate", parts.append)
    context = _context(DRY)
    part = MeasuredPart(DRY.astype(float), 0.5 * DRY.astype(float), RATE, 0.0)
    other = replace(part, wet=0.4 * part.wet)
    for each in (part, replace(part, first_sample=9.0), other, part):
        context.rate_of(each)
    assert len(parts) == 2


def test_none_begins_where_a_steady_response_leaves_less(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reverb sounds as if it moved: its echoes differ from note to note."""
    tremolo = get_primitive("tremolo")
    wet = Preset(Chain((Effect(tremolo),)), np.array([3.1, 140.0, 0.6]), RATE).board(RATE)
    context = _context(np.asarray(wet(DRY, RATE)), "tremolo")
    state, bounds = start_state(context, 0), list[float]()
    monkeypatch.setattr(
        moves, "steady_suffices", lambda _, __, bound, ___: bounds.append(bound) or True
    )
    assert try_moving_effects(state, context, MOVE) is state
    assert bounds and bounds[0] < 1e-3  # what the tremolo leaves
