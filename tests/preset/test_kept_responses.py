"""Impulse responses inside a preset or beside it, whole and broken."""

import base64
import hashlib
import json

import numpy as np
import pytest

from fxchain.errors import PresetError
from fxchain.files.audio_output import write_audio
from fxchain.preset import Preset
from tests.preset.documents import DOCUMENT


def convolution(response):
    stage = {
        "primitive": "convolution",
        "version": 1,
        "parameters": {"mix": 0.5},
        "assets": {"impulse_response": response},
    }
    return json.dumps({**DOCUMENT, "stage": stage})


def embedded(**changes):
    frames = np.array([1.0, 0.5], "<f4").tobytes()
    plain = {
        "data": base64.b64encode(frames).decode(),
        "channels": 1,
        "sample_rate": 16_000,
        "sha256": hashlib.sha256(frames).hexdigest(),
    }
    return {key: value for key, value in {**plain, **changes}.items() if value is not None}


def test_an_embedded_impulse_response():
    preset = Preset.from_json(convolution(embedded()))
    np.testing.assert_array_equal(preset.stage.assets["impulse_response"].samples, [[1.0, 0.5]])
    assert preset.stage.assets["impulse_response"].sample_rate == 16_000


BROKEN_RESPONSES = {
    "no data": ({"sha256": "0"}, "needs either 'data' or 'file'"),
    "both": (embedded(file="a.wav"), "needs either 'data' or 'file'"),
    "no hash": (embedded(sha256=None), "impulse_response.sha256 is missing"),
    "no channels": (embedded(channels=None), "needs 'channels' and 'sample_rate' too"),
    "not base64": (embedded(data="%%%"), "impulse_response.data is not base64"),
    "half a float": (embedded(data="AAAA"), r"data \(3 bytes\) is not float32 in 1 channel"),
    "no channel": (embedded(channels=0), "is not float32 in 0 channel"),
    "another hash": (embedded(sha256="00"), "another sha256"),
    "silent": (
        embedded(
            data=base64.b64encode(bytes(8)).decode(), sha256=hashlib.sha256(bytes(8)).hexdigest()
        ),
        "impulse_response is silent",
    ),
    "a rate too low": (embedded(sample_rate=100), "the sample rate 100 Hz"),
    "unknown field": (embedded(name="x"), "the field 'impulse_response.name' is unknown"),
    "climbing": ({"file": "../a.wav", "sha256": "0"}, "leaves the preset's folder"),
    "climbing later": ({"file": "b/../../a.wav", "sha256": "0"}, "leaves the preset's folder"),
    "absolute": ({"file": "/etc/passwd", "sha256": "0"}, "leaves the preset's folder"),
    "a drive": ({"file": "C:\\a.wav", "sha256": "0"}, "leaves the preset's folder"),
    "backslashes": ({"file": "..\\a.wav", "sha256": "0"}, "leaves the preset's folder"),
    "a null byte": ({"file": "a\0.wav", "sha256": "0"}, "leaves the preset's folder"),
    "no name": ({"file": "", "sha256": "0"}, "leaves the preset's folder"),
    "the folder": ({"file": ".", "sha256": "0"}, "there is no such file beside the preset"),
    "a missing file": ({"file": "a.wav", "sha256": "0"}, "there is no such file beside"),
}


@pytest.mark.parametrize("response, message", BROKEN_RESPONSES.values(), ids=BROKEN_RESPONSES)
def test_a_broken_impulse_response_is_refused(response, message, tmp_path):
    with pytest.raises(PresetError, match=message) as refusal:
        Preset.from_json(convolution(response), name="a.json", folder=tmp_path)
    assert str(refusal.value).startswith("a.json: convolution: ")


def test_an_impulse_response_beside_the_preset(tmp_path):
    place = tmp_path / "cabinets" / "one.wav"
    place.parent.mkdir()
    write_audio(place, np.array([[1.0, 0.25]], np.float32), 48_000)
    digest = hashlib.sha256(place.read_bytes()).hexdigest()
    text = convolution({"file": "cabinets/one.wav", "sha256": digest})
    (tmp_path / "a.json").write_text(text)
    preset = Preset.load(tmp_path / "a.json")
    np.testing.assert_array_equal(preset.stage.assets["impulse_response"].samples, [[1.0, 0.25]])
    assert Preset.from_json(preset.to_json()).to_json() == preset.to_json()  # embedded now
    with pytest.raises(PresetError, match="lies in no folder"):
        Preset.from_json(text)
    place.write_bytes(place.read_bytes() + b"x")
    with pytest.raises(PresetError, match="another sha256"):
        Preset.load(tmp_path / "a.json")


def test_a_link_out_of_the_folder_is_refused(tmp_path):
    outside = tmp_path / "outside.wav"
    write_audio(outside, np.array([[1.0, 0.25]], np.float32), 48_000)
    (tmp_path / "presets").mkdir()
    (tmp_path / "presets" / "a.wav").symlink_to(outside)
    text = convolution({"file": "a.wav", "sha256": "0"})
    with pytest.raises(PresetError, match="leaves the preset's folder"):
        Preset.from_json(text, folder=tmp_path / "presets")
