"""Presets: what is written is read again, and nothing else is."""

import base64
import copy
import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fxchain.audio_output import write_audio
from fxchain.errors import OutputError, PresetError
from fxchain.preset import Preset, load_chain, parse_chain, plugin_name
from fxchain.primitives import REGISTRY, ImpulseResponse
from fxchain.stage import Chain, Effect, Mix

GOLDEN = sorted((Path(__file__).parent / "presets" / "v1").glob("*.json"))
RESPONSE = ImpulseResponse(np.array([[1.0, -0.5, 0.25], [0.5, 0.0, -0.125]], np.float32), 44_100)

GAIN = {"primitive": "gain", "version": 1, "parameters": {"gain_db": 3.0}}
DELAY = {
    "primitive": "delay",
    "version": 1,
    "parameters": {"delay_seconds": 0.25, "feedback": 0.5, "mix": 0.5},
}
DOCUMENT = {
    "format": "fxchain-preset",
    "version": 1,
    "sample_rate": 44_100,
    "stage": {"chain": [GAIN, {"mix": [{"weight": -0.5, "chain": []}, {"weight": 1, **DELAY}]}]},
    "metadata": {"title": "a"},
}


def effect(kind):
    primitive = REGISTRY[kind]
    return Effect(primitive, RESPONSE if primitive.needs_impulse_response else None)


effects = st.sampled_from(sorted(REGISTRY)).map(effect)
stages = st.recursive(
    effects,
    lambda below: st.one_of(
        st.lists(below, max_size=4).map(lambda found: Chain(tuple(found))),
        st.lists(below, min_size=1, max_size=3).map(lambda found: Mix(tuple(found))),
    ),
    max_leaves=8,
)


@st.composite
def presets(draw):
    stage = draw(stages)
    values = [
        draw(st.sampled_from([slot.spec.low, slot.spec.high]) | floats_of(slot.spec))
        for slot in stage.slots()
    ]
    return Preset(stage, np.array(values), draw(st.sampled_from([16_000, 44_100, 192_000])))


def floats_of(spec):
    return st.floats(spec.low, spec.high)


@given(presets())
def test_reading_returns_what_was_written(preset):
    again = Preset.from_json(preset.to_json())
    assert again.to_json() == preset.to_json()
    np.testing.assert_array_equal(again.values, preset.values)
    assert [slot.path for slot in again.stage.slots()] == [s.path for s in preset.stage.slots()]
    assert again.sample_rate == preset.sample_rate


@given(presets())
def test_a_whole_preset_is_a_chain_with_nothing_open(preset):
    stage, values, free = parse_chain(json.loads(preset.to_json()), "a.json")
    assert stage.slots() == preset.stage.slots()
    np.testing.assert_array_equal(values, preset.values)
    assert not free.any()


def test_saving_and_loading(tmp_path):
    preset = Preset.from_json(json.dumps(DOCUMENT))
    preset.save(tmp_path / "a.json")
    assert Preset.load(tmp_path / "a.json").to_json() == preset.to_json()
    with pytest.raises(OutputError, match="exists already"):
        preset.save(tmp_path / "a.json")
    preset.save(tmp_path / "a.json", force=True)
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_equal_presets_are_equal_bytes():
    one = Preset(Chain(), np.empty(0), 44_100, {"b": [1, 2.5], "a": {"d": 1, "c": None}})
    other = Preset(Chain(), np.empty(0), 44_100, {"a": {"c": None, "d": 1}, "b": [1, 2.5]})
    assert one.to_json() == other.to_json()


def test_the_values_cannot_change_afterwards():
    values = np.array([3.0])
    preset = Preset(effect("gain"), values, 44_100)
    values[0] = 5.0
    assert preset.values[0] == 3.0
    with pytest.raises(ValueError, match="read-only"):
        preset.values[0] = 4.0


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_golden_presets_sound_as_they_did(path):
    sound = np.load(path.with_suffix(".npz"))
    preset = Preset.load(path)
    wet = preset.board(preset.sample_rate)(sound["dry"], preset.sample_rate, reset=True)
    error, level = np.square(wet - sound["wet"]).sum(), np.square(sound["wet"]).sum()
    assert error <= 1e-10 * level  # -100 dB


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_golden_presets_are_written_as_they_were(path):
    assert Preset.load(path).to_json() == path.read_text(encoding="utf-8")


def test_golden_presets_hold_every_effect():
    text = "".join(path.read_text(encoding="utf-8") for path in GOLDEN)
    missing = [kind for kind in REGISTRY if f'"primitive": "{kind}"' not in text]
    assert not missing, "add a golden preset with tests/presets/add.py"


def broken(change):
    document = copy.deepcopy(DOCUMENT)
    change(document)
    return json.dumps(document)


def node(document):
    return document["stage"]["chain"][0]


def deep(document):
    stage = {"chain": []}
    for _ in range(40):
        stage = {"chain": [stage]}
    document["stage"] = stage


BROKEN = {
    "not JSON": ('{"format": ', "a.json: not a preset (line 1, column 12: Expecting value)"),
    "not an object": ("[]", 'a.json: not a preset (it has no "format": "fxchain-preset")'),
    "another format": (
        broken(lambda d: d.update(format="x")),
        'a.json: not a preset (it has no "format": "fxchain-preset")',
    ),
    "newer": (
        broken(lambda d: d.update(version=2)),
        "a.json: version 2 is newer than the version 1 known here; update fxchain",
    ),
    "never was": (
        broken(lambda d: d.update(version=0)),
        "a.json: there is no preset version 0",
    ),
    "version of text": (
        broken(lambda d: d.update(version="1")),
        "a.json: version = '1' is not a whole number",
    ),
    "no version": (broken(lambda d: d.pop("version")), "a.json: version is missing"),
    "no stage": (broken(lambda d: d.pop("stage")), "a.json: stage is missing"),
    "unknown field": (
        broken(lambda d: d.update(date="today")),
        "a.json: the field 'date' is unknown",
    ),
    "rate of text": (
        broken(lambda d: d.update(sample_rate="44100")),
        "a.json: sample_rate: input should be a valid integer",
    ),
    "low rate": (
        broken(lambda d: d.update(sample_rate=8_000)),
        "a.json: sample_rate = 8000 is not a whole number from 16000 to 192000 Hz",
    ),
    "out of range": (
        broken(lambda d: node(d)["parameters"].update(gain_db=99)),
        "a.json: chain[0] (gain): gain_db = 99 is outside [-40, 40] dB",
    ),
    "nested out of range": (
        broken(
            lambda d: d["stage"]["chain"][1]["mix"][1].update(
                parameters={"delay_seconds": 0.25, "feedback": 1.5, "mix": 0.5}
            )
        ),
        "a.json: chain[1].mix[1] (delay): feedback = 1.5 is outside [0, 0.95]",
    ),
    "text for a number": (
        broken(lambda d: node(d)["parameters"].update(gain_db="3")),
        "a.json: chain[0] (gain): gain_db = '3' is not a number",
    ),
    "true for a number": (
        broken(lambda d: node(d)["parameters"].update(gain_db=True)),
        "a.json: chain[0] (gain): gain_db = True is not a number",
    ),
    "NaN": (
        broken(lambda d: node(d)["parameters"].update(gain_db=float("nan"))),
        "a.json: the number NaN is not finite",
    ),
    "Infinity": (
        broken(lambda d: d["metadata"].update(loss=float("-inf"))),
        "a.json: the number -Infinity is not finite",
    ),
    "1e999": (
        broken(lambda d: None).replace("3.0", "1e999"),
        "a.json: the number 1e999 is not finite",
    ),
    "huge integer": (
        broken(lambda d: None).replace("3.0", "1" * 5_000),
        "a.json: the number 11111111111111111111… is too large",
    ),
    "missing parameter": (
        broken(lambda d: node(d)["parameters"].clear()),
        "a.json: chain[0] (gain): gain_db is missing",
    ),
    "unknown parameter": (
        broken(lambda d: node(d)["parameters"].update(volume=1)),
        "a.json: chain[0] (gain): the parameter 'volume' is unknown (it has: gain_db)",
    ),
    "unknown effect": (
        broken(lambda d: node(d).update(primitive="flux")),
        f"a.json: chain[0]: unknown effect 'flux' (known: {', '.join(REGISTRY)})",
    ),
    "newer effect": (
        broken(lambda d: node(d).update(version=9)),
        "a.json: chain[0] (gain): version 9 is newer than the version 1 known here; update fxchain",
    ),
    "no effect version": (
        broken(lambda d: node(d).pop("version")),
        "a.json: chain[0] (gain): version is missing",
    ),
    "unknown field of an effect": (
        broken(lambda d: node(d).update(bypass=True)),
        "a.json: chain[0] (gain): the field 'bypass' is unknown",
    ),
    "response for nothing": (
        broken(lambda d: node(d).update(impulse_response={"file": "a.wav"})),
        "a.json: chain[0] (gain): it takes no impulse_response",
    ),
    "two forms": (
        broken(lambda d: node(d).update(chain=[])),
        "a.json: chain[0]: a stage is one of 'primitive', 'chain' and 'mix'",
    ),
    "a stage of text": (
        broken(lambda d: d["stage"].update(chain=["gain"])),
        "a.json: chain[0]: a stage is one of 'primitive', 'chain' and 'mix'",
    ),
    "a chain of text": (
        broken(lambda d: d["stage"].update(chain="gain")),
        "a.json: stage: chain: input should be a valid list",
    ),
    "an empty mix": (
        broken(lambda d: d["stage"].update(chain=[{"mix": []}])),
        "a.json: chain[0]: a mix needs at least one branch",
    ),
    "no weight": (
        broken(lambda d: d["stage"].update(chain=[{"mix": [{"chain": []}]}])),
        "a.json: chain[0].mix[0] (mix): weight is missing",
    ),
    "a large weight": (
        broken(lambda d: d["stage"].update(chain=[{"mix": [{"weight": 80, "chain": []}]}])),
        "a.json: chain[0].mix[0] (mix): weight = 80 is outside [-8, 8]",
    ),
    "a weight outside a mix": (
        broken(lambda d: d["stage"].update(weight=1)),
        "a.json: stage: the field 'weight' is unknown",
    ),
    "too deep": (broken(deep), "a.json: stages are nested more than 32 deep"),
    "far too deep": ("[" * 200_000, "a.json: nested too deeply"),
    "too many": (
        broken(lambda d: d.update(stage={"chain": [GAIN] * 1_001})),
        "a.json: more than 1000 stages",
    ),
    "a doubled key": (
        broken(lambda d: None).replace('"gain_db"', '"gain_db": 1.0, "gain_db"'),
        "a.json: 'gain_db' stands twice in one place; remove one",
    ),
    "no impulse response": (
        broken(lambda d: node(d).update(primitive="convolution", parameters={"mix": 1.0})),
        "a.json: chain[0] (convolution): impulse_response is missing",
    ),
}


@pytest.mark.parametrize("text, message", BROKEN.values(), ids=BROKEN)
def test_a_broken_preset_is_refused_with_one_line(text, message):
    with pytest.raises(PresetError) as refusal:
        Preset.from_json(text, name="a.json")
    assert str(refusal.value) == message


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda below: (
            st.lists(below, max_size=3)
            | st.dictionaries(
                st.sampled_from(["primitive", "chain", "mix", "weight", "version", "parameters"])
                | st.text(),
                below,
                max_size=4,
            )
        ),
        max_leaves=10,
    )
)
def test_no_junk_gets_past_a_clear_refusal(junk):
    try:
        Preset.from_json(json.dumps({**DOCUMENT, "stage": junk}), name="a.json")
    except PresetError as error:
        assert "\n" not in str(error)


def test_files_that_are_no_presets(tmp_path):
    with pytest.raises(PresetError, match="no such file"):
        Preset.load(tmp_path / "nothing.json")
    with pytest.raises(PresetError, match="not a file"):
        Preset.load(tmp_path)
    (tmp_path / "a.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PresetError, match="not UTF-8"):
        Preset.load(tmp_path / "a.json")


def convolution(response):
    stage = {
        "primitive": "convolution",
        "version": 1,
        "parameters": {"mix": 0.5},
        "impulse_response": response,
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
    np.testing.assert_array_equal(preset.stage.impulse_response.samples, [[1.0, 0.5]])
    assert preset.stage.impulse_response.sample_rate == 16_000


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
    np.testing.assert_array_equal(preset.stage.impulse_response.samples, [[1.0, 0.25]])
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


def test_presets_made_in_python_are_checked():
    with pytest.raises(PresetError, match="1 values are needed"):
        Preset(effect("gain"), np.empty(0), 44_100)
    with pytest.raises(PresetError, match=r"chain\[0\] \(gain\): gain_db = nan is not finite"):
        Preset(Chain((effect("gain"),)), np.array([np.nan]), 44_100)
    with pytest.raises(PresetError, match="metadata is not JSON"):
        Preset(Chain(), np.empty(0), 44_100, {"loss": float("nan")})
    with pytest.raises(PresetError, match="impulse_response is missing"):
        Preset(Effect(REGISTRY["convolution"]), np.array([0.5]), 44_100)


def test_an_open_chain_says_what_is_free(tmp_path):
    (tmp_path / "chain.json").write_text(
        json.dumps(
            {
                "chain": [
                    {"primitive": "gain"},
                    {
                        "mix": [
                            {"chain": []},
                            {"weight": 0.5, "primitive": "delay", "parameters": {"feedback": 0.0}},
                        ]
                    },
                ]
            }
        )
    )
    stage, values, free = load_chain(tmp_path / "chain.json")
    named = [slot.spec.name for slot in stage.slots()]
    assert named == ["gain_db", "weight", "weight", "delay_seconds", "feedback", "mix"]
    assert free.tolist() == [True, True, False, True, False, True]
    np.testing.assert_array_equal(values, [0.0, 1.0, 0.5, 0.3, 0.0, 0.3])


def test_frequencies_that_are_held_are_told():
    preset = Preset(Chain((effect("lowpass_filter"),)), np.array([12_000.0]), 44_100)
    assert preset.held(44_100) == []
    assert preset.held(16_000) == [
        "chain[0] (lowpass_filter): cutoff_frequency_hz = 12000 Hz is held at 7200 Hz, "
        "0.45 of the sample rate"
    ]


def test_stages_without_a_plugin_are_told():
    stage = Chain((effect("gain"), Mix((effect("waveshaper"),))))
    preset = Preset(stage, np.array([0.0, 1.0, 6.0, 0.0]), 44_100)
    assert preset.without_twin() == ["chain[1].mix[0] (waveshaper)"]


def test_plugins_are_called_by_their_names():
    assert plugin_name(REGISTRY["highpass_filter"]) == "HighpassFilter"
    assert plugin_name(REGISTRY["convolution"]) == "Convolution"
    assert plugin_name(REGISTRY["waveshaper"]) is None
