"""Hostile presets get one line from every command that reads one."""

import base64
import copy
import hashlib
import json
import os

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from fxchain.errors import FxchainError
from fxchain.preset import Preset
from tests.hostile.commands import run
from tests.hostile.corpus import RATE, strings, written

FRAMES = np.array([1.0, 0.5], "<f4").tobytes()
EMBEDDED = {
    "data": base64.b64encode(FRAMES).decode(),
    "channels": 1,
    "sample_rate": 44_100,
    "sha256": hashlib.sha256(FRAMES).hexdigest(),
}


def gain(**changes):
    return {"primitive": "gain", "version": 1, "parameters": {"gain_db": -6.0}, **changes}


def convolution(**changes):
    node = {"primitive": "convolution", "version": 1, "parameters": {"mix": 1.0}}
    return {**node, "impulse_response": {**EMBEDDED, **changes}}


def beside(file, **changes):
    return {**convolution(), "impulse_response": {"file": file, "sha256": "0" * 64, **changes}}


def preset(stage, **changes):
    whole = {"format": "fxchain-preset", "version": 1, "sample_rate": 44_100, "stage": stage}
    return {**whole, **changes}


def cell(channels, count):
    """Return a preset with a recurrent cell of so many numbers."""
    frames = np.full(channels * count, 0.1, "<f4").tobytes()
    weights = {
        "data": base64.b64encode(frames).decode(),
        "channels": channels,
        "sample_rate": 44_100,
        "sha256": hashlib.sha256(frames).hexdigest(),
    }
    node = {"primitive": "recurrent_cell", "version": 1, "parameters": {"mix": 1.0}}
    stage = {**node, "assets": {"weights": weights}}
    return preset(stage, version=2, macros=[], metadata={})


def nested(depth):
    stage = gain()
    for _ in range(depth):
        stage = {"chain": [stage]}
    return stage


#: What stands in the file, and what is said.
HOSTILE = {
    "empty": ("", "not a preset (line 1"),
    "null": ("null", "not a preset"),
    "a list": ("[]", "not a preset"),
    "text": ('"fxchain-preset"', "not a preset"),
    "half": (json.dumps(preset(gain()))[:60], "not a preset (line 1"),
    "two": (json.dumps(preset(gain())) * 2, "not a preset (line 1"),
    "python": ("__import__('os').system('touch hacked')", "not a preset (line 1"),
    "yaml": ("!!python/object/apply:os.system ['touch hacked']", "not a preset (line 1"),
    "pickle": ("cos\nsystem\n(S'touch hacked'\ntR.", "not a preset (line 1"),
    "deep json": ("[" * 100_000, "nested too deeply"),
    "deep objects": ('{"a":' * 100_000, "nested too deeply"),
    "deep stages": (preset(nested(40)), "nested more than 32 deep"),
    "deeper stages": (json.dumps(preset(nested(300))), "nested more than 32 deep"),
    "many stages": (preset({"chain": [gain()] * 1_001}), "more than 1000 stages"),
    "nan": (json.dumps(preset(gain())).replace("-6.0", "NaN"), "the number NaN is not finite"),
    "infinity": (json.dumps(preset(gain())).replace("-6.0", "-Infinity"), "is not finite"),
    "1e999": (json.dumps(preset(gain())).replace("-6.0", "1e999"), "1e999 is not finite"),
    "1e308": (preset(gain(parameters={"gain_db": 1e308})), "gain_db = 1e+308 is outside"),
    "long number": (json.dumps(preset(gain())).replace("-6.0", "9" * 5_000), "… is too large"),
    "doubled": ('{"format": 1, "format": 2}', "'format' stands twice"),
    "no format": ({"version": 1}, "not a preset"),
    "another format": (preset(gain(), format="vst"), "not a preset"),
    "newer": (preset(gain(), version=3), "version 3 is newer"),
    "version 0": (preset(gain(), version=0), "there is no preset version 0"),
    "version text": (preset(gain(), version="1"), "version = '1' is not a whole number"),
    "version true": (preset(gain(), version=True), "is not a whole number"),
    "unknown field": (preset(gain(), plugin="evil.vst3"), "the field 'plugin' is unknown"),
    "rate 0": (preset(gain(), sample_rate=0), "sample_rate = 0 is not a whole number from"),
    "rate text": (preset(gain(), sample_rate="44100"), "sample_rate: "),
    "rate float": (preset(gain(), sample_rate=44_100.5), "sample_rate: "),
    "metadata list": (preset(gain(), metadata=[]), "metadata: "),
    "no stage": ({"format": "fxchain-preset", "version": 1, "sample_rate": 44_100}, "stage is"),
    "stage list": (preset([]), "stage: "),
    "stage empty": (preset({}), "a stage is one of"),
    "two forms": (preset({"chain": [], "mix": []}), "a stage is one of"),
    "chain of text": (preset({"chain": "gain"}), "chain: "),
    "chain of numbers": (preset({"chain": [1, 2]}), "chain[0]: a stage is one of"),
    "chain more": (preset({"chain": [], "x": 1}), "the field 'x' is unknown"),
    "empty mix": (preset({"mix": []}), "a mix needs at least one branch"),
    "mix of numbers": (preset({"mix": [1]}), "mix.0: "),
    "no weight": (preset({"mix": [gain()]}), "weight is missing"),
    "weight nan": (preset({"mix": [{"weight": "nan", **gain()}]}), "weight"),
    "weight 1e308": (preset({"mix": [{"weight": 1e308, **gain()}]}), "weight = 1e+308 is outside"),
    "unknown effect": (preset(gain(primitive="os.system")), "unknown effect 'os.system'"),
    "effect number": (preset(gain(primitive=1)), "primitive: "),
    "effect path": (preset(gain(primitive="../../gain")), "unknown effect '../../gain'"),
    "effect long": (preset(gain(primitive="x" * 9_999)), "unknown effect 'xxx"),
    "effect newer": (preset(gain(version=9)), "version 9 is newer"),
    "effect no version": (preset({"primitive": "gain", "parameters": {}}), "version is missing"),
    "effect field": (preset(gain(path="/etc/passwd")), "the field 'path' is unknown"),
    "no parameters": (preset({"primitive": "gain", "version": 1}), "parameters is missing"),
    "parameter missing": (preset(gain(parameters={})), "gain_db is missing"),
    "parameter more": (preset(gain(parameters={"gain_db": 0, "x": 1})), "parameter 'x' is unknown"),
    "parameter text": (preset(gain(parameters={"gain_db": "loud"})), "gain_db"),
    "parameter null": (preset(gain(parameters={"gain_db": None})), "gain_db"),
    "parameter true": (preset(gain(parameters={"gain_db": True})), "gain_db"),
    "parameter list": (preset(gain(parameters={"gain_db": [1]})), "gain_db"),
    "parameter out": (preset(gain(parameters={"gain_db": 99})), "gain_db = 99 is outside"),
    "ir for a gain": (preset(gain(impulse_response=EMBEDDED)), "it takes no impulse_response"),
    "ir missing": (
        preset({**convolution(), "impulse_response": None}),
        "impulse_response is missing",
    ),
    "weights of no cell": (cell(1, 13), "weights: no recurrent cell has 13 numbers"),
    "weights of a stereo cell": (cell(2, 12), "weights: a cell has one channel"),
    "weights of a huge cell": (cell(1, 13196), "and at most 64 units, these have 1 and 65"),
    "ir both": (preset(convolution(file="ir.wav")), "needs either 'data' or 'file'"),
    "ir neither": (preset(convolution(data=None)), "needs either 'data' or 'file'"),
    "ir no hash": (preset(convolution(sha256=None)), "sha256 is missing"),
    "ir another hash": (preset(convolution(sha256="0" * 64)), "has another sha256"),
    "ir no base64": (preset(convolution(data="§§§")), "data is not base64"),
    "ir odd": (preset(convolution(data="AAAAAA==")), "impulse_response"),
    "ir channels": (preset(convolution(channels=0)), "is not float32 in 0 channels"),
    "ir many channels": (preset(convolution(channels=10**6)), "is not float32 in 1000000"),
    "ir rate": (preset(convolution(sample_rate=1)), "sample rate 1 Hz"),
    "ir field": (preset(convolution(url="http://x")), "impulse_response.url"),
    "ir gone": (preset(beside("gone.wav")), "there is no such file beside the preset"),
    "ir above": (preset(beside("../good.wav")), "leaves the preset's folder"),
    "ir far above": (preset(beside("a/../../../etc/passwd")), "leaves the preset's folder"),
    "ir absolute": (preset(beside("/etc/passwd")), "leaves the preset's folder"),
    "ir drive": (preset(beside("C:\\secret.wav")), "leaves the preset's folder"),
    "ir share": (preset(beside("\\\\server\\secret.wav")), "leaves the preset's folder"),
    "ir null byte": (preset(beside("a\0.wav")), "leaves the preset's folder"),
    "ir link out": (preset(beside("link.wav")), "leaves the preset's folder"),
    "ir circle": (preset(beside("circle.wav")), "impulse_response.file = 'circle.wav'"),
    "ir folder": (preset(beside("folder")), "there is no such file beside the preset"),
    "ir long name": (preset(beside("x" * 5_000)), "impulse_response.file = 'xxx"),
    "ir other file": (preset(beside("ir.wav")), "has another sha256 than the preset says"),
    "ir huge": (preset(beside("long.wav")), "impulse_response lasts 61 s; at most 60 s"),
    "ir text": (preset(beside("text.wav")), "this is not an audio file"),
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return the current folder: a preset's, in one that holds what must not be read."""
    inside = tmp_path / "inside"
    (inside / "folder").mkdir(parents=True)
    written(strings())(tmp_path / "good.wav")
    written(strings())(inside / "in.wav")
    written(strings(0.1))(inside / "ir.wav")
    soundfile.write(inside / "long.wav", np.full(61 * RATE, 0.1), RATE, "PCM_16")
    (inside / "text.wav").write_text("this is text")
    (inside / "link.wav").symlink_to(tmp_path / "good.wav")
    (inside / "circle.wav").symlink_to("circle.wav")
    monkeypatch.chdir(inside)
    return inside


def write(content):
    """Write a hostile preset; the hash of a file beside it is right where the file is the point."""
    if isinstance(content, dict):
        content = copy.deepcopy(content)
        response = content.get("stage", {})
        response = response.get("impulse_response") if isinstance(response, dict) else None
        for name in ("long.wav", "text.wav"):
            if isinstance(response, dict) and response.get("file") == name:
                with open(name, "rb") as file:
                    response["sha256"] = hashlib.sha256(file.read()).hexdigest()
        content = json.dumps(content)
    with open("b.json", "w", encoding="utf-8") as file:
        file.write(content)


COMMANDS = {
    "render": ["render", "b.json", "in.wav", "out.wav"],
    "show": ["show", "b.json"],
    "export": ["export", "b.json", "--out", "board.py"],
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_preset_is_one_line(folder, name):
    content, reason = HOSTILE[name]
    write(content)
    before = sorted(os.listdir())
    for command in COMMANDS.values():
        result = run(*command)
        assert result.exit_code == 2, result.output
        assert isinstance(result.exception, SystemExit) and result.stdout == ""
        lines = result.stderr.splitlines()
        assert len(lines) == 1 and lines[0].startswith("error: b.json: ")
        assert reason in lines[0] and len(lines[0]) < 500
    assert sorted(os.listdir()) == before


@pytest.mark.parametrize("option", ["--start", "--chain"])
@pytest.mark.parametrize("name", ["empty", "deep json", "nan", "unknown effect", "ir above"])
def test_a_match_refuses_it_too(folder, name, option):
    content, reason = HOSTILE[name]
    write(content)
    result = run("match", "in.wav", "in.wav", "--out", "out", option, "b.json")
    assert result.exit_code == 2 and len(result.stderr.splitlines()) == 1
    assert reason in result.stderr and not os.path.exists("out")


def test_a_preset_that_is_no_file(folder):
    os.mkfifo("pipe.json")
    open("long.json", "w").close()
    os.truncate("long.json", 65 * 2**20)
    for name, reason in {
        "pipe.json": "this is not a file",
        "folder": "this is not a file",
        "gone.json": "there is no such file",
        "long.json": "larger than 64 MiB",
        "in.wav": "not a preset (the file is not UTF-8 text)",
        "circle.wav": "c",
    }.items():
        result = run("show", name)
        assert result.exit_code == 2 and len(result.stderr.splitlines()) == 1
        assert f"error: {name}: " in result.stderr and reason in result.stderr


VALID = preset({"chain": [gain(), {"mix": [{"weight": 0.5, **gain()}]}, convolution()]})
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=6,
)


def places(node, path=()):
    """Yield the path of everything in a document."""
    yield path
    if isinstance(node, dict | list):
        for key, below in node.items() if isinstance(node, dict) else enumerate(node):
            yield from places(below, (*path, key))


@given(path=st.sampled_from(list(places(VALID))[1:]), value=ANYTHING, key=st.text(max_size=5))
def test_anything_anywhere_is_refused_in_one_line_or_read(path, value, key):
    document = copy.deepcopy(VALID)
    node = document
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    try:
        text = json.dumps(document, allow_nan=False)
    except ValueError:
        return
    try:
        loaded = Preset.from_json(text, "b.json")
    except FxchainError as error:
        assert str(error).startswith("b.json: ") and "\n" not in str(error)
        assert len(str(error)) < 500
        return
    assert Preset.from_json(loaded.to_json()).to_json() == loaded.to_json()
    assert np.isfinite(loaded.values).all()
