"""What version 2 of the preset format brought: ids, assets by name, and a place for macros."""

import json
from copy import deepcopy

import numpy as np
import pytest

from fxchain.errors import PresetError
from fxchain.preset import Preset, parse_chain
from fxchain.preset.assets import encode
from fxchain.primitives import REGISTRY
from fxchain.stage import Chain, Effect, Mix, ids_by_path, with_ids
from tests.preset.documents import DELAY, DOCUMENT, GAIN, RESPONSE

CABINET = {
    "primitive": "convolution",
    "version": 1,
    "parameters": {"mix": 1.0},
    "assets": {"impulse_response": encode(RESPONSE)},
}


def document(stage, **changed):
    return json.dumps({**deepcopy(DOCUMENT), "stage": stage, **changed})


def ids_of(preset):
    return ids_by_path(preset.stage)


def test_stages_without_an_id_get_one_in_signal_order():
    stage = {"chain": [GAIN, {"mix": [{"weight": 1.0, "chain": [DELAY]}]}]}
    assert ids_of(Preset.from_json(document(stage))) == {
        "": "s1",
        "chain[0]": "s2",
        "chain[1]": "s3",
        "chain[1].mix[0]": "s4",
        "chain[1].mix[0].chain[0]": "s5",
    }


def test_ids_stay_and_new_ones_do_not_take_their_place():
    stage = {"chain": [{"id": "s7", **GAIN}, {"id": "echo", **DELAY}, GAIN]}
    preset = Preset.from_json(document(stage))
    assert list(ids_of(preset).values()) == ["s8", "s7", "echo", "s9"]
    assert ids_of(Preset.from_json(preset.to_json())) == ids_of(preset)
    assert [slot.stage_id for slot in preset.stage.slots()] == ["s7", *["echo"] * 3, "s9"]


def test_a_stage_that_stands_twice_keeps_its_id_once():
    gain = Effect(REGISTRY["gain"], id="g")
    stage = with_ids(Chain((gain, Mix((gain,), id="m"), gain), id="c"))
    assert list(ids_by_path(stage).values()) == ["c", "g", "m", "s1", "s2"]
    assert with_ids(stage) is stage


def test_ids_do_not_tell_stages_apart():
    assert Chain((), id="a") == Chain((), id="b")


@pytest.mark.parametrize("name", ["", "a b", "x" * 65, 7, "é"])
def test_an_id_is_a_short_word(name):
    with pytest.raises(PresetError, match=r"chain\[0\] \(gain\): id"):
        Preset.from_json(document({"chain": [{"id": name, **GAIN}]}))


def test_an_id_that_stands_twice_is_refused():
    stage = {"chain": [{"id": "a", **GAIN}, {"id": "a", **DELAY}]}
    with pytest.raises(PresetError, match=r"chain\[1\] \(delay\): the id 'a' stands twice"):
        Preset.from_json(document(stage))


def test_assets_are_read_and_written_by_name():
    preset = Preset.from_json(document(CABINET))
    np.testing.assert_array_equal(preset.stage.assets["impulse_response"].samples, RESPONSE.samples)
    assert json.loads(preset.to_json())["stage"]["assets"] == CABINET["assets"]


def test_an_asset_of_another_name_is_refused():
    assets = {**CABINET["assets"], "wavetable": CABINET["assets"]["impulse_response"]}
    with pytest.raises(PresetError, match="it takes no wavetable"):
        Preset.from_json(document({**CABINET, "assets": assets}))


def test_the_impulse_response_of_version_1_is_an_asset():
    old = {key: value for key, value in CABINET.items() if key != "assets"}
    old["impulse_response"] = CABINET["assets"]["impulse_response"]
    stage = {"chain": [{"mix": [{"weight": 1.0, **old}]}]}
    migrated = Preset.from_json(document(stage, version=1))
    current = {"chain": [{"mix": [{"weight": 1.0, **CABINET}]}]}
    assert migrated.to_json() == Preset.from_json(document(current)).to_json()
    with pytest.raises(PresetError, match="the field 'impulse_response' is unknown"):
        Preset.from_json(document(stage))


def test_a_chain_may_name_its_impulse_response_either_way():
    old = {"primitive": "convolution", "impulse_response": encode(RESPONSE)}
    new = {"primitive": "convolution", "assets": {"impulse_response": encode(RESPONSE)}}
    for node in (old, new):
        stage, _, free = parse_chain({"chain": [node]}, "a.json")
        assert stage.stages[0].assets.keys() == {"impulse_response"}
        assert free.all()
