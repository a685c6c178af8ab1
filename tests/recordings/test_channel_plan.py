"""Which channels of a pair are compared, and what the preset's routing makes of them."""

import numpy as np
import pytest

from fxchain.data.signals import plucked_strings
from fxchain.errors import MatchError
from fxchain.preset.routing import describe
from fxchain.recordings.pair_source import PairSource
from fxchain.recordings.several_pairs import read_pair_sources
from tests.recordings.reading import read_pair

RATE = 16_000
SEEDS = (0, 1, 2, 3)


def strings(seed: int, seconds: float = 5.0) -> np.ndarray:
    return plucked_strings(seconds, RATE, seed)[0]


def drums(seed: int) -> np.ndarray:
    """Return bursts of noise of 5 s."""
    random = np.random.default_rng(seed)
    decay = np.exp(-np.arange(RATE // 4) / (0.03 * RATE))
    bursts = [
        random.uniform(0.2, 0.8) * decay * random.uniform(-1, 1, len(decay)) for _ in range(20)
    ]
    return np.concatenate(bursts).astype(np.float32)


def device(audio: np.ndarray) -> np.ndarray:
    """Return what a drive and a slight filter make of a channel."""
    driven = np.tanh(6.0 * audio)
    return (0.6 * driven - 0.3 * np.pad(driven, (3, 0))[:-3]).astype(np.float32)


def late(audio: np.ndarray, samples: int) -> np.ndarray:
    return np.pad(audio, (samples, 0))[: len(audio)]


def drawn(seed: int) -> tuple[int, float]:
    """Return a delay in samples, and a factor that may invert."""
    random = np.random.default_rng(seed)
    return int(random.integers(1, 200)), float(random.choice([-1, 1]) * random.uniform(0.3, 2.0))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_copy_is_compared_once_and_played_twice(seed):
    dry, (delay, factor) = strings(seed), drawn(seed)
    wet = np.stack([device(dry), np.float32(factor) * late(device(dry), delay)])
    pair = read_pair(dry, wet, RATE)
    assert pair.dry.samples.shape[0] == pair.wet.samples.shape[0] == 1
    assert pair.routing.delays_samples == (0, delay)
    assert pair.routing.outputs[1][0] == pytest.approx(factor, rel=1e-4)
    np.testing.assert_allclose(pair.routing.output(pair.wet.samples), wet, atol=1e-5)
    assert f"its right channel is the left one, {delay} samples" in " ".join(pair.warnings)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_copy_that_jumps_is_one(seed):
    """What is lost reaches a late copy later, so that the two differ there."""
    dry, (delay, factor) = strings(seed), drawn(seed)
    wet = np.stack([device(dry), np.float32(factor) * late(device(dry), delay)])
    wet = np.concatenate([wet[:, : 2 * RATE], wet[:, 2 * RATE + 200 + 30 * seed :]], axis=1)
    pair = read_pair(dry, wet, RATE)
    assert pair.wet.samples.shape[0] == 1 and pair.routing.delays_samples == (0, delay)
    assert pair.routing.outputs[1][0] == pytest.approx(factor, rel=1e-4)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_channel_that_is_another_for_a_tenth_of_the_time_is_no_copy(seed):
    dry = strings(seed)
    wet = np.stack([device(dry)] * 2)
    wet[1, 2 * RATE : 2 * RATE + RATE // 2] = dry[2 * RATE : 2 * RATE + RATE // 2]
    assert read_pair(dry, wet, RATE).wet.samples.shape[0] == 2


def test_equal_channels_are_compared_once():
    dry = strings(0)
    pair = read_pair(dry, np.stack([device(dry)] * 2), RATE)
    assert pair.wet.samples.shape[0] == 1 and pair.routing.outputs == ((1.0,), (1.0,))


@pytest.mark.parametrize("seed", SEEDS)
def test_channels_that_differ_have_their_own_latency_and_polarity(seed):
    dry, (delay, factor) = strings(seed), drawn(seed)
    sign = np.float32(np.sign(factor))
    noise = 3e-3 * np.random.default_rng(seed).normal(size=(2, len(dry))).astype(np.float32)
    wet = np.stack([late(device(dry), delay), sign * device(dry)]) + noise
    pair = read_pair(dry, wet, RATE)
    assert pair.routing.delays_samples == (delay, 0)
    assert pair.routing.outputs == ((1.0, 0.0), (0.0, float(sign)))
    left, right = pair.wet.samples
    assert np.corrcoef(left, right)[0, 1] > 0.99
    assert f"{delay} samples" in " ".join(pair.warnings)


@pytest.mark.parametrize("seed", SEEDS)
def test_exchanged_channels_are_put_back(seed):
    dry = np.stack([strings(seed), drums(seed)])
    wet = np.stack([device(each) for each in dry])
    pair = read_pair(dry, wet[::-1], RATE)
    assert pair.routing.inputs == ((0.0, 1.0), (1.0, 0.0))
    np.testing.assert_array_equal(pair.dry.samples, dry[::-1])
    assert "left and right channels of the wet are exchanged" in " ".join(pair.warnings)
    straight = read_pair(dry, wet, RATE)
    assert straight.routing.is_plain and not straight.warnings


@pytest.mark.parametrize("seed", SEEDS)
def test_the_side_that_was_heard_is_used(seed):
    dry = np.stack([strings(seed), drums(seed)])
    side = seed % 2
    pair = read_pair(dry, device(dry[side]), RATE)
    np.testing.assert_array_equal(pair.dry.samples, dry[side : side + 1])
    assert f"its {('left', 'right')[side]} side alone" in " ".join(pair.warnings)
    both = read_pair(dry, device(dry.mean(axis=0)), RATE)
    assert both.routing.inputs == ((0.5, 0.5),)


def test_both_sides_of_a_wet_of_one_side_of_the_dry():
    dry = np.stack([strings(0), drums(0)])
    heard = device(dry[0])
    wet = np.stack([heard, heard + 0.3 * late(np.tanh(3.0 * heard), 900)]).astype(np.float32)
    pair = read_pair(dry, wet, RATE)
    assert pair.routing.inputs == ((1.0, 0.0), (1.0, 0.0))


def test_a_chosen_channel_is_part_of_the_routing():
    dry = np.stack([strings(0), drums(0)])
    pair = read_pair(dry, device(dry[1]), RATE, dry_channel=1)
    assert pair.routing.inputs == ((0.0, 1.0),)
    assert describe(pair.routing) == ["chain 1 hears input 2", "output 1: chain 1"]


def test_several_pairs_keep_their_channels():
    dry = strings(0)
    sources = [PairSource(dry, np.stack([device(dry)] * 2), id=name) for name in "ab"]
    assert all(pair.wet.samples.shape[0] == 2 for pair in read_pair_sources(sources, RATE))


def test_a_dry_that_cancels_is_refused_in_words():
    with pytest.raises(MatchError, match="silent when its two channels are mixed"):
        read_pair(np.stack([strings(0), -strings(0)]), device(strings(0)), RATE)
