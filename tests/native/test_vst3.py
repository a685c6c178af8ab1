"""A VST3 in pedalboard plays what the board plays."""

import numpy as np
import pedalboard
import pytest

from fxchain.data.presets import decaying_noise, hidden_chain
from fxchain.data.signals import white_noise
from fxchain.metrics.scores import null_depth_db
from fxchain.preset import Preset, parse_chain
from fxchain.primitives import REGISTRY
from fxchain.stage import Effect
from tests.native.equal import assert_equal_samples
from tests.native.exported_plugin import export_plugin, turned_value

RATE = 44_100
MOVING = {
    "chain": [
        {"primitive": "peak_filter", "parameters": {"gain_db": 6.0}},
        {"primitive": "ladder_filter", "parameters": {"mode": 2}},
        {
            "mix": [
                {"weight": 0.5, "chain": []},
                {"weight": -0.5, "chain": [{"primitive": "delay"}]},
            ]
        },
        {"primitive": "chorus"},
        {"primitive": "reverb"},
    ]
}


def moving():
    stage, values, _ = parse_chain(MOVING, "moving.json")
    return Preset(stage, values, RATE)


def hidden(seed):
    return Preset(*hidden_chain(np.random.default_rng(seed), RATE), RATE)


def with_response():
    response = decaying_noise(np.random.default_rng(1), 2, 9_000)
    effect = Effect(REGISTRY["convolution"], {"impulse_response": response})
    return Preset(effect, np.array([0.8]), RATE)


PRESETS = {
    "moving": moving,
    "hidden 1": lambda: hidden(1),
    "hidden 2": lambda: hidden(2),
    "response": with_response,
}


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("name", PRESETS)
def test_it_plays_what_the_board_plays(tmp_path, name, channels):
    preset = PRESETS[name]()
    path = export_plugin(preset, tmp_path / "Own.vst3", "--channels", str(channels))
    plugin = pedalboard.load_plugin(str(path))
    assert plugin.name == "Own" and plugin.manufacturer_name == "fxchain"
    audio = 0.3 * white_noise(0.4, RATE, seed=3, channels=channels)
    wanted = preset.board(RATE)(audio, RATE, reset=True)
    for block in (333, 1, 8_192):
        made = plugin(audio, RATE, buffer_size=block, reset=True)
        if name == "response":
            assert null_depth_db(made, wanted) <= -125.0
        else:
            assert_equal_samples(made, wanted)


def test_knobs_have_names_units_and_ranges(tmp_path):
    plugin = pedalboard.load_plugin(str(export_plugin(moving(), tmp_path / "Own.vst3")))
    shown = {each.name: each for each in plugin.parameters.values()}
    cutoff = shown["1 Peak filter: Cutoff frequency"]
    assert cutoff.label == "Hz" and cutoff.string_value == "1000 Hz"
    assert (cutoff.min_value, cutoff.max_value) == (20.0, 20_000.0)
    assert shown["3 Delay: Feedback"].string_value == "0.300"
    assert shown["2 Ladder filter: Mode"].string_value == "BPF12"
    assert plugin.parameters["3_delay_time_s"].string_value == "0.300 s"


def test_turned_knobs_play_as_the_board_with_these_values(tmp_path):
    preset = moving()
    plugin = pedalboard.load_plugin(str(export_plugin(preset, tmp_path / "Own.vst3")))
    slots = [slot for slot in preset.stage.slots()]
    values = preset.values.copy()
    turned = {"cutoff_frequency_hz": 0.3, "feedback": 0.7, "delay_seconds": 0.4, "room_size": 0.9}
    parameters = list(plugin.parameters.values())[1:]
    knobs = [(place, slot) for place, slot in enumerate(slots) if slot.spec.name != "weight"]
    for parameter, (place, slot) in zip(parameters, knobs, strict=True):
        if slot.spec.name in turned and slot.kind != "chorus":
            parameter.raw_value = turned[slot.spec.name]
            values[place] = turned_value(slot.spec, turned[slot.spec.name])
    audio = 0.3 * white_noise(0.4, RATE, channels=2)
    wanted = Preset(preset.stage, values, RATE).board(RATE)(audio, RATE, reset=True)
    made = plugin(audio, RATE, reset=True)
    assert_equal_samples(made, wanted)
    assert null_depth_db(made, preset.board(RATE)(audio, RATE, reset=True)) > -20.0


def test_a_state_is_restored_exactly(tmp_path):
    path = str(export_plugin(moving(), tmp_path / "Own.vst3"))
    plugin = pedalboard.load_plugin(path)
    for place, parameter in enumerate(list(plugin.parameters.values())[1:]):
        parameter.raw_value = 0.1 + 0.037 * place
    audio = 0.3 * white_noise(0.3, RATE, channels=2)
    wanted = plugin(audio, RATE, reset=True)
    other = pedalboard.load_plugin(path)
    assert np.abs(other(audio, RATE, reset=True) - wanted).max() > 0.01
    other.raw_state = plugin.raw_state
    np.testing.assert_array_equal(other(audio, RATE, reset=True), wanted)
