"""All-passes that move, measured from a dry and a wet recording."""

import numpy as np
import pytest
from scipy.signal import lfilter

from fxchain.alignment.aligned_audio import AlignedAudio
from fxchain.data.signals import plucked_strings
from fxchain.periodic.measured_allpass import MeasuredAllpass, measure_allpass
from fxchain.periodic.slow_movement import SlowMovement
from fxchain.player import Playback
from fxchain.primitives import get_primitive

RATE = 16_000
DRY = np.concatenate([plucked_strings(2.5, RATE, seed) for seed in (1, 2)], axis=1)


def phased(stages: int, rate_hz: float, feedback: float, dry: np.ndarray = DRY) -> np.ndarray:
    """Return the dry beside a filtered copy behind all-passes in direct form; the sweep is none of
    a sine, and the loop is one sample late."""
    time = np.arange(dry.shape[1]) / RATE
    turn = (rate_hz * time + 0.3) % 1.0
    shape = np.where(turn < 0.3, turn / 0.3, (1.0 - turn) / 0.7)
    tangent = np.tan(np.pi * 200.0 * np.exp2(2.5 * shape) / RATE)
    coefficients = (tangent - 1.0) / (tangent + 1.0)
    before, after = np.zeros(stages), np.zeros(stages)
    copy, last = np.empty(len(time)), 0.0
    for t, c in enumerate(coefficients):
        o = float(dry[0, t]) - feedback * last
        for k in range(stages):
            made = c * (o - after[k]) + before[k]
            before[k], after[k], o = o, made, made
        copy[t] = last = o
    wet = lfilter([0.6, 0.1], [1.0], dry[0]) + lfilter([0.5], [1.0, -0.3], copy)
    return wet[None].astype(np.float32)


@pytest.mark.parametrize(("stages", "feedback"), [(4, 0.0), (6, -0.4)])
def test_stages_sweep_and_feedback_are_found(stages: int, feedback: float) -> None:
    wet, split, first = phased(stages, 0.9, feedback), round(0.8 * DRY.shape[1]), 700
    part = AlignedAudio(DRY[:, first:split], wet[:, first:split], 100)
    found = measure_allpass(part, RATE, first_sample=first)
    assert isinstance(found, MeasuredAllpass)
    assert found.stages.samples.shape == (1, stages)
    assert found.rates_hz == pytest.approx((0.9,), rel=0.01)
    assert found.values["feedback"] == pytest.approx(feedback, abs=0.1)
    assert found.checked < 0.02 < 0.1 < found.constant
    effect = get_primitive("modulated_allpass")
    assert effect.render is not None
    assets = {
        "corners": found.corners,
        "stages": found.stages,
        "responses": found.responses,
    }
    values = {spec.name: spec.default for spec in effect.parameters} | found.values
    values |= {"rate_hz": found.rates_hz[0], "phase_degrees": 0.0, "second_phase_degrees": 0.0}
    made = effect.render(DRY, Playback(RATE, assets=assets), **values)
    for span in (slice(first + 1_000, split), slice(split, None)):
        rest = wet[:, span] - made[:, span]
        assert np.sum(rest**2) < 0.03 * np.sum(wet[:, span] ** 2)


@pytest.mark.parametrize("drive", [0.0, 20.0])
def test_nothing_moves_in_what_is_steady(drive: float) -> None:
    wet = np.tanh(drive * DRY) if drive else lfilter([0.3], [1.0, -0.7], DRY).astype(np.float32)
    found = measure_allpass(AlignedAudio(DRY, wet, 0), RATE)
    assert found is None or found.checked > 0.5 * found.constant


def test_less_than_a_period_is_no_rate() -> None:
    dry = DRY[:, : 3 * RATE]
    found = measure_allpass(AlignedAudio(dry, phased(4, 0.12, 0.0, dry), 0), RATE)
    assert isinstance(found, SlowMovement)
    assert found.checked < 0.5 * found.constant
