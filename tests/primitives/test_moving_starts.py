"""Where a fit of an effect that moves begins: from the recordings, near the truth."""

import numpy as np
import pytest

from fxchain.data.signals import plucked_strings
from fxchain.dsp.oscillator import heard_rate, rate_to_set
from fxchain.evidence import measure_evidence
from fxchain.preset import Preset
from fxchain.primitives import REGISTRY
from fxchain.primitives.evidence import EXCLUDED
from fxchain.primitives.moving_pair import MovingPair
from fxchain.stage import Chain, Effect

RATE, BEGIN = 44_100, 30_000
DRY = plucked_strings(6.0, RATE, seed=3)
MOVING = [kind for kind, primitive in REGISTRY.items() if primitive.moving_starts is not None]
SETTINGS = {
    "chorus": {"depth": 0.25, "centre_delay_ms": 9.0, "feedback": 0.1, "mix": 0.5},
    "phaser": {"depth": 0.35, "centre_frequency_hz": 900.0, "feedback": 0.1, "mix": 0.5},
    "rotary": {
        "crossover_hz": 800.0,
        "doppler_ms": 0.2,
        "depth": 0.6,
        "drum_rate_hz": 1.7,
        "drum_phase_degrees": 80.0,
        "drum_doppler_ms": 0.1,
        "drum_depth": 0.5,
    },
    "tremolo": {"depth": 0.6},
    "vibrato": {"depth_ms": 0.6},
}
#: A phaser is scanned in steps; a rotor is heard through the slope of the crossover to the other.
NEAR_DEGREES = {"phaser": 20.0, "rotary": 40.0}


def played(kind: str, **named: float) -> np.ndarray:
    primitive = REGISTRY[kind]
    values = np.array([named[spec.name] for spec in primitive.parameters])
    board = Preset(Chain((Effect(primitive),)), values, RATE).board(RATE)
    return np.asarray(board(DRY, RATE, reset=True))


@pytest.mark.parametrize("kind", MOVING)
def test_the_first_start_is_near_the_truth(kind: str) -> None:
    rate_hz, phase_degrees = 1.7, 200.0
    wet = played(kind, rate_hz=rate_hz, phase_degrees=phase_degrees, **SETTINGS[kind])
    primitive = REGISTRY[kind]
    assert primitive.moving_starts is not None
    dry, late = (np.float64(each[0, BEGIN:]) for each in (DRY, wet))
    rates = (0.61, rate_hz, 2.4) if kind != "phaser" else (rate_hz,)
    start = primitive.moving_starts(MovingPair(dry, late, RATE, BEGIN, rates))[0].values
    assert start["rate_hz"] == pytest.approx(rate_hz, rel=2e-3)
    apart = (start["phase_degrees"] - phase_degrees + 180.0) % 360.0 - 180.0
    assert abs(apart) < NEAR_DEGREES.get(kind, 3.0)
    depth = "depth_ms" if kind == "vibrato" else "depth"
    assert start[depth] == pytest.approx(SETTINGS[kind][depth], rel=0.6)


@pytest.mark.parametrize("kind", MOVING)
def test_what_moves_is_said_to_and_what_is_steady_is_not(kind: str) -> None:
    primitive = REGISTRY[kind]
    assert primitive.evidence is not None
    moved = played(kind, rate_hz=1.7, phase_degrees=20.0, **SETTINGS[kind])
    assert primitive.evidence(measure_evidence(DRY, moved, RATE, 0)) > 0.0
    for steady in (0.5 * DRY, np.tanh(4.0 * DRY)):
        assert primitive.evidence(measure_evidence(DRY, steady, RATE, 0)) <= EXCLUDED


@pytest.mark.parametrize("heard_hz", [0.3, 1.0, 4.2])
def test_the_rate_to_be_set_is_heard_as_wanted(heard_hz: float) -> None:
    assert heard_rate(RATE, rate_to_set(RATE, heard_hz)) == pytest.approx(heard_hz, rel=2e-3)
