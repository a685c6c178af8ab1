"""The source of the player is assembled of what the primitives state."""

import re
from dataclasses import replace

import numpy as np
import pytest

from fxchain.errors import ExportError
from fxchain.native import effects_source, preset_data
from fxchain.native.plugins import plugin_sources
from fxchain.primitives import REGISTRY
from fxchain.stage import Chain, Effect


def test_an_effect_without_code_is_left_out():
    source = effects_source([REGISTRY["gain"], REGISTRY["pitch_shift"]])
    assert '{"gain", {{"gain_db", "dB", -40.0, 40.0, 0.0, false, false}}, make<Gain>}' in source
    assert "pitch" not in source


def test_every_effect_with_code_is_in_it():
    source = effects_source(REGISTRY.values())
    for kind, primitive in REGISTRY.items():
        assert (f'{{"{kind}", ' in source) == (primitive.realtime is not None)


def test_an_effect_that_cannot_be_played_live_is_named_with_the_reason():
    stage = Chain((Effect(REGISTRY["gain"]), Effect(REGISTRY["pitch_shift"])))
    with pytest.raises(ExportError, match=r"chain\[1\] \(pitch_shift\) cannot be played live: it "):
        preset_data(stage, np.array([0.0, 3.0]), None, 44_100)


def test_data_are_the_same_for_the_same_preset():
    effect = Effect(replace(REGISTRY["gain"]))
    first, second = (preset_data(effect, np.array([g]), None, 44_100) for g in (3.0, 3.0))
    assert first == second != preset_data(effect, np.array([4.0]), None, 44_100)


def test_no_function_of_the_c_library_is_called_that_rounds_otherwise_elsewhere():
    """Roots, absolute values and roundings are exact everywhere; the others are the player's."""
    exact = {"sqrt", "fabs", "abs", "floor", "fmod", "nearbyint", "lround"}
    mathematics = re.compile(
        r"a?(sin|cos|tan)h?f?|exp[2m]?1?f?|log1?[02p]*f?|pow|cbrt|hypot|erf|fma"
    )
    for name, text in plugin_sources().items():
        called = set(re.findall(r"std::(\w+)\(", text)) - exact
        assert not {each for each in called if mathematics.fullmatch(each)}, name
        assert not re.search(r"\b(sin|cos|tan|tanh|exp|log|log10|pow)f\(", text), name
