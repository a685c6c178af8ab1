"""Plug-ins of another maker: what is known of them, and what becomes of those that fail."""

import os
import signal
from dataclasses import replace

import numpy as np
import pytest

from fxchain.data.signals import white_noise
from fxchain.errors import PluginError
from fxchain.hosting import hosted_plugin, plugin_process
from fxchain.hosting.hosted_plugin import HostedPlugin, inspected, plugins_in
from fxchain.hosting.probing import SHORT_SETTLING, probed
from fxchain.player import play
from fxchain.player.external_plugin import SETTLING_SAMPLES
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


def test_a_compressor_is_not_linear_though_it_is_below_its_threshold():
    compressor = probed(inspected(file_of("ZaMultiCompX2")), RATE)
    assert compressor.behaviour == "opaque"
    dead = {knob.name for knob in compressor.knobs if knob.dead}
    meters = {f"gain_reduction_{band}_db" for band in (1, 2, 3)}
    of_two_channels = {"detection_max_avg"}  # of equal channels both are the same
    assert dead == meters | of_two_channels


def test_silence_before_audio_is_as_long_as_it_must_be():
    delay = probed(inspected(file_of("ZamDelay")), RATE)
    assert delay.settling_samples == SHORT_SETTLING < SETTLING_SAMPLES
    values = {knob.name: knob.default for knob in delay.knobs} | {"time_ms": 50.0}
    long = HostedPlugin(delay, values)(NOISE, RATE)
    HostedPlugin(delay, values | {"time_ms": 700.0, "feedback": 0.7})(NOISE, RATE)
    short = HostedPlugin(delay, values, delay.settling_samples)(NOISE, RATE)
    np.testing.assert_array_equal(short, long)


@pytest.mark.parametrize(
    ("knob", "default", "away"),
    [("input_level", 0.0, 25.0), ("insane_boost", 0.0, 1.0), ("tone_stack_model", 0.0, 24.0)],
)
def test_a_knob_that_is_turned_back_to_its_default_is_heard(knob, default, away):
    known = inspected(file_of("ZamTube"))
    middle = {knob.name: knob.value(0.4) for knob in known.knobs if not knob.choices}
    there, back = (
        HostedPlugin(replace(known, carries_over=False), {**middle, knob: value})
        for value in (away, default)
    )
    before = back(NOISE, RATE)
    between = there(NOISE, RATE)
    error = back(NOISE, RATE) - before
    assert np.square(error).sum() < 1e-3 * np.square(between - before).sum()


def test_a_plug_in_that_begins_alike_is_loaded_once():
    """ZamTube does not: now and then it is taken to remember, and is loaded for each setting."""
    assert not probed(inspected(file_of("ZamComp")), RATE).carries_over


def test_many_settings_are_played_at_once():
    plugins = [of("ZamComp", threshold_db=level) for level in (-40.0, -20.0, -30.0)]
    signals = [NOISE, 0.5 * NOISE, NOISE]
    played = HostedPlugin.play_each(plugins, signals, RATE)
    for plugin, signal_of_it, heard in zip(plugins, signals, played, strict=True):
        np.testing.assert_array_equal(heard, plugin(signal_of_it, RATE))


def test_of_many_settings_those_that_fail_are_not_a_number(monkeypatch):
    plugins = [of("ZamComp", threshold_db=level) for level in (-40.0, -20.0, -30.0)]
    began = plugin_process.PluginProcess.ask

    def ask(process, method, arguments, seconds):
        settings = arguments[1] if method == "play_each" else [arguments[1]]
        if plugins[1].settings in settings:
            os.kill(process.pid, signal.SIGKILL)
        return began(process, method, arguments, seconds)

    monkeypatch.setattr(plugin_process.PluginProcess, "ask", ask)
    played = HostedPlugin.play_each(plugins, [NOISE] * 3, RATE)
    assert [bool(np.isfinite(each).all()) for each in played] == [True, False, True]
    np.testing.assert_array_equal(played[2], plugins[2](NOISE, RATE))


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
