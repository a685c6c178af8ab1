"""The LV2 for 64-bit ARM, under an emulator of the processor, against this machine's board."""

import numpy as np
import pytest

from fxchain.data.presets import noise_assets, random_values
from fxchain.data.signals import white_noise
from fxchain.metrics.scores import null_depth_db
from fxchain.preset import Preset
from fxchain.primitives import REGISTRY
from fxchain.stage import Chain, Effect
from tests.native.arm64 import TARGET, emulated, why_not, written_host
from tests.native.exported_plugin import export_plugin
from tests.native.test_parity import BOUNDS_DB, LIVE, RATES
from tests.native.test_vst3 import hidden, moving, with_response

#: dB, beside those of the parity here: the C library's tanh rounds otherwise for this processor.
TANH_DB = {"distortion": -150.0}
#: dB, of chains: filters in single precision behind a distortion round otherwise at each sample.
BEHIND_TANH_DB = -75.0


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    """Return the small host for the processor."""
    reason = why_not()
    if reason is not None:
        pytest.skip(reason)
    return written_host(tmp_path_factory.mktemp("host"))


def both(host, folder, preset, rate, channels, block=333):
    """Return what the plug-in plays there, and what the board plays here."""
    options = ("--target", TARGET.name, "--channels", str(channels))
    bundle = export_plugin(preset, folder / f"{channels} at {rate}.lv2", *options)
    audio = 0.3 * white_noise(0.3, rate, channels=channels)
    wanted = preset.board(rate)(audio, rate, reset=True)
    return emulated(host, bundle, audio, rate, block), wanted


@pytest.mark.parametrize("kind", LIVE)
def test_every_effect_plays_what_the_board_plays(host, tmp_path, kind):
    place = LIVE.index(kind)
    rng = np.random.default_rng([11, place])
    effect = Effect(REGISTRY[kind], noise_assets(REGISTRY[kind], rng))
    rate = RATES[place % 3]
    preset = Preset(effect, random_values(effect, rng, rate), 44_100)
    made, wanted = both(host, tmp_path, preset, rate, 1 + place % 2)
    bound_db = {**BOUNDS_DB, **TANH_DB}.get(kind)
    if bound_db is None:
        np.testing.assert_array_equal(made, wanted)
    else:
        assert null_depth_db(made, wanted) <= bound_db


@pytest.mark.parametrize("channels", [1, 2])
def test_a_chain_with_a_mix_plays_equal_samples(host, tmp_path, channels):
    for block, rate in zip((512, 1), (44_100, 48_000), strict=True):
        made, wanted = both(host, tmp_path, moving(), rate, channels, block)
        np.testing.assert_array_equal(made, wanted)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whole_chains_are_equal_but_for_what_follows_a_distortion(host, tmp_path, seed):
    preset, channels = hidden(seed), 1 + seed % 2
    stages, values, at = preset.stage.stages, [], 0
    for stage in stages:
        values.append(preset.values[at : at + stage.size])
        at += stage.size
    kept = [place for place, stage in enumerate(stages) if stage.primitive.kind != "distortion"]
    assert len(kept) == len(stages) - 1
    without = Preset(
        Chain(tuple(stages[place] for place in kept)),
        np.concatenate([values[place] for place in kept]),
        preset.sample_rate,
    )
    made, wanted = both(host, tmp_path, without, 44_100, channels)
    np.testing.assert_array_equal(made, wanted)
    made, wanted = both(host, tmp_path, preset, 48_000, channels)
    assert null_depth_db(made, wanted) <= BEHIND_TANH_DB


@pytest.mark.parametrize("channels", [1, 2])
def test_a_response(host, tmp_path, channels):
    made, wanted = both(host, tmp_path, with_response(), 44_100, channels)
    assert null_depth_db(made, wanted) <= -125.0
