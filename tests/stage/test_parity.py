"""Whole chains and mixes against pedalboard."""

import numpy as np
import pedalboard
import pytest
import torch

from benchmarks.null_depths import null_depth_db, null_of
from fxchain.data.presets import hidden_chain, random_stage, random_values
from fxchain.data.signals import white_noise
from fxchain.errors import ExportError
from fxchain.player import Playback
from fxchain.primitives import REGISTRY
from fxchain.stage import Chain, Effect, Mix, Stage

BOUND_DB = -70.0


def effect(kind: str) -> Effect:
    return Effect(REGISTRY[kind])


def play(stage: Stage, values: list[float], audio: np.ndarray, rate: int = 44_100) -> np.ndarray:
    row = torch.tensor([values], dtype=torch.float64)
    return stage.process(torch.from_numpy(audio)[None], Playback(float(rate)), row)[0].numpy()


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("rate", [44_100, 96_000])
def test_random_chains_of_ten_stages_null(seed: int, rate: int) -> None:
    rng = np.random.default_rng(seed)
    stage = random_stage(rng, 10, twins_only=True)
    values = random_values(stage, rng, rate)
    audio = white_noise(1.5, rate, seed=seed, channels=1 + seed % 2)
    assert null_of(stage, values, audio, rate) <= BOUND_DB


@pytest.mark.parametrize("seed", range(6))
def test_hidden_chains_null(seed: int) -> None:
    chain, values = hidden_chain(np.random.default_rng(seed))
    assert null_of(chain, values, white_noise(2.0, 44_100, seed=seed), 44_100) <= BOUND_DB


def test_nested_mixes_with_signed_weights_null() -> None:
    inner = Mix((Chain((effect("peak_filter"), effect("distortion"))), effect("gain")))
    stage = Mix((inner, Chain((effect("delay"), inner)), Chain()))
    rng = np.random.default_rng(0)
    for channels in (1, 2):
        for _ in range(5):
            values = random_values(stage, rng)
            audio = white_noise(1.0, 44_100, channels=channels)
            assert null_of(stage, values, audio, 44_100) <= BOUND_DB


def test_a_mix_is_pedalboards_mix_of_gains() -> None:
    stage = Mix((effect("highpass_filter"), effect("distortion")))
    audio = white_noise(0.5, 44_100, channels=2)
    board = pedalboard.Mix(
        [
            pedalboard.Chain([pedalboard.HighpassFilter(500.0), pedalboard.Gain(6.0)]),
            pedalboard.Chain(
                [pedalboard.Distortion(12.0), pedalboard.Gain(-6.0), pedalboard.Invert()]
            ),
        ]
    )
    made = play(stage, [10**0.3, 500.0, -(10**-0.3), 12.0], audio)
    assert null_depth_db(board(audio, 44_100), made) <= -120.0


def test_a_weight_of_zero_is_silence() -> None:
    audio = white_noise(0.2, 44_100)
    assert not play(Mix((Chain(),)), [0.0], audio).any()
    board = Mix((Chain(),)).plugin(Playback(44_100.0), np.array([0.0]))
    assert np.abs(board(audio, 44_100)).max() < 1e-10


def test_an_empty_chain_does_nothing() -> None:
    audio = white_noise(0.2, 44_100, channels=2)
    np.testing.assert_array_equal(play(Chain(), [], audio), audio)
    np.testing.assert_array_equal(play(Chain((Chain(), Chain())), [], audio), audio)


def test_a_chain_in_a_chain_is_one_chain() -> None:
    parts = (effect("distortion"), effect("low_shelf_filter"), effect("delay"), effect("gain"))
    flat, nested = Chain(parts), Chain((Chain(parts[:1]), Chain((Chain(parts[1:3]), parts[3]))))
    values = random_values(flat, np.random.default_rng(0)).tolist()
    audio = white_noise(0.5, 44_100)
    np.testing.assert_array_equal(play(flat, values, audio), play(nested, values, audio))
    assert [s.spec.name for s in flat.slots()] == [s.spec.name for s in nested.slots()]
    assert nested.slots()[-1].path == "chain[1].chain[1]"


def test_a_batch_of_values_is_played_item_by_item() -> None:
    rng = np.random.default_rng(5)
    stage = random_stage(rng, 8)
    rows = torch.from_numpy(np.stack([random_values(stage, rng) for _ in range(3)]))
    audio = torch.from_numpy(white_noise(0.3, 44_100, channels=2))[None]
    together = stage.process(audio, Playback(44_100.0), rows)
    for item in range(3):
        alone = stage.process(audio, Playback(44_100.0), rows[item : item + 1])
        torch.testing.assert_close(together[item : item + 1], alone, rtol=0.0, atol=0.0)


def test_a_stage_that_pedalboard_cannot_play_is_named() -> None:
    stage = Chain((effect("gain"), Mix((Chain((effect("waveshaper"),)),))))
    with pytest.raises(ExportError, match=r"chain\[1\]\.mix\[0\]\.chain\[0\] \(waveshaper\)"):
        stage.plugin(Playback(44_100.0), np.array([0.0, 1.0, 6.0, 0.0]))
