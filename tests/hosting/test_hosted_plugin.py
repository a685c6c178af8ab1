"""Plug-ins of another maker: what is known of them, and what becomes of those that fail."""

import os
import signal

import numpy as np
import pytest

from fxchain.data.signals import white_noise
from fxchain.errors import PluginError
from fxchain.hosting import hosted_plugin, plugin_process
from fxchain.hosting.hosted_plugin import HostedPlugin, inspected, plugins_in
from fxchain.hosting.probing import probed
from fxchain.player import play
from tests.hosting.plugins import FOLDER, file_of, needs_plugins

RATE = 44_100
NOISE = 0.1 * white_noise(0.5, RATE, seed=3)

pytestmark = needs_plugins


def of(name: str, **values: float) -> HostedPlugin:
    known = inspected(file_of(name))
    return HostedPlugin(known, {knob.name: knob.default for knob in known.knobs} | values)


def test_knobs_have_the_units_that_the_plug_in_shows():
    knobs = {knob.name: knob for knob in inspected(file_of("ZamEQ2")).knobs}
    frequency = knobs["frequency_1_hz"]
    assert (frequency.low, frequency.high, frequency.unit) == (20.0, 14_000.0, "Hz")
    assert frequency.default == pytest.approx(500.0, abs=1e-3)
    assert knobs["peaks_on"].choices == ("0.0", "1.0")
    assert not {"buffer_size_frames", "sample_rate_frames", "current_program"} & knobs.keys()


def test_meters_are_no_knobs():
    names = {knob.name for knob in inspected(file_of("ZamComp")).knobs}
    assert "threshold_db" in names
    assert not {"gain_reduction_db", "output_level_db"} & names


def test_choices_have_the_texts_of_the_plug_in():
    knobs = {knob.name: knob for knob in inspected(file_of("ZamTube")).knobs}
    assert knobs["tone_stack_model"].choices[0] == "1959 Bassman 5F6-A"
    assert len(knobs["tone_stack_model"].choices) == 25


def test_what_a_plug_in_does_is_tried():
    delay = probed(inspected(file_of("ZamDelay")), RATE)
    knobs = {knob.name: knob for knob in delay.knobs}
    assert delay.behaviour == "filter"
    assert knobs["time_ms"].stepped and not knobs["lpf_hz"].stepped
    assert knobs["dry_wet"].affine and not knobs["feedback"].affine
    assert not any(knob.dead for knob in delay.knobs)
    equalizer = probed(inspected(file_of("ZamEQ2")), RATE)
    assert equalizer.behaviour == "filter"
    assert [knob.name for knob in equalizer.knobs if knob.dead] == ["peaks_on"]
    assert probed(inspected(file_of("ZamAutoSat")), RATE).behaviour == "memoryless"
    compressor = probed(inspected(file_of("ZamComp")), RATE)
    assert compressor.behaviour == "opaque"
    assert compressor.repeats and not compressor.moves and not compressor.latency_samples
    assert not any(knob.dead for knob in compressor.knobs)


def test_blocks_sound_as_the_whole():
    plugin = of("ZamDelay", feedback=0.5, time_ms=50.0)
    long = np.tile(NOISE, 4)
    whole = plugin(long, RATE)
    blocks = [long[:, at : at + 65_536] for at in range(0, long.shape[1], 65_536)]
    np.testing.assert_array_equal(np.concatenate(list(play(plugin, blocks, RATE)), 1), whole)


def test_a_plug_in_for_one_channel_plays_each():
    plugin = of("ZamComp", threshold_db=-30.0)
    both = np.concatenate([NOISE, 0.5 * NOISE])
    played = plugin(both, RATE)
    np.testing.assert_array_equal(played[:1], plugin(NOISE, RATE))
    np.testing.assert_array_equal(played[1:], plugin(0.5 * NOISE, RATE))


def test_a_plug_in_for_two_channels_plays_one():
    assert of("ZamCompX2")(NOISE, RATE).shape == NOISE.shape


def test_a_process_that_was_killed_is_replaced():
    plugin = of("ZamComp", threshold_db=-30.0)
    before = plugin(NOISE, RATE)
    process = plugin_process.take()
    os.kill(process.pid, signal.SIGKILL)
    plugin_process.give_back(process)
    np.testing.assert_array_equal(plugin(NOISE, RATE), before)


def test_a_plug_in_that_hangs_is_ended_and_named(monkeypatch):
    monkeypatch.setattr(hosted_plugin, "LOADING_SECONDS", 2.0)
    with pytest.raises(PluginError, match=r"ZamVerb.* did not come back in 2 s; it was ended"):
        inspected(file_of("ZamVerb"))


def test_what_is_no_plug_in_is_refused(tmp_path):
    (tmp_path / "a.vst3").write_bytes(b"nothing")
    with pytest.raises(PluginError, match=r"a\.vst3 is no plug-in"):
        inspected(str(tmp_path / "a.vst3"))


def test_the_plug_ins_of_a_folder_are_found():
    assert (file_of("ZamEQ2"), "") in plugins_in(str(FOLDER))
    assert plugins_in(file_of("ZamEQ2")) == [(file_of("ZamEQ2"), "ZamEQ2")]
