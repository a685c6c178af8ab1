"""Values of knobs and positions of plug-ins; which plug-in is meant."""

import json

import pytest

from fxchain.hosting.description import PluginDescription, PluginKnob, split_name

FREQUENCY = PluginKnob("f_hz", "F", "Hz", 20.0, 14_000.0, 500.0, "linear")
RATIOS = PluginKnob("t_ms", "T", "ms", 1.0, 1_000.0, 10.0, "log")
CHOICE = PluginKnob("mode", "Mode", "", 0.0, 2.0, 1.0, "linear", ("a", "b", "c"))


@pytest.mark.parametrize("knob", [FREQUENCY, RATIOS, CHOICE])
@pytest.mark.parametrize("position", [0.0, 0.3, 1.0])
def test_a_value_stands_at_its_position(knob, position):
    assert knob.position(knob.value(position)) == pytest.approx(position)


def test_the_curve_says_where_a_value_stands():
    assert FREQUENCY.value(0.5) == pytest.approx(7_010.0)
    assert RATIOS.value(0.5) == pytest.approx(1_000.0**0.5)


def test_wide_ranges_above_zero_are_searched_by_ratios():
    assert FREQUENCY.logarithmic and RATIOS.logarithmic
    assert not CHOICE.logarithmic
    assert not PluginKnob("gain_db", "", "dB", -12.0, 12.0, 0.0, "linear").logarithmic


def test_a_description_is_read_as_it_was_written():
    known = PluginDescription(
        "/a.vst3", "A", "1", "B", "Fx", "0" * 64, "", (FREQUENCY, CHOICE), latency_samples=3
    )
    assert PluginDescription.from_node(json.loads(json.dumps(known.node()))) == known


@pytest.mark.parametrize(
    ("given", "file", "name"),
    [
        ("/a/b.vst3", "/a/b.vst3", ""),
        ("/a/b.vst3:Eq", "/a/b.vst3", "Eq"),
        ("C:\\a\\b.vst3", "C:\\a\\b.vst3", ""),
        ("C:\\b.vst3:Eq", "C:\\b.vst3", "Eq"),
    ],
)
def test_a_plug_in_is_named_by_its_file_and_its_name(given, file, name):
    assert split_name(given) == (file, name)
