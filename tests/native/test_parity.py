"""The player in C++ against the board of pedalboard and numpy."""

import numpy as np
import pytest

from fxchain.data.presets import (
    decaying_noise,
    hidden_chain,
    noise_assets,
    random_stage,
    random_values,
)
from fxchain.data.signals import white_noise
from fxchain.metrics.scores import null_depth_db
from fxchain.player import Asset, Routing
from fxchain.preset import Preset
from fxchain.primitives import REGISTRY
from fxchain.stage import Effect, PerChannel
from tests.native.equal import assert_equal_samples

LIVE = [kind for kind, primitive in REGISTRY.items() if primitive.realtime is not None]
RATES = [44_100, 48_000, 96_000]
BLOCKS = [1, 37, 512, 8_192]
#: dB: responses are summed in another order, and numpy has sums and a tanh of its own.
BOUNDS_DB = {
    "convolution": -125.0,
    "modulated_allpass": -125.0,
    "modulated_delay": -125.0,
    "periodic_filter": -125.0,
    "recurrent_cell": -125.0,
    "stereo": -125.0,
    "waveshaper": -90.0,
}


def check(programs, preset, audio, rate, block):
    """Compare with the board: equal samples, or the bound of the stage that is least exact."""
    wanted = preset.board(rate)(audio, rate, reset=True)
    made = programs.play(preset, audio, rate, block)
    kinds = {slot.kind for slot in preset.stage.slots()} & BOUNDS_DB.keys()
    if not kinds:
        assert_equal_samples(made, wanted)
        return
    depth = null_depth_db(made, wanted)
    assert depth <= max(BOUNDS_DB[kind] for kind in kinds), f"{kinds} null at {depth:.1f} dB"


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("kind", LIVE)
def test_every_effect_plays_what_the_board_plays(programs, kind, channels):
    rng = np.random.default_rng([LIVE.index(kind), channels])
    for rate, block in zip(RATES, (512, 1, 8_192), strict=True):
        effect = Effect(REGISTRY[kind], noise_assets(REGISTRY[kind], rng))
        preset = Preset(effect, random_values(effect, rng, rate), 44_100)
        check(programs, preset, white_noise(0.5, rate, channels=channels), rate, block)


@pytest.mark.parametrize("seed", range(4))
def test_whole_chains_play_equal_samples(programs, seed):
    rate = RATES[seed % 3]
    preset = Preset(*hidden_chain(np.random.default_rng(seed), rate), 44_100)
    audio = 0.3 * white_noise(0.6, rate, seed=seed, channels=1 + seed % 2)
    check(programs, preset, audio, rate, BLOCKS[seed])


@pytest.mark.parametrize("seed", range(8))
def test_random_nested_chains(programs, seed):
    rng, rate = np.random.default_rng([7, seed]), RATES[seed % 3]
    stage = random_stage(rng, 6)
    while any(slot.kind not in {*LIVE, "mix"} for slot in stage.slots()):
        stage = random_stage(rng, 6)
    preset = Preset(stage, random_values(stage, rng, rate), 44_100)
    audio = 0.3 * white_noise(0.5, rate, seed=seed, channels=1 + seed % 2)
    wanted = preset.board(rate)(audio, rate, reset=True)
    made = programs.play(preset, audio, rate, BLOCKS[seed % 4])
    kinds = {slot.kind for slot in stage.slots()}
    # drives and gates behind a stage that is not exact amplify what is off
    if kinds & BOUNDS_DB.keys():
        assert null_depth_db(made, wanted) <= -90.0
    else:
        assert_equal_samples(made, wanted)


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_099, *RATES, 88_200, 192_000])
@pytest.mark.parametrize("heard", [1, 2])
@pytest.mark.parametrize("channels", [1, 2])
def test_responses_at_any_rate(programs, rate, channels, heard):
    """Those of 44,100 Hz, long, of as many channels or not, at other rates too."""
    response = decaying_noise(np.random.default_rng(1), heard, 20_000)
    effect = Effect(REGISTRY["convolution"], {"impulse_response": response})
    preset = Preset(effect, np.array([0.8]), 48_000)
    check(programs, preset, white_noise(0.6, rate, channels=channels), rate, 333)


def test_a_response_of_one_sample(programs):
    response = Asset(np.array([[-0.5]], np.float32), 96_000)
    effect = Effect(REGISTRY["convolution"], {"impulse_response": response})
    for rate in (22_050, 96_000):
        preset = Preset(effect, np.array([0.8]), rate)
        check(programs, preset, white_noise(0.2, rate), rate, 100)


def test_channels_with_chains_of_their_own(programs):
    stage = PerChannel((Effect(REGISTRY["peak_filter"]), Effect(REGISTRY["delay"])))
    preset = Preset(stage, np.array([500.0, 6.0, 1.0, 0.01, 0.4, 0.3]), 44_100)
    for channels in (1, 2, 3):
        check(programs, preset, white_noise(0.2, 44_100, channels=channels), 44_100, 100)


ROUTINGS = {
    "mono to stereo": Routing(((0.5, 0.5),), ((1.0,), (-0.5,)), (0, 30)),
    "levels": Routing(((4.0,),), ((0.25,),), (0,)),
    "one channel, its constant taken off": Routing(((0.0, 1.0),), ((1.0,),), (3,), (0.0, 0.1)),
}


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("name", ROUTINGS)
def test_routings(programs, name, channels):
    routing = ROUTINGS[name]
    preset = Preset(Effect(REGISTRY["compressor"]), np.array([-20.0, 4.0, 5.0, 50.0]), 44_100)
    preset = Preset(preset.stage, preset.values, 44_100, routing=routing)
    for rate in (44_100, 96_000):
        check(programs, preset, white_noise(0.2, rate, channels=channels), rate, 100)
