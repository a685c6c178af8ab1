"""Plug-ins for other machines, run here by what stands in for them, against the board."""

import numpy as np
import pytest

from fxchain.data.presets import noise_assets, random_values
from fxchain.data.signals import white_noise
from fxchain.metrics.scores import null_depth_db
from fxchain.preset import Preset
from fxchain.primitives import REGISTRY
from fxchain.stage import Effect
from tests.native.equal import assert_equal_samples
from tests.native.exported_plugin import export_plugin
from tests.native.machines import MACHINES, played, skip_without, written_program
from tests.native.test_parity import BOUNDS_DB, LIVE, RATES
from tests.native.test_vst3 import hidden, moving, with_response

# the first time ever, the compiler makes the C library of each machine too, which takes minutes
pytestmark = pytest.mark.timeout(900)


class Elsewhere:
    """A machine and the small host for it: LV2 on 64-bit ARM, CLAP on Windows.

    Args:
        target: the machine's name in the command
        folder: an empty one
    """

    def __init__(self, target: str, folder) -> None:
        self.target, self.folder = target, folder
        self.machine = MACHINES[target]
        self.form, source, self.inside = {
            "linux-arm64": ("lv2", "lv2_player.cpp", "plugin.so"),
            "windows-x86_64": ("clap", "clap_player.cpp", ""),
        }[target]
        skip_without(self.machine)
        self.host = written_program(self.machine, source, folder)
        self.made = 0

    def both(self, preset, rate, channels, block=333):
        """Return what the plug-in plays there, and what the board plays here."""
        self.made += 1
        path = self.folder / f"Own {self.made}.{self.form}"
        plugin = export_plugin(preset, path, "--target", self.target, "--channels", str(channels))
        audio = 0.3 * white_noise(0.3, rate, channels=channels)
        wanted = preset.board(rate)(audio, rate, reset=True)
        return played(self.machine, self.host, plugin / self.inside, audio, rate, block), wanted


@pytest.fixture(scope="module", params=["linux-arm64", "windows-x86_64"])
def elsewhere(request, tmp_path_factory):
    return Elsewhere(request.param, tmp_path_factory.mktemp("elsewhere"))


@pytest.mark.parametrize("kind", LIVE)
def test_every_effect_plays_what_the_board_plays(elsewhere, kind):
    place = LIVE.index(kind)
    rng = np.random.default_rng([11, place])
    effect = Effect(REGISTRY[kind], noise_assets(REGISTRY[kind], rng))
    rate = RATES[place % 3]
    preset = Preset(effect, random_values(effect, rng, rate), 44_100)
    made, wanted = elsewhere.both(preset, rate, 1 + place % 2)
    if kind in BOUNDS_DB:
        assert null_depth_db(made, wanted) <= BOUNDS_DB[kind]
    else:
        assert_equal_samples(made, wanted)


@pytest.mark.parametrize("channels", [1, 2])
def test_a_chain_with_a_mix_plays_equal_samples(elsewhere, channels):
    for block, rate in zip((512, 1), (44_100, 48_000), strict=True):
        assert_equal_samples(*elsewhere.both(moving(), rate, channels, block))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whole_chains_play_equal_samples(elsewhere, seed):
    assert_equal_samples(*elsewhere.both(hidden(seed), 48_000, 1 + seed % 2))


@pytest.mark.parametrize(("channels", "rate"), [(1, 44_100), (2, 32_000)])
def test_a_response(elsewhere, channels, rate):
    made, wanted = elsewhere.both(with_response(), rate, channels)
    assert null_depth_db(made, wanted) <= -125.0
