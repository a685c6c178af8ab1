"""Routings: which channels go into a chain and come out of it, at what level and when."""

import json

import numpy as np
import pytest

from fxchain.data.signals import white_noise
from fxchain.errors import ExportError, PresetError
from fxchain.player import Routing, play
from fxchain.preset import Preset
from fxchain.primitives import get_primitive
from fxchain.stage import Effect

RATE = 16_000
LATE = Routing(((2.0,),), ((1.0,), (-0.5,)), (0, 30))
DRIVE = Preset(Effect(get_primitive("distortion")), np.array([12.0]), RATE)
NOISE = white_noise(1.0, RATE, channels=2)


def routed(routing: Routing) -> Preset:
    return Preset(DRIVE.stage, DRIVE.values, RATE, {}, routing)


def driven(audio: np.ndarray) -> np.ndarray:
    return np.tanh(audio * np.float32(10 ** (12 / 20)))


@pytest.mark.parametrize("size", [64, 1000, 16_000])
def test_blocks_of_any_size_give_the_same(size):
    mono = NOISE[:1]
    blocks = (mono[:, start : start + size] for start in range(0, RATE, size))
    played = np.concatenate(list(play(routed(LATE).board(RATE), blocks, RATE)), axis=1)
    wanted = driven(2.0 * mono)[0]
    np.testing.assert_allclose(played[0], wanted, atol=1e-5)
    np.testing.assert_allclose(played[1], -0.5 * np.pad(wanted, (30, 0))[:RATE], atol=1e-5)


def test_delays_follow_the_sample_rate():
    board = routed(LATE).board(2 * RATE)
    played = board(NOISE[:1], 2 * RATE)
    assert not played[1, :60].any() and played[1, 60] != 0.0


@pytest.mark.parametrize(
    ("inputs", "outputs", "wanted"),
    [
        (((0.0, 1.0), (1.0, 0.0)), ((1.0, 0.0), (0.0, 1.0)), NOISE[::-1]),
        (((0.0, 1.0),), ((1.0,),), NOISE[1:]),
        (((0.5, 0.5),), ((1.0,), (1.0,)), np.stack([NOISE.mean(axis=0)] * 2)),
        (((1.0,),), ((1.0,), (1.0,)), NOISE),
        (((1.0,),), ((1.0,),), NOISE),
    ],
)
def test_what_a_stereo_recording_becomes(inputs, outputs, wanted):
    board = routed(Routing(inputs, outputs, (0,) * len(outputs))).board(RATE)
    np.testing.assert_allclose(board(NOISE, RATE), driven(wanted), atol=1e-5)


def test_a_mono_recording_is_heard_by_every_input():
    board = routed(Routing(((0.0, 1.0), (1.0, 0.0)), ((1.0, 0.0), (0.0, 1.0)), (0, 0))).board(RATE)
    np.testing.assert_allclose(board(NOISE[:1], RATE), driven(NOISE[[0, 0]]), atol=1e-5)


def test_the_file_holds_the_routing():
    preset = routed(LATE)
    again = Preset.from_json(preset.to_json())
    assert again.routing == LATE and again.to_json() == preset.to_json()
    assert "routing" not in json.loads(DRIVE.to_json())


def test_a_routing_that_changes_nothing_is_none():
    assert routed(Routing(((1.0,),), ((1.0,),), (0,))).routing is None


def test_a_pedalboard_cannot_route():
    with pytest.raises(ExportError, match="routes channels"):
        routed(LATE).to_pedalboard(RATE)


@pytest.mark.parametrize("channels", [1, 2])
def test_levels_alone_are_gains_of_a_pedalboard(channels):
    eye = np.eye(channels)
    levels = Routing(
        tuple(map(tuple, 400.0 * eye)), tuple(map(tuple, 0.002 * eye)), (0,) * channels
    )
    audio = NOISE[:channels] * np.float32(1e-3)
    board = routed(levels).to_pedalboard(RATE)
    np.testing.assert_allclose(
        board(audio, RATE), routed(levels).board(RATE)(audio, RATE), atol=1e-8
    )
    np.testing.assert_allclose(board(audio, RATE), 0.002 * driven(400.0 * audio), atol=1e-7)


@pytest.mark.parametrize(
    "field",
    [
        {"inputs": [[1.0]], "outputs": [[1.0, 1.0]], "delays_samples": [0]},
        {"inputs": [], "outputs": [], "delays_samples": []},
        {"inputs": [[1.0]], "outputs": [[1.0]], "delays_samples": [-1]},
        {"inputs": [[1.0]], "outputs": [[1.0]], "delays_samples": [0.5]},
        {"inputs": [["a"]], "outputs": [[1.0]], "delays_samples": [0]},
        {"inputs": [[1.0]], "outputs": [[1.0]]},
    ],
)
def test_what_makes_no_sense_is_refused(field):
    document = {**json.loads(DRIVE.to_json()), "routing": field}
    with pytest.raises(PresetError, match="routing"):
        Preset.from_json(json.dumps(document))


def test_constants_of_the_recording_are_taken_out_by_every_player():
    constants = tuple(np.random.default_rng(5).uniform(-0.3, 0.3, 2).tolist())
    eye = ((1.0, 0.0), (0.0, 1.0))
    preset = routed(Routing(eye, eye, (0, 0), constants))
    assert Preset.from_json(preset.to_json()).routing == preset.routing
    script: dict = {"__name__": "board"}
    exec(preset.to_python(), script)
    audio = NOISE + np.float32(constants)[:, None]
    for board in (preset.board(RATE), script["build"](RATE)):
        np.testing.assert_allclose(board(audio, RATE), driven(NOISE), atol=1e-5)
    with pytest.raises(ExportError, match="routes channels"):
        preset.to_pedalboard(RATE)
