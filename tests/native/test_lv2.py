"""An LV2 in a small host plays what the board plays."""

import numpy as np
import pytest

from benchmarks.lv2_host import Lv2Host
from fxchain.data.signals import white_noise
from fxchain.preset import Preset
from tests.native.equal import assert_equal_samples
from tests.native.exported_plugin import export_plugin
from tests.native.test_player import preset_of
from tests.native.test_vst3 import hidden, moving

RATE = 44_100


@pytest.fixture
def hosted(tmp_path):
    """Return a function that loads a preset as a plug-in."""
    hosts = []

    def load(preset, *options, rate=RATE):
        path = tmp_path / f"Own {len(hosts)}.lv2"
        hosts.append(Lv2Host(export_plugin(preset, path, *options), rate))
        return hosts[-1]

    yield load
    for host in hosts:
        if host.here:
            host.close()


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("made", [moving, lambda: hidden(3)], ids=["moving", "hidden"])
def test_it_plays_what_the_board_plays(hosted, made, channels):
    """The default values of the ports are in single precision; the preset's are heard."""
    preset = made()
    host = hosted(preset, "--channels", str(channels))
    audio = 0.3 * white_noise(0.3, RATE, channels=channels)
    wanted = preset.board(RATE)(audio, RATE, reset=True)
    for block in (333, 8_192):
        assert_equal_samples(host.play(audio, block), wanted)


def test_ports_have_symbols_units_and_ranges(hosted):
    host = hosted(moving())
    ports = {port["lv2:symbol"]: port for port in host.ports}
    assert len(ports) == len(host.ports)
    cutoff = ports['"stage_1_peak_filter_cutoff_frequency_hz"']
    assert cutoff["units:unit"] == "units:hz" and cutoff["lv2:name"].endswith('frequency"')
    assert cutoff["lv2:portProperty"] == "pprops:logarithmic"
    limits = [float(cutoff[f"lv2:{name}"]) for name in ("minimum", "default", "maximum")]
    assert limits == [20.0, 1_000.0, 20_000.0]
    assert ports['"enabled"']["lv2:designation"] == "lv2:enabled"


def test_turned_knobs_play_as_the_board_with_these_values(hosted):
    preset = moving()
    host = hosted(preset)
    host.controls["stage_1_peak_filter_cutoff_frequency_hz"].value = 440.0
    host.controls["stage_2_ladder_filter_mode"].value = 1.0
    values = preset.values.copy()
    names = [(slot.kind, slot.spec.name) for slot in preset.stage.slots()]
    values[names.index(("peak_filter", "cutoff_frequency_hz"))] = 440.0
    values[names.index(("ladder_filter", "mode"))] = 1.0
    audio = 0.3 * white_noise(0.2, RATE, channels=2)
    wanted = Preset(preset.stage, values, RATE).board(RATE)(audio, RATE, reset=True)
    assert_equal_samples(host.play(audio), wanted)


def test_disabled_it_gives_back_what_it_gets(hosted):
    host = hosted(preset_of("gain", gain_db=-6.0))
    audio = white_noise(0.1, RATE, channels=2).astype(np.float32)
    assert np.abs(host.play(audio) - audio).max() > 0.1
    host.controls["enabled"].value = 0.0
    host.go_on(audio)
    np.testing.assert_array_equal(host.go_on(audio), audio)
