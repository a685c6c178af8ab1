"""Presets and open chains made in Python, and what they tell about their stages."""

import json
from dataclasses import replace

import numpy as np
import pytest

from fxchain.data.presets import noise_assets
from fxchain.errors import PresetError
from fxchain.preset import Preset, load_chain
from fxchain.primitives import REGISTRY
from fxchain.primitives.plugin_name import plugin_name
from fxchain.stage import Chain, Effect, Mix
from tests.preset.documents import effect


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
    assert preset.clamped(44_100) == []
    assert preset.clamped(16_000) == [
        "chain[0] (lowpass_filter): set above 7200 Hz, the highest frequency that is played at a "
        "sample rate of 16000 Hz, and played there"
    ]


@pytest.mark.parametrize("count", [2, 3, 4, 9])
def test_several_frequencies_that_are_held_are_told_in_one_sentence(count):
    preset = Preset(Chain((effect("lowpass_filter"),) * count), np.full(count, 12_000.0), 44_100)
    (told,) = preset.clamped(16_000)
    assert told.startswith("chain[0] (lowpass_filter), chain[1] (lowpass_filter)")
    assert (f" and {count - 3} more: set" in told) == (count > 3)


def test_stages_without_a_plugin_are_told():
    stage = Chain((effect("gain"), Mix((effect("waveshaper"),))))
    preset = Preset(stage, np.array([0.0, 1.0, 6.0, 0.0]), 44_100)
    assert preset.without_twin() == ["chain[1].mix[0] (waveshaper)"]


def test_plugins_are_called_by_their_names():
    assert plugin_name(REGISTRY["highpass_filter"]) == "HighpassFilter"
    assert plugin_name(REGISTRY["convolution"]) == "Convolution"
    assert plugin_name(REGISTRY["waveshaper"]) is None


@pytest.mark.parametrize("kind", [kind for kind, known in REGISTRY.items() if known.plugin])
def test_a_primitive_names_the_plugin_that_it_makes(kind):
    # Stated, so that effects can be listed without loading pedalboard.
    twin = REGISTRY[kind].twin
    assert twin and twin == plugin_name(replace(REGISTRY[kind], twin=None))


def test_controls_that_came_later_stand_at_their_defaults():
    """A preset from before an effect had them sounds as it did; others may not be missing."""
    primitive = REGISTRY["modulated_delay"]
    stage = Effect(primitive, noise_assets(primitive, np.random.default_rng(0)))
    given = {spec.name: spec.default for spec in primitive.parameters}
    values = np.array(list((given | {"rate_hz": 2.0, "mix": 0.7}).values()))
    document = json.loads(Preset(stage, values, 44_100).to_json())
    for name in primitive.added:
        del document["stage"]["parameters"][name]
    read = Preset.from_json(json.dumps(document))
    np.testing.assert_array_equal(read.values, values)
    del document["stage"]["parameters"]["mix"]
    with pytest.raises(PresetError, match="mix is missing"):
        Preset.from_json(json.dumps(document))
