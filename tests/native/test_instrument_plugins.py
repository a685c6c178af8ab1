"""A patch as a plug-in plays its notes in a CLAP host and, as VST3, in pedalboard."""

import json
import subprocess

import mido
import numpy as np
import pedalboard
import pytest
from typer.testing import CliRunner

from benchmarks.lv2_host import Lv2Host
from fxchain.cli import app
from fxchain.metrics.scores import null_depth_db
from fxchain.native import plugins
from fxchain.synth.drum.play import render_kit
from fxchain.synth.play import render_patch
from tests.native.clap_host import ClapHost
from tests.native.compiled import COMPILER, FLAGS, HERE
from tests.native.exported_plugin import export_plugin
from tests.native.hit_drums import HITS, a_kit
from tests.native.played_notes import (
    EFFECTS,
    NOTES,
    RATE,
    Played,
    as_notes,
    key_events,
    two_sources,
)

# the first time ever, the compiler makes its own C++ library too, which takes minutes
pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def clap(tmp_path_factory):
    """Return the path of an exported patch with effects."""
    return export_plugin(two_sources(EFFECTS), tmp_path_factory.mktemp("clap") / "Own.clap")


@pytest.fixture(scope="module")
def vst3(tmp_path_factory):
    """Return the path of an exported patch."""
    return export_plugin(two_sources(), tmp_path_factory.mktemp("vst3") / "Own.vst3")


@pytest.fixture
def host(clap):
    """Return the patch in a host, ready to play."""
    loaded = ClapHost(clap)
    assert loaded.activate(RATE)
    yield loaded
    loaded.close()


def rendered(effects=None, notes=NOTES):
    return render_patch(two_sources(effects), as_notes(notes, RATE), RATE)


def midi_messages(notes):
    return [
        (at, bytes((0x90, key, round(127 * velocity)))) for at, key, velocity in key_events(notes)
    ]


def nothing(samples):
    return np.zeros((0, samples), np.float32)


def test_a_clap_plays_its_notes_at_their_samples(host):
    wanted = rendered(EFFECTS)
    assert host.channels == [0, 2]
    for block in (333, 8_192):
        made = host.play(nothing(wanted.shape[1]), block, notes=key_events(NOTES))
        np.testing.assert_array_equal(made[0], made[1])
        assert null_depth_db(made[:1], wanted) <= -100.0
        host.plugin.reset(host.here)


def test_a_clap_plays_messages_of_midi_as_well(host):
    wanted = rendered(EFFECTS)
    made = host.play(nothing(wanted.shape[1]), 500, midi=midi_messages(NOTES))
    assert null_depth_db(made[:1], wanted) <= -100.0


def test_a_host_may_release_or_silence_every_key(host):
    """A key of −1 means all; controller 120 silences what 123 releases."""
    pressed = [(0, 60, 1.0), (0, 67, 1.0)]
    host.plugin.reset(host.here)
    made = host.play(nothing(60_000), notes=[*pressed, (4_000, -1, 0.0)])
    sounding, ended = (np.abs(each).max() for each in (made[:, 2_000:4_000], made[:, -1_000:]))
    assert ended < 0.01 * sounding  # what is left is the tail of the reverb
    loud = []
    for controller in (123, 120):
        host.plugin.reset(host.here)
        sent = [(4_000, bytes((0xB0, controller, 0)))]
        made = host.play(
            nothing(9_000), midi=[*((0, bytes((0x90, key, 127))) for _, key, _ in pressed), *sent]
        )
        loud.append(float(np.sum(made[:, 4_500:6_000] ** 2)))
    assert loud[1] < 0.5 * loud[0]


def test_an_lv2_plays_its_notes(tmp_path):
    host = Lv2Host(export_plugin(two_sources(), tmp_path / "Own.lv2"), RATE)
    wanted = rendered()
    messages = midi_messages(NOTES)
    for block in (333, 8_192):
        made = host.play_notes(wanted.shape[1], messages, block)
        np.testing.assert_array_equal(made[0], made[1])
        assert null_depth_db(made[:1], wanted) <= -120.0
    host.close()


@pytest.mark.parametrize("form", ["clap", "lv2"])
def test_a_kit_is_hit_by_its_keys(tmp_path, form):
    kit = a_kit()
    wanted = render_kit(kit, as_notes(HITS, RATE), RATE)
    path = export_plugin(kit, tmp_path / f"Kit.{form}")
    samples = wanted.shape[1]
    if form == "lv2":
        made = Lv2Host(path, RATE).play_notes(samples, midi_messages(HITS), 333)
    else:
        loaded = ClapHost(path)
        assert loaded.activate(RATE)
        made = loaded.play(nothing(samples), 333, notes=key_events(HITS))
        names = {f"{info.module.decode()}: {info.name.decode()}" for info in loaded.infos()}
        loaded.close()
        assert "1 Swept sine: Start frequency" in names
    np.testing.assert_array_equal(made[0], made[1])
    assert null_depth_db(made[:1], wanted) <= -120.0


def test_bypassed_it_is_silent_and_its_knobs_have_groups(host):
    groups = {info.module.decode() for info in host.infos()}
    assert groups == {
        *("", "1 Saw", "2 Pulse", "3 Voice", "4 Distortion", "5 Peak filter", "6 Reverb")
    }
    names = {f"{info.module.decode()}: {info.name.decode()}": info for info in host.infos()}
    cutoff = names["3 Voice: Cutoff frequency"]
    assert host.text(cutoff.id, cutoff.initial) == "600.0 Hz"
    made = host.play(nothing(9_000), notes=[(0, 60, 1.0)], changes=[(4_000, 0, 1.0)])
    assert np.abs(made[:, 2_000:4_000]).max() > 0.01
    assert not made[:, 6_000:].any()


def test_the_host_is_told_that_it_is_an_instrument(clap, vst3):
    described = json.loads((vst3 / "Contents/Resources/moduleinfo.json").read_text())
    assert described["Classes"][0]["Sub Categories"] == ["Instrument", "Synth"]
    plugin = pedalboard.load_plugin(str(vst3))
    assert plugin.is_instrument and plugin.name == "Own"


def messages(notes):
    """Return notes as messages at times in seconds."""
    return [
        mido.Message(
            "note_on" if velocity else "note_off",
            note=key,
            velocity=round(127 * velocity),
            time=(at + 0.5) / RATE,
        )
        for at, key, velocity in key_events(notes)
    ]


def played(vst3, given, samples):
    plugin = pedalboard.load_plugin(str(vst3))
    return plugin(given, samples / RATE, RATE, num_channels=2, buffer_size=512)


def test_a_vst3_plays_its_notes(vst3):
    wanted = rendered()
    made = played(vst3, messages(NOTES), wanted.shape[1])
    np.testing.assert_array_equal(made[0], made[1])
    assert null_depth_db(made[:1], wanted[:, : made.shape[1]]) <= -120.0


def test_a_vst3_takes_the_sustain_pedal_and_the_wheel(vst3):
    short = (Played(1_000, 4_000, 57, 1.0),)
    pedal = [
        mido.Message("control_change", control=64, value=value, time=at / RATE)
        for at, value in ((512, 127), (20_480, 0))
    ]
    made = played(vst3, sorted([*messages(short), *pedal], key=lambda each: each.time), 24_000)
    alone = played(vst3, messages(short), 24_000)
    late = [np.abs(each[0, 16_000:20_000]).max() for each in (alone, made)]
    assert late[0] < 0.05 * late[1]
    wheel = mido.Message("pitchwheel", pitch=8_191, time=0.0)
    bent = played(vst3, [wheel, *messages(short)], 24_000)
    assert np.abs(bent[0, 1_000:5_000] - alone[0, 1_000:5_000]).max() > 0.1


@pytest.mark.skipif(COMPILER is None, reason="no C++ compiler is installed")
def test_nothing_is_allocated_locked_or_opened_while_notes_play(tmp_path, clap):
    (tmp_path / "clap_abi.h").write_text(plugins.plugin_sources()["clap_abi.h"])
    program = tmp_path / "count"
    source = HERE / "audio_thread.cpp"
    subprocess.run([COMPILER, *FLAGS, source, "-o", program, "-ldl"], cwd=tmp_path, check=True)
    counted = [
        int(subprocess.run([program, clap, *more], capture_output=True, check=True).stdout)
        for more in ([], ["allocate"])
    ]
    assert counted[0] == 0 < counted[1]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--format", "faust", "--out", "a.dsp"], "a patch is exported as an instrument, by"),
        (["--format", "clap", "--out", "a.clap", "--channels", "1"], "nothing goes into an"),
        (["--format", "web", "--out", "a.html", "--set", "tone=3"], "a patch has none"),
    ],
)
def test_what_a_patch_cannot_become_is_said(tmp_path, monkeypatch, options, said):
    monkeypatch.chdir(tmp_path)
    two_sources().save("patch.json")
    done = CliRunner().invoke(app, ["export", "patch.json", *options])
    assert done.exit_code == 2 and said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert [each.name for each in tmp_path.iterdir()] == ["patch.json"]
