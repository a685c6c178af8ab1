"""Which channels of a pair are compared, and what the preset's routing makes of them."""

from functools import partial

import numpy as np
import pedalboard as pb
import pytest
import soxr

from fxchain.alignment import drift_removed
from fxchain.alignment.align import align
from fxchain.data.signals import plucked_strings
from fxchain.errors import MatchError
from fxchain.files.audio_input import Audio
from fxchain.preset.routing import describe
from fxchain.recordings import channel_plan
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
def test_a_channel_that_is_another_for_a_fifth_of_the_time_is_no_copy(seed):
    dry = strings(seed)
    wet = np.stack([device(dry)] * 2)
    wet[1, 2 * RATE : 3 * RATE] = dry[2 * RATE : 3 * RATE]
    assert read_pair(dry, wet, RATE).wet.samples.shape[0] == 2


def tilted(audio: np.ndarray, seed: int) -> np.ndarray:
    """Return what an equalizer of a few bands makes of a channel."""
    random = np.random.default_rng(seed)
    bands = [
        pb.PeakFilter(float(np.geomspace(120, 5_000, 4)[at]), float(gain), 1.0)
        for at, gain in enumerate(random.choice([-1, 1], 4) * random.uniform(3, 9, 4))
    ]
    return np.asarray(pb.Pedalboard(bands)(audio, RATE), np.float32)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("left", ["DI", "amp"])
def test_channels_of_different_devices_are_said_and_matched_by_themselves(left, seed):
    dry, (delay, factor) = strings(seed), drawn(seed)
    one = dry if left == "DI" else tilted(device(dry), seed + 10)
    other = np.float32(factor) * late(tilted(device(dry), seed), delay)
    wet = np.stack([one, other])
    said = " ".join(read_pair(dry, wet, RATE).warnings)
    assert "different devices" in said and "--wet-channel 1" in said
    (alone,) = read_pair_sources([PairSource(dry, wet, wet_channel=1)], RATE)
    np.testing.assert_allclose(alone.wet.samples[0], other, atol=1e-6)
    assert "different devices" not in " ".join(alone.warnings)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("width", [0.3, 1.0])
def test_a_stereo_room_is_one_device(width, seed):
    dry = strings(seed) if seed % 2 else drums(seed)
    room = pb.Reverb(0.2 + 0.2 * seed, wet_level=0.1 + 0.1 * seed, dry_level=0.5, width=width)
    wet = room(np.stack([device(dry)] * 2), RATE)
    pair = read_pair(dry, np.stack([wet[0], late(wet[1], 40 * seed)]), RATE)
    assert pair.wet.samples.shape[0] == 2 and "devices" not in " ".join(pair.warnings)


BESIDE_A_DI = {
    "compressor": [pb.Compressor(-35, 10, 2, 80)],
    "fuzz": [pb.HighpassFilter(90), pb.Distortion(40)],
    "echo": [pb.Delay(0.3, 0.3, 0.4)],
    "room": [pb.Reverb(0.5)],
}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", sorted(BESIDE_A_DI))
def test_a_di_beside_what_no_filter_makes_of_it_is_another_device(name, seed):
    dry = strings(seed)
    wet = np.stack([dry, np.asarray(pb.Pedalboard(BESIDE_A_DI[name])(dry, RATE), np.float32)])
    assert read_pair(dry, wet, RATE).separate_devices
    room = pb.Pedalboard([*BESIDE_A_DI[name], pb.Reverb(0.1 + 0.2 * seed, wet_level=0.2)])
    assert not read_pair(dry, room(np.stack([dry] * 2), RATE), RATE).separate_devices


def test_a_wet_channel_that_is_not_there_is_refused():
    with pytest.raises(MatchError, match="there is no channel 2"):
        read_pair_sources([PairSource(strings(0), strings(0), wet_channel=2)], RATE)


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
def test_exchanged_channels_are_found_though_one_leaks_into_the_other(seed):
    rng = np.random.default_rng([42, seed])
    dry = np.stack([strings(seed), drums(seed)])
    leaking = int(rng.integers(2))
    heard = dry.copy()
    heard[leaking] += np.float32(rng.uniform(0.2, 0.4)) * dry[1 - leaking]
    wet = np.stack([device(each) for each in heard])
    pair = read_pair(dry, wet[::-1], RATE)
    assert pair.routing.inputs == ((0.0, 1.0), (1.0, 0.0))
    assert read_pair(dry, wet, RATE).routing.is_plain


@pytest.mark.parametrize("seed", SEEDS)
def test_exchanged_channels_are_found_though_the_clock_drifts(seed):
    rng = np.random.default_rng([43, seed])
    dry = np.stack([strings(seed), drums(seed)])
    wet = np.stack([device(each) for each in dry])
    ppm = rng.choice([-1, 1]) * rng.uniform(200.0, 600.0)
    slow = soxr.resample(wet.T, 1.0, 1.0 + 1e-6 * ppm, "VHQ").T.astype(np.float32)
    assert read_pair(dry, slow[::-1], RATE).routing.inputs == ((0.0, 1.0), (1.0, 0.0))
    assert read_pair(dry, slow, RATE).routing.inputs == ((1.0, 0.0), (0.0, 1.0))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("cutoff_hz", [4_000.0, 4_120.0])
def test_a_low_pass_sets_no_channel_apart(cutoff_hz, seed):
    """About half a sample late behind it, which is 0 or 1 as what is played on a channel is."""
    random = np.random.default_rng([61, seed])
    dry = np.stack([strings(seed), drums(seed)])
    board = pb.Pedalboard([pb.LowpassFilter(cutoff_hz), pb.Distortion(9)])
    wet = np.asarray(board(dry, RATE), np.float32)
    assert read_pair(dry, wet, RATE).routing.is_plain
    delay = int(random.integers(10, 100))
    wet[1] = late(wet[1], delay)
    assert read_pair(dry, wet, RATE).routing.delays_samples == (0, delay)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_clock_that_drifts_sets_no_channel_apart(seed):
    rng = np.random.default_rng([44, seed])
    # Where the left one ends, the right one begins: the drift gives them other lags.
    dry = np.stack([np.pad(strings(seed), (0, 5 * RATE)), np.pad(drums(seed), (5 * RATE, 0))])
    apart = int(rng.choice([0, *rng.integers(-200, 200, 2)]))
    wet = np.stack([device(each) for each in dry])
    wet = np.pad(wet, ((0, 0), (200, 200)))
    wet[1] = np.roll(wet[1], apart)
    ppm = rng.choice([-1, 1]) * rng.uniform(300.0, 600.0)
    slow = soxr.resample(wet.T, 1.0, 1.0 + 1e-6 * ppm, "VHQ").T.astype(np.float32)
    left, right = read_pair(dry, slow, RATE).routing.delays_samples
    assert right - left == pytest.approx(apart, abs=1)


def test_a_constant_offset_between_channels_is_aligned_once(monkeypatch):
    dry = np.stack([strings(1), drums(1)])
    wet = np.stack([device(each) for each in dry])
    wet[1] = np.roll(wet[1], 30)
    aligned = []
    for module in (channel_plan, drift_removed):
        counted = partial(counted_align, aligned)
        monkeypatch.setattr(module, "align", counted)
    plan = channel_plan.plan_channels(Audio(dry, RATE, "dry.wav"), Audio(wet, RATE, "wet.wav"))
    assert plan.routing.delays_samples == (0, 30)
    assert len(aligned) == 2  # each channel


def counted_align(aligned, *arguments, **options):
    aligned.append(arguments)
    return align(*arguments, **options)


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
