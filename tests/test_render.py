"""Rendering arrays and files, with and without a tail."""

import json

import numpy as np
import pytest
import soundfile

from fxchain.data.signals import impulse, white_noise
from fxchain.errors import AudioError, OutputError, ParameterError
from fxchain.files.audio_input import read_audio
from fxchain.files.audio_output import write_audio
from fxchain.player import BLOCK_SAMPLES
from fxchain.preset import Preset, parse_chain
from fxchain.render import LONGEST_AUTOMATIC_TAIL_SECONDS, render, render_file

RATE = 16_000


def preset_of(*effects):
    nodes = [{"primitive": kind, "parameters": knobs} for kind, knobs in effects]
    stage, values, _ = parse_chain({"chain": nodes}, "a.json")
    return Preset(stage, values, RATE)


ECHO = preset_of(("delay", {"delay_seconds": 1.00003, "feedback": 0.5, "mix": 0.5}))
SHAPED = preset_of(("waveshaper", {"bias": 0.5}), ("compressor", {}), ("reverb", {}))


@pytest.mark.parametrize("channels", [1, 2])
def test_an_array_is_rendered_as_the_board_plays_it(channels):
    dry = white_noise(0.5, RATE, channels=channels)
    np.testing.assert_allclose(render(SHAPED, dry, RATE), SHAPED.board(RATE)(dry, RATE), atol=1e-6)
    assert render(SHAPED, dry[0], RATE).shape == (1, dry.shape[1])


@pytest.mark.parametrize("length", [5, 16_000, BLOCK_SAMPLES, BLOCK_SAMPLES + 1, 150_000])
@pytest.mark.parametrize("tail", [0.0, 0.3, 10.0])
def test_a_file_is_rendered_as_an_array_is(length, tail, tmp_path):
    dry = white_noise(length / RATE, RATE, channels=2)
    write_audio(tmp_path / "in.wav", dry, RATE)
    assert render_file(SHAPED, tmp_path / "in.wav", tmp_path / "out.wav", tail) == RATE
    wet = read_audio(tmp_path / "out.wav")
    assert wet.length == length + round(tail * RATE)
    padded = np.pad(dry, ((0, 0), (0, round(tail * RATE))))
    np.testing.assert_allclose(wet.samples, SHAPED.board(RATE)(padded, RATE), atol=1e-6)
    np.testing.assert_array_equal(wet.samples, render(SHAPED, dry, RATE, tail))
    assert soundfile.info(tmp_path / "out.wav").subtype == "FLOAT"


def test_an_automatic_tail_ends_with_the_last_echo():
    dry = impulse(0.1, RATE)
    wet = render(ECHO, dry, RATE, "auto")
    echoes = np.flatnonzero(np.abs(wet[0]) > 0)
    position = int(np.argmax(np.abs(dry[0])))
    # 0.5 dry; echoes of 0.5 · 0.5^k: the thirteenth is the last above -80 dB
    assert echoes.tolist() == [position + k * RATE for k in range(15)][: len(echoes)]
    assert wet.shape[1] == echoes[-1] + 1
    assert 0.5 ** (len(echoes) - 2) > 1e-4 > 0.5 ** (len(echoes) - 1)


@pytest.mark.parametrize("seconds", [0.05, 4.1, 12.0])
def test_an_automatic_tail_never_cuts_the_recording(seconds):
    dry = np.zeros((1, round(seconds * RATE)), np.float32)
    dry[0, 0] = 0.5
    assert render(preset_of(("gain", {"gain_db": 3.0})), dry, RATE, "auto").shape == dry.shape
    assert render(ECHO, np.zeros_like(dry), RATE, "auto").shape == dry.shape


def test_an_automatic_tail_ends_at_last():
    endless = preset_of(("delay", {"delay_seconds": 2.0, "feedback": 0.95, "mix": 1.0}))
    wet = render(endless, white_noise(1.0, RATE), RATE, "auto")
    assert wet.shape[1] <= round((1.0 + LONGEST_AUTOMATIC_TAIL_SECONDS) * RATE)
    assert wet.shape[1] > 20 * RATE


@pytest.mark.parametrize("tail", [-1.0, float("nan"), float("inf"), 1e9])
def test_a_tail_that_is_no_duration_is_refused(tail, tmp_path):
    with pytest.raises(ParameterError, match="the tail of"):
        render(ECHO, white_noise(0.1, RATE), RATE, tail)
    write_audio(tmp_path / "in.wav", white_noise(0.1, RATE), RATE)
    with pytest.raises(ParameterError, match="the tail of"):
        render_file(ECHO, tmp_path / "in.wav", tmp_path / "out.wav", tail)
    assert [path.name for path in tmp_path.iterdir()] == ["in.wav"]


def test_bad_audio_is_refused():
    with pytest.raises(AudioError, match="not finite"):
        render(ECHO, np.array([[0.0, np.nan]]), RATE)
    with pytest.raises(AudioError, match="no samples"):
        render(ECHO, np.zeros((1, 0)), RATE)


def test_an_output_that_exists_is_kept(tmp_path):
    write_audio(tmp_path / "in.wav", white_noise(0.1, RATE), RATE)
    before = (tmp_path / "in.wav").read_bytes()
    with pytest.raises(OutputError, match="exists already"):
        render_file(ECHO, tmp_path / "in.wav", tmp_path / "in.wav")
    assert (tmp_path / "in.wav").read_bytes() == before
    render_file(ECHO, tmp_path / "in.wav", tmp_path / "in.wav", force=True)
    assert (tmp_path / "in.wav").read_bytes() != before


def test_a_later_defect_leaves_nothing_behind(tmp_path):
    dry = white_noise(10.0, RATE)
    dry[0, 120_000] = np.inf
    soundfile.write(tmp_path / "in.wav", dry.T, RATE, subtype="FLOAT")
    with pytest.raises(AudioError, match="sample 120000 is not finite"):
        render_file(ECHO, tmp_path / "in.wav", tmp_path / "out.wav")
    assert [path.name for path in tmp_path.iterdir()] == ["in.wav"]


def test_frequencies_above_the_rate_are_held():
    preset = preset_of(("lowpass_filter", {"cutoff_frequency_hz": 20_000.0}))
    held = preset_of(("lowpass_filter", {"cutoff_frequency_hz": 7_200.0}))
    dry = white_noise(0.1, RATE)
    np.testing.assert_array_equal(render(preset, dry, RATE), render(held, dry, RATE))
    assert json.loads(preset.to_json())["stage"]["chain"][0]["parameters"] == {
        "cutoff_frequency_hz": 20_000.0
    }
