"""Broken presets are refused with one line that says where."""

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fxchain.errors import PresetError
from fxchain.preset import Preset
from tests.preset.documents import DOCUMENT, GAIN


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
        broken(lambda d: d.update(version=3)),
        "a.json: version 3 is newer than the version 2 known here; update fxchain",
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
    "recordings of what does not move": (
        broken(lambda d: node(d).update(recordings=[{"gain_db": 1.0}])),
        "a.json: chain[0] (gain): recordings: 'gain_db' belongs to no recording",
    ),
    "recordings of what a recording does not change": (
        broken(lambda d: node(d).update(primitive="tremolo", recordings=[{"depth": 0.1}])),
        "a.json: chain[0] (tremolo): recordings: 'depth' belongs to no recording",
    ),
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
        "a.json: chain[0]: unknown effect 'flux' (fxchain primitives lists them)",
    ),
    "misspelt effect": (
        broken(lambda d: node(d).update(primitive="distorsion")),
        "a.json: chain[0]: unknown effect 'distorsion'; did you mean 'distortion'? (fxchain "
        "primitives lists them)",
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
        broken(lambda d: node(d).update(assets={"impulse_response": {"file": "a.wav"}})),
        "a.json: chain[0] (gain): it takes no impulse_response",
    ),
    "two forms": (
        broken(lambda d: node(d).update(chain=[])),
        "a.json: chain[0]: a stage is one of 'primitive', 'plugin', 'chain', 'mix' and 'channels'",
    ),
    "a stage of text": (
        broken(lambda d: d["stage"].update(chain=["gain"])),
        "a.json: chain[0]: a stage is one of 'primitive', 'plugin', 'chain', 'mix' and 'channels'",
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
