"""Silence first: plugins that move begin a recording at the phase that was asked for."""

import numpy as np
import pedalboard
import pytest

from fxchain.data.signals import white_noise
from fxchain.errors import ExportError
from fxchain.player import Playback
from fxchain.player.pre_roll import PRE_ROLL_BLOCK, oscillator_pre_roll
from fxchain.preset import Preset
from fxchain.primitives import REGISTRY
from fxchain.stage import Chain, Effect

RATE = 44_100
MOVING = [kind for kind, primitive in REGISTRY.items() if primitive.pre_roll is not None]
DRY = white_noise(0.4, RATE, channels=2)


def preset_of(kind: str, phase_degrees: float, rate_hz: float = 1.3) -> Preset:
    primitive = REGISTRY[kind]
    named = {**primitive.probe, "depth": 0.3, "rate_hz": rate_hz, "phase_degrees": phase_degrees}
    stage = Chain((Effect(REGISTRY["gain"]), Effect(primitive)))
    values = [-3.0, *(named[spec.name] for spec in primitive.parameters)]
    return Preset(stage, np.array(values), RATE)


def swings(rate_hz: float, samples: int, sample_rate: int) -> np.ndarray:
    """Return the sine of pedalboard's oscillator as its chorus shows it: delays of a ramp."""
    plugin = pedalboard.Chorus(rate_hz, depth=0.2, centre_delay_ms=3.0, feedback=0.0, mix=1.0)
    ramp = np.arange(samples, dtype=np.float32)[None] / 4_096
    delays = (ramp - plugin(ramp, sample_rate, reset=True))[0] * 4_096
    return (delays / sample_rate * 1e3 - 3.0) / 2.0


@pytest.mark.parametrize("phase_degrees", [0.0, 90.0, 215.0, -30.0])
@pytest.mark.parametrize(("rate_hz", "sample_rate"), [(0.4, 44_100), (3.1, 44_100), (3.1, 96_000)])
def test_the_oscillator_has_the_phase(
    phase_degrees: float, rate_hz: float, sample_rate: int
) -> None:
    silent = oscillator_pre_roll(sample_rate, rate_hz, phase_degrees)
    assert silent >= PRE_ROLL_BLOCK
    heard = swings(rate_hz, silent + 1, sample_rate)[-1]
    assert heard == pytest.approx(np.sin(np.radians(phase_degrees - 180.0)), abs=0.01)


@pytest.mark.parametrize("kind", MOVING)
def test_the_phase_is_heard_and_survives_the_preset_and_the_script(kind: str) -> None:
    preset = preset_of(kind, 123.4)
    played = preset.board(RATE)(DRY, RATE, reset=True)
    again = Preset.from_json(preset.to_json(), "a.json")
    np.testing.assert_array_equal(again.board(RATE)(DRY, RATE, reset=True), played)
    script: dict[str, object] = {"__name__": "board"}
    exec(preset.to_python(), script)
    board = script["build"](RATE)  # type: ignore[operator]
    np.testing.assert_array_equal(board(DRY, RATE, reset=True), played)
    np.testing.assert_array_equal(board(DRY, RATE, reset=True), played)
    other = preset_of(kind, 303.4).board(RATE)(DRY, RATE, reset=True)
    assert np.abs(other - played).max() > 0.05


@pytest.mark.parametrize("kind", MOVING)
def test_another_number_of_channels_begins_anew(kind: str) -> None:
    board = preset_of(kind, 77.0).board(RATE)
    stereo = board(DRY, RATE, reset=True)
    mono = board(DRY[:1], RATE, reset=False)
    np.testing.assert_array_equal(mono, stereo[:1])


@pytest.mark.parametrize("kind", MOVING)
def test_a_pedalboard_alone_cannot_play_it(kind: str) -> None:
    with pytest.raises(ExportError, match="begins at a phase of its own"):
        preset_of(kind, 10.0).to_pedalboard(RATE)


@pytest.mark.parametrize("kind", MOVING)
def test_what_is_scored_is_what_the_board_plays(kind: str) -> None:
    import torch

    preset = preset_of(kind, 250.0, rate_hz=0.37)
    played = preset.board(RATE)(DRY, RATE, reset=True)
    rows = torch.from_numpy(np.array(preset.values))[None]
    made = preset.stage.process(torch.from_numpy(DRY)[None], Playback(float(RATE)), rows)[0]
    error = np.linalg.norm(made.numpy() - played) / np.linalg.norm(played)
    assert error < 1e-5
