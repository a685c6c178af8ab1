"""A CLAP in a small host plays what the board plays."""

import subprocess

import numpy as np
import pytest

from fxchain.data.signals import white_noise
from fxchain.metrics.scores import null_depth_db
from fxchain.native import plugins
from fxchain.player import Routing
from fxchain.preset import Preset
from fxchain.primitives import REGISTRY
from fxchain.stage import Chain, Effect
from tests.native.clap_host import ClapHost
from tests.native.compiled import COMPILER, FLAGS, HERE
from tests.native.equal import assert_equal_samples
from tests.native.exported_plugin import export_plugin
from tests.native.test_player import LIVE, preset_of
from tests.native.test_vst3 import hidden, moving, with_response

RATE = 44_100


@pytest.fixture
def hosted(tmp_path):
    """Return a function that loads a preset as a plug-in."""
    hosts = []

    def load(preset, *options):
        path = tmp_path / f"Own {len(hosts)}.clap"
        hosts.append(ClapHost(export_plugin(preset, path, *options)))
        return hosts[-1]

    yield load
    for host in hosts:
        host.close()


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("made", [moving, lambda: hidden(3)], ids=["moving", "hidden"])
def test_it_plays_what_the_board_plays(hosted, made, channels):
    preset = made()
    host = hosted(preset, "--channels", str(channels))
    assert host.name == "Own 0" and host.channels == [channels, channels]
    assert host.activate(48_000.0)
    audio = 0.3 * white_noise(0.3, 48_000, channels=channels)
    wanted = preset.board(48_000)(audio, 48_000, reset=True)
    assert_equal_samples(host.play(audio, 333), wanted)
    host.plugin.reset(host.here)
    assert_equal_samples(host.play(audio, 8_192), wanted)


def test_a_response_plays_at_any_rate(hosted):
    preset, rate = with_response(), 22_050
    host = hosted(preset)
    assert not host.activate(0.0) and host.activate(rate)
    audio = 0.3 * white_noise(0.3, rate, channels=2)
    wanted = preset.board(rate)(audio, rate, reset=True)
    assert null_depth_db(host.play(audio), wanted) <= -125.0


def test_one_channel_becomes_two(hosted):
    routing = Routing(((1.0,),), ((1.0,), (-0.5,)), (0, 30))
    preset = Preset(Effect(REGISTRY["gain"]), np.array([-3.0]), RATE, routing=routing)
    host = hosted(preset)
    assert host.channels == [1, 2] and host.activate(RATE)
    audio = white_noise(0.1, RATE)
    wanted = preset.board(RATE)(audio, RATE, reset=True)
    assert_equal_samples(host.play(audio), wanted)


def test_the_same_preset_is_the_same_plugin_and_another_one_is_not(hosted):
    ids = [hosted(moving()).id, hosted(moving()).id]
    others = [hosted(moving(), "--channels", "1").id, hosted(hidden(3)).id]
    assert ids[0] == ids[1] and len({*ids, *others}) == 3


def test_parameters_have_names_and_texts(hosted):
    host = hosted(moving())
    infos = {f"{info.module.decode()}: {info.name.decode()}": info for info in host.infos()}
    cutoff, mode = infos["1 Peak filter: Cutoff frequency"], infos["2 Ladder filter: Mode"]
    assert host.text(cutoff.id, cutoff.initial) == "1000 Hz" and (cutoff.low, cutoff.high) == (0, 1)
    assert host.text(cutoff.id, host.parsed(cutoff.id, "440 Hz")) == "440.0 Hz"
    assert host.text(mode.id, 2.0) == "BPF12" and host.parsed(mode.id, "BPF12") == 2.0
    assert mode.flags & 1 and not cutoff.flags & 1
    assert infos[": Bypass"].flags & 16


def test_a_knob_jumps_at_first_and_glides_later(hosted):
    audio = np.full((1, 4_000), 0.25)
    host = hosted(preset_of("gain"), "--channels", "1")
    loud = host.parsed(1, "6 dB")
    host.activate(RATE)
    wanted = 0.25 * 10 ** (6.0 / 20.0)
    np.testing.assert_allclose(host.play(audio, changes=[(0, 1, loud)]), wanted, rtol=1e-6)
    host.activate(RATE)
    made = host.play(audio, changes=[(1_000, 1, host.parsed(1, "0 dB"))])[0]
    np.testing.assert_allclose(made[:1_000], wanted, rtol=1e-6)
    assert 0 < np.abs(np.diff(made)).max() < 0.05
    np.testing.assert_allclose(made[-500:], 0.25, rtol=1e-6)


def test_the_bypass_fades(hosted):
    host = hosted(preset_of("gain", gain_db=-20.0), "--channels", "1")
    host.activate(RATE)
    tone = 0.5 * np.sin(2 * np.pi * 100.0 * np.arange(12_000) / RATE)[None].astype(np.float32)
    made = host.play(tone, 333, changes=[(4_000, 0, 1.0), (8_000, 0, 0.0)])
    np.testing.assert_array_equal(made[:, 6_000:8_000], tone[:, 6_000:8_000])
    quiet = tone * np.float32(10 ** np.float32(-1.0))
    for part in (slice(0, 4_000), slice(10_000, 12_000)):
        np.testing.assert_allclose(made[:, part], quiet[:, part], rtol=1e-5, atol=1e-7)
    steepest = np.abs(np.diff(tone)).max()
    assert np.abs(np.diff(made)).max() < steepest + 0.5 / (0.02 * RATE) + 1e-4


def test_a_state_is_restored_exactly(hosted):
    first, other = hosted(moving()), hosted(moving())
    assert first.save() == other.save()
    for info in first.infos()[1:]:
        first.activate(RATE)
        place = 1.0 if info.flags & 1 else 0.618
        first.play(np.zeros((2, 1)), changes=[(0, info.id, place)])
    assert first.save() != other.save()
    assert other.load(first.save()) and other.save() == first.save()
    assert [other.value(k) for k in range(20)] == [first.value(k) for k in range(20)]
    for wrong in (b"", first.save()[:-1], b"x" + first.save()[1:]):
        assert not other.load(wrong)
    assert other.save() == first.save()


@pytest.mark.skipif(COMPILER is None, reason="no C++ compiler is installed")
def test_nothing_is_allocated_locked_or_opened_while_it_plays(tmp_path):
    """All effects in one chain; all parameters are turned, before the first sample too."""
    path = export_plugin(preset_of(*LIVE), tmp_path / "All.clap")
    (tmp_path / "clap_abi.h").write_text(plugins.plugin_sources()["clap_abi.h"])
    program = tmp_path / "count"
    source = HERE / "audio_thread.cpp"
    subprocess.run([COMPILER, *FLAGS, source, "-o", program, "-ldl"], cwd=tmp_path, check=True)
    counted = [
        int(subprocess.run([program, path, *more], capture_output=True, check=True).stdout)
        for more in ([], ["allocate"], ["lock"], ["open"])
    ]
    assert counted[0] == 0 < min(counted[1:])


def test_stages_are_numbered_as_they_are_played(hosted):
    stage = Chain((Effect(REGISTRY["gain"]), Effect(REGISTRY["gain"])))
    host = hosted(Preset(stage, np.array([1.0, 2.0]), RATE))
    assert [info.module.decode() for info in host.infos()] == ["", "1 Gain", "2 Gain"]
