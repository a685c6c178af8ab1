"""`fxchain export --format nam`: Neural Amp Modeler's own package plays what the board plays."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from fxchain.cli import app
from fxchain.data.signals import white_noise
from fxchain.metrics.scores import null_depth_db
from fxchain.player import Asset, Routing
from fxchain.preset import Preset, parse_chain
from fxchain.primitives import REGISTRY
from fxchain.stage import Chain, Effect
from tests.native import macro_preset

RATE = 44_100
CURVES = [kind for kind, primitive in REGISTRY.items() if primitive.static_curve is not None]
FILTERS = [
    kind
    for kind, primitive in REGISTRY.items()
    if primitive.nature == "filter" and not primitive.assets and not primitive.cross_channel
]


def effect(kind, **parameters):
    return {"primitive": kind, "parameters": parameters}


def branch(weight, *stages):
    return {"weight": weight, "chain": list(stages)}


#: Filters of low frequencies are left out: pedalboard computes them in single precision.
#: Every function of a curve, a branch without one, and a sum within a sum.
SUM = {
    "mix": [
        branch(0.4),
        branch(
            -0.3,
            effect("highpass_filter", cutoff_frequency_hz=900.0),
            effect("waveshaper", drive_db=9.0, bias=0.5),
            effect("peak_filter", cutoff_frequency_hz=2_000.0, gain_db=6.0, q=1.0),
        ),
        branch(0.5, effect("clipping", threshold_db=-15.0), effect("invert")),
        branch(0.7, {"mix": [branch(0.5, effect("distortion", drive_db=12.0)), branch(0.2)]}),
    ]
}
SERIES = {
    "chain": [
        effect("low_shelf_filter", cutoff_frequency_hz=1_200.0, gain_db=-5.0, q=0.7),
        SUM,
        effect("peak_filter", cutoff_frequency_hz=3_000.0, gain_db=4.0, q=1.0),
        effect("waveshaper", drive_db=3.0, bias=-0.3),
        effect("lowpass_filter", cutoff_frequency_hz=6_000.0),
        effect("gain", gain_db=-3.0),
    ]
}


def preset_of(node, routing=None):
    stage, values, _ = parse_chain(node, "a.json")
    return Preset(stage, values, RATE, routing=routing)


def exported(preset, folder: Path, out="a.nam"):
    preset.save(folder / "a.json")
    arguments = ["export", folder / "a.json", "--format", "nam", "--out", folder / out]
    return CliRunner().invoke(app, list(map(str, arguments)))


def document(preset, folder: Path):
    done = exported(preset, folder)
    assert done.exit_code == 0, done.stderr
    return json.loads((folder / "a.nam").read_text())


def played(preset, audio, folder: Path):
    """Return what the package makes of (1, samples)."""
    models = pytest.importorskip("nam.models", reason="extra benchmark")
    sequential = pytest.importorskip("nam.models.sequential")

    def model(node):
        if node["architecture"] == "Sequential":
            assert node["weights"] == []
            return sequential.Sequential(models=[model(each) for each in node["config"]["models"]])
        return models.init_from_nam(node)

    with torch.no_grad():
        found = model(document(preset, folder)).eval()
        assert found.sample_rate == RATE
        return found(torch.from_numpy(audio[0])).numpy()[None]


def noise(seconds=0.5):
    return 0.3 * white_noise(seconds, RATE)


def depth_db(preset, folder: Path):
    """Return how far the package's output is from the board's, dB."""
    audio = noise()
    wanted = preset.board(RATE)(audio, RATE, reset=True)[:1]
    return null_depth_db(played(preset, audio, folder), wanted)


@pytest.mark.parametrize("kind", [*FILTERS, *CURVES])
def test_each_filter_and_each_curve_plays_what_the_board_plays(kind, tmp_path):
    preset = preset_of(effect(kind, **REGISTRY[kind].probe))
    assert depth_db(preset, tmp_path) <= -100.0


def test_a_low_filter_differs_by_what_pedalboard_rounds(tmp_path):
    shelf = effect("low_shelf_filter", cutoff_frequency_hz=100.0, gain_db=6.0, q=0.7)
    assert -100.0 < depth_db(preset_of(shelf), tmp_path) <= -85.0


def measured(samples, sample_rate=RATE):
    """Return a preset of one measured response, (channels, samples)."""
    asset = Asset(samples.astype(np.float32), sample_rate)
    convolution = Effect(REGISTRY["convolution"], {"impulse_response": asset})
    values = [spec.default for spec in REGISTRY["convolution"].parameters]
    return Preset(convolution, values, RATE)


def drawn(samples, channels=1):
    return np.random.default_rng(0).normal(0.0, 0.1, (channels, samples))


def test_a_measured_response_plays_what_the_board_plays(tmp_path):
    assert depth_db(measured(drawn(300)), tmp_path) <= -100.0


@pytest.mark.parametrize(
    ("samples", "sample_rate", "most"), [(4, RATE, 4), (300, RATE, 300), (300, 48_000, 276)]
)
def test_a_measured_response_has_as_many_taps_as_it_is_long(samples, sample_rate, most, tmp_path):
    (array,) = document(measured(drawn(samples), sample_rate), tmp_path)["config"]["layers"]
    assert 0.9 * most <= max(array["kernel_sizes"]) <= most
    assert array["head"]["kernel_size"] == 1


def test_a_measured_response_of_two_channels_is_refused(tmp_path):
    words = "convolution cannot be written as a .nam file: its impulse_response has 2 channels"
    assert_refused(measured(drawn(300, channels=2)), words, tmp_path)


ROOM = effect("reverb", room_size=0.1, damping=0.9)


@pytest.mark.parametrize("node", [ROOM, SUM, SERIES], ids=["room", "sum", "series"])
def test_rooms_sums_and_series_play_what_the_board_plays(node, tmp_path):
    assert depth_db(preset_of(node), tmp_path) <= -100.0


def test_a_sum_of_branches_is_one_wavenet_and_a_series_a_sequential(tmp_path):
    one = document(preset_of(SUM), tmp_path)
    (array,) = one["config"]["layers"]
    assert (one["architecture"], one["sample_rate"]) == ("WaveNet", RATE)
    assert array["bottleneck"] == 4  # three curves, and what has none is one branch
    assert {each["type"] for each in array["activation"]} == {"Tanh", "Hardtanh", "LeakyReLU"}
    (tmp_path / "a.nam").unlink()
    (tmp_path / "a.json").unlink()
    two = document(preset_of(SERIES), tmp_path)
    assert two["architecture"] == "Sequential"
    assert [each["architecture"] for each in two["config"]["models"]] == ["WaveNet"] * 2


def test_silence_stays_silence(tmp_path):
    made = played(preset_of(SERIES), np.zeros((1, 500), np.float32), tmp_path)
    assert np.abs(made).max() < 1e-6


@pytest.mark.parametrize(
    "routing",
    [
        Routing(((0.25,),), ((-2.0,),), (37,)),
        Routing(((0.5, 0.0), (0.0, 0.5)), ((3.0, 0.0), (0.0, 3.0)), (0, 0)),  # of both channels
    ],
    ids=["mono", "levels"],
)
def test_levels_polarity_and_latency_are_part_of_the_model(routing, tmp_path):
    assert depth_db(preset_of(SERIES, routing), tmp_path) <= -100.0


@pytest.mark.parametrize(
    "routing",
    [
        Routing(((0.5, 0.5),), ((1.0,), (1.0,)), (0, 0)),
        Routing(((1.0,),), ((1.0,),), (0,), (0.01,)),
    ],
    ids=["two channels", "a constant"],
)
def test_a_routing_of_more_is_refused(routing, tmp_path):
    assert_refused(preset_of(SUM, routing), "the routing of the channels", tmp_path)


def test_what_has_no_form_is_named_and_nothing_written(tmp_path):
    squeezed = preset_of({"chain": [effect("gain"), effect("compressor")]})
    assert_refused(squeezed, "chain[1] (compressor) cannot be written as a .nam file", tmp_path)


def test_a_recurrent_cell_is_refused(tmp_path):
    primitive = REGISTRY["recurrent_cell"]
    assert primitive.draw_assets is not None
    cell = Effect(primitive, primitive.draw_assets(np.random.default_rng(0)))
    preset = Preset(Chain((Effect(REGISTRY["gain"]), cell)), [0.0, 1.0], RATE)
    assert_refused(preset, "chain[1] (recurrent_cell) cannot be written", tmp_path)


@pytest.mark.parametrize("settings", [{"delay_seconds": 0.5, "feedback": 0.9, "mix": 0.5}, {}])
def test_a_long_response_is_refused(settings, tmp_path):
    words = "delay cannot be written as a .nam file: it rings for more than 2 s until −120 dB"
    assert_refused(preset_of(effect("delay", **settings)), words, tmp_path)


def test_drives_in_series_within_a_sum_are_refused(tmp_path):
    twice = branch(0.5, effect("distortion"), effect("clipping"))
    preset = preset_of({"chain": [effect("gain"), {"mix": [branch(1.0), twice]}]})
    assert_refused(preset, "chain[1].mix[1] (branch) cannot be written", tmp_path)


def test_another_ending_of_the_name_is_refused(tmp_path):
    done = exported(preset_of(SUM), tmp_path, "a.json2")
    assert done.exit_code == 2 and "names that end in .nam" in done.stderr


def assert_refused(preset, words, folder: Path):
    done = exported(preset, folder)
    assert done.exit_code == 2 and len(done.stderr.splitlines()) == 1, done.stderr
    assert words in done.stderr
    assert not (folder / "a.nam").exists()


def test_macros_stay_where_they_stand_and_it_is_said(tmp_path):
    done = exported(macro_preset.preset(), tmp_path)
    assert done.exit_code == 0 and "note: it plays the preset at blend=40" in done.stderr
