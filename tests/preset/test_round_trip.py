"""What is written is read again, and equal presets are equal bytes."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fxchain.errors import OutputError
from fxchain.preset import Preset, parse_chain
from fxchain.primitives import REGISTRY
from fxchain.stage import Chain, Mix
from tests.preset.documents import DOCUMENT, effect

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
