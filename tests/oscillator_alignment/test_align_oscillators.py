"""Rate and phase of a preset's oscillators, found anew in another recording."""

from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

from fxchain import MatchError, ParameterError
from fxchain.alignment.fractional_delay import advanced
from fxchain.cli.app import app
from fxchain.data.signals import plucked_strings
from fxchain.files.audio_input import read_audio
from fxchain.files.audio_output import write_audio
from fxchain.oscillator_alignment.align_oscillators import align_oscillators
from fxchain.player.channel_routing import straight
from fxchain.preset import Preset
from fxchain.primitives import REGISTRY
from fxchain.stage import Chain, Effect

RATE = 16_000
DRY = plucked_strings(3.0, RATE, seed=5)
SETTINGS = {
    "tremolo": {"depth": 0.6},
    "chorus": {"depth": 0.2, "centre_delay_ms": 9.0, "feedback": 0.1, "mix": 0.5},
    "vibrato": {"depth_ms": 0.6},
}


def preset(kind: str, rate_hz: float, phase_degrees: float) -> Preset:
    primitive = REGISTRY[kind]
    named = {"rate_hz": rate_hz, "phase_degrees": phase_degrees, **SETTINGS[kind]}
    values = [-3.0, *(named[spec.name] for spec in primitive.parameters)]
    return Preset(Chain((Effect(REGISTRY["gain"]), Effect(primitive))), np.array(values), RATE)


def tremolo_values(rate_hz: float, phase_degrees: float) -> list[float]:
    return list(map(float, preset("tremolo", rate_hz, phase_degrees).values[1:]))


def played(of: Preset) -> np.ndarray:
    return np.asarray(of.board(RATE)(DRY, RATE, reset=True))


@pytest.mark.parametrize("kind", SETTINGS)
def test_another_recording_has_its_own_rate_phase_level_and_latency(kind: str) -> None:
    wet = np.pad(0.5 * played(preset(kind, 1.66, 237.0)), ((0, 0), (123, 0)))
    found = align_oscillators(preset(kind, 1.7, 20.0), DRY, wet, RATE)
    assert found.error < 1e-4 < 0.1 < found.before
    assert found.latency_samples == pytest.approx(123.0, abs=0.02)
    (heard,) = found.heard
    assert heard.rate_hz == pytest.approx(1.66, rel=2e-3)
    assert abs((heard.phase_degrees - 237.0 + 180.0) % 360.0 - 180.0) < 2.0
    assert found.preset.values[0] == -3.0  # the level is that of the device


def test_a_recording_may_be_late_by_a_fraction_of_a_sample() -> None:
    wet = advanced(played(preset("tremolo", 1.66, 237.0)), -0.4)
    found = align_oscillators(preset("tremolo", 1.66, 237.0), DRY, wet, RATE)
    assert found.error < 1e-3 < 2e-3 < found.before
    assert found.latency_samples == pytest.approx(0.4, abs=0.02)


def test_what_fits_leaves_the_preset_as_it_is() -> None:
    of = preset("tremolo", 1.7, 20.0)
    found = align_oscillators(of, DRY, played(of), RATE)
    assert found.error <= found.before < 1e-10
    np.testing.assert_allclose(found.preset.values, of.values, atol=1e-3)
    assert not any("with this device" in sentence for sentence in found.sentences("wet.wav"))


def test_what_does_not_come_clearly_nearer_leaves_the_preset_as_it_is() -> None:
    of = preset("tremolo", 1.7, 20.0)
    wet, noise = played(of), np.random.default_rng(0).standard_normal(DRY.shape)
    wet = (wet + 0.4 * wet.std() * noise).astype(np.float32)
    found = align_oscillators(of, DRY, wet, RATE)
    assert found.error == found.before > 0.1
    np.testing.assert_array_equal(found.preset.values, of.values)
    (sentence,) = found.sentences("wet.wav")
    assert "was it made with this device" in sentence


def test_the_level_in_front_of_the_chain_is_that_of_the_preset() -> None:
    """A drive makes something else of another level."""
    parts = (Effect(REGISTRY["distortion"]), Effect(REGISTRY["tremolo"]))
    routing = straight(1).levelled(8.0, 0.125)
    hidden = Preset(Chain(parts), np.array([12.0, *tremolo_values(1.66, 237.0)]), RATE)
    hidden = replace(hidden, routing=routing)
    wet = np.asarray(hidden.board(RATE)(DRY, RATE, reset=True))
    other = replace(hidden, values=np.array([12.0, *tremolo_values(1.7, 20.0)]))
    assert align_oscillators(other, DRY, wet, RATE).error < 1e-4
    assert align_oscillators(replace(other, routing=None), DRY, wet, RATE).error > 1e-3


def test_channels_that_are_routed_are_refused() -> None:
    late = replace(straight(1), delays_samples=(30,))
    of = replace(preset("tremolo", 1.7, 20.0), routing=late)
    with pytest.raises(ParameterError, match="delayed"):
        align_oscillators(of, DRY, played(of), RATE)


def test_unrelated_recordings_are_refused() -> None:
    noise = np.random.default_rng(0).standard_normal(DRY.shape).astype(np.float32)
    with pytest.raises(MatchError, match="unrelated recordings"):
        align_oscillators(preset("tremolo", 1.7, 20.0), DRY, 0.1 * noise, RATE)


def test_a_chain_that_does_not_move_is_refused() -> None:
    still = Preset(Chain((Effect(REGISTRY["gain"]),)), np.array([-3.0]), RATE)
    with pytest.raises(ParameterError, match="moves by itself"):
        align_oscillators(still, DRY, DRY, RATE)


def test_render_moves_as_the_recording_does(tmp_path) -> None:
    truth = preset("tremolo", 1.66, 237.0)
    write_audio(tmp_path / "dry.wav", DRY, RATE)
    write_audio(tmp_path / "wet.wav", played(truth), RATE)
    preset("tremolo", 1.7, 20.0).save(tmp_path / "preset.json")
    names = [str(tmp_path / name) for name in ("preset.json", "dry.wav", "out.wav")]
    run = CliRunner().invoke(app, ["render", *names, "--align-to", str(tmp_path / "wet.wav")])
    assert run.exit_code == 0, run.output
    assert "moves at 1.66 Hz" in run.output
    made = read_audio(tmp_path / "out.wav").samples
    assert np.mean((made - played(truth)) ** 2) < 1e-6 * np.mean(made**2)
    still = Preset(Chain((Effect(REGISTRY["gain"]),)), np.array([-3.0]), RATE)
    still.save(tmp_path / "still.json")
    names[0] = str(tmp_path / "still.json")
    run = CliRunner().invoke(
        app, ["render", *names, "--force", "--align-to", str(tmp_path / "wet.wav")]
    )
    assert run.exit_code == 2
    assert "still.json: no effect of it moves by itself" in run.output
