"""Pairs that lost samples, began at other times, or say a wrong sample rate."""

import json
import re

import numpy as np
import pedalboard as pb
import pytest
import soxr

from fxchain.alignment.align import Alignment
from fxchain.alignment.sounding_span import sounding_span
from fxchain.data.signals import plucked_strings
from fxchain.files.audio_input import from_array
from fxchain.matching.match import match
from fxchain.recordings.aligned_pair import AlignedPair, align_pair, with_latency
from fxchain.recordings.header_rate import RateFound, find_rate, with_right_rates
from fxchain.recordings.pair_check import LEAST_COHERENCE, LEAST_PATTERN, checked_pair
from tests.recordings.reading import read_pair

RATE = 16_000


def strings(seed: int = 0, seconds: float = 6.0) -> np.ndarray:
    return plucked_strings(seconds, RATE, seed)


def driven(dry: np.ndarray) -> np.ndarray:
    board = pb.Pedalboard([pb.Distortion(18), pb.PeakFilter(900, 5, 0.8), pb.Gain(-8)])
    return np.asarray(board(dry, RATE), np.float32)


def hiss(samples: int, level: float, seed: int = 0) -> np.ndarray:
    return (level * np.random.default_rng(seed).normal(size=(1, samples))).astype(np.float32)


def seen(dry: np.ndarray, wet: np.ndarray) -> AlignedPair:
    return checked_pair(align_pair(read_pair(dry, wet, RATE)))


def said(prepared: AlignedPair) -> str:
    return " | ".join(prepared.warnings)


def known_error(pair: AlignedPair, wet: np.ndarray) -> float:
    """Return the largest difference from an undamaged wet where the pair's is known."""
    known = np.ones(pair.wet.shape[1], bool)
    for begin, end in pair.gaps:
        known[begin:end] = False
    return float(np.abs(pair.wet - wet[:, : pair.wet.shape[1]])[:, known].max())


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("lost", [300, -180])
def test_each_piece_gets_its_own_latency(seed, lost):
    rng = np.random.default_rng([28, seed])
    dry = strings(seed)
    wet = driven(dry)
    late, at = int(rng.integers(0, 500)), int(rng.integers(24_000, 72_000))
    file = np.pad(np.concatenate([wet[:, :at], wet[:, at + lost :]], axis=1), ((0, 0), (late, 0)))
    pair = seen(dry, file)
    assert pair.alignment.latency_samples == late
    place = re.search(rf"{abs(lost)} samples .* at (\d+\.\d+) s", said(pair))
    assert place is not None and float(place[1]) == pytest.approx((late + at) / RATE, abs=0.05)
    assert known_error(pair, wet) == 0.0
    missing = sum(end - begin for begin, end in pair.gaps)
    assert max(lost, 0) <= missing <= 0.1 * RATE + max(lost, 0)
    assert pair.problem.gaps == tuple(g for g in pair.gaps if g[0] < pair.fitted[1])
    moved = with_latency(pair, pair.alignment.latency_samples + 0.25, True)
    assert moved.gaps == pair.gaps


def test_gaps_are_neither_fitted_nor_scored(tmp_path):
    dry = strings(4, 8.0)
    file = np.float32(0.5) * dry
    damaged = np.concatenate([file[:, :50_000], file[:, 50_300:]], axis=1)
    damaged[:, 20_000:20_400] = 0.0
    damaged[:, 112_000:112_400] = 0.0  # in the held-out part
    chain = tmp_path / "gain.json"
    chain.write_text(json.dumps({"chain": [{"primitive": "gain"}]}))
    found = match(dry, damaged, RATE, chain=str(chain), iterations=3)
    text = " ".join(found.metrics["warnings"])
    assert "300 samples" in text and "2 dropouts" in text
    for part in ("fitted", "held_out"):
        assert found.metrics[part]["esr"] < 1e-9
        assert found.metrics["baselines"]["best_gain"][part]["esr"] < 1e-9


def test_clean_pairs_stay_as_they_are():
    dry = strings(7)
    pair = seen(dry, driven(dry))
    assert pair.gaps == () and pair.warnings == () and pair.read.offset == pair.read.begin == 0


@pytest.mark.parametrize("seed", range(3))
def test_a_recorder_that_ran_before_the_player(seed):
    rng = np.random.default_rng([29, seed])
    dry = strings(seed)
    before, after = int(rng.integers(3 * RATE, 40 * RATE)), int(rng.integers(0, 4 * RATE))
    wet = np.pad(driven(dry), ((0, 0), (before, after)))
    wet += hiss(wet.shape[1], 10.0 ** rng.uniform(-5, -3), seed)
    for start in range(0, 3):  # a count-in
        wet[:, start * RATE // 2 : start * RATE // 2 + 60] += 0.3
    pair = seen(dry, wet)
    assert pair.alignment.latency_samples == before and pair.alignment.polarity == 1
    assert pair.held_out == (76_800, 96_000) and pair.alignment.confidence > 0.9
    assert f"about {before / RATE:.1f} s before the dry" in said(pair)


@pytest.mark.parametrize("seed", range(3))
def test_a_player_that_ran_before_the_recorder(seed):
    rng = np.random.default_rng([30, seed])
    before = int(rng.integers(3 * RATE, 10 * RATE))
    take = strings(seed, 7.0)
    dry = np.pad(take, ((0, 0), (before, RATE)))
    pair = seen(dry, driven(take))
    assert pair.alignment.latency_samples == -before
    assert pair.fitted[0] >= before and pair.held_out is not None
    assert "swapped" not in said(pair)
    assert np.array_equal(pair.wet[:, before : before + 1000], driven(take)[:, :1000])


@pytest.mark.parametrize("wait", [4.0, 10.0, *np.random.default_rng(31).uniform(3.0, 25.0, 3)])
def test_a_long_wait_in_both_files(wait):
    before = round(wait * RATE)
    dry = np.pad(strings(9, 5.0), ((0, 0), (before, 0)))
    wet = driven(dry) + hiss(dry.shape[1], 3e-4)
    dry += hiss(dry.shape[1], 1e-5, 1)
    pair = seen(dry, wet)
    assert pair.alignment.latency_samples == 0
    assert before - RATE < pair.fitted[0] < before
    assert pair.held_out == (
        before + 5 * RATE - round(0.2 * (5 * RATE + before - pair.fitted[0])),
        before + 5 * RATE,
    )
    assert "nothing sounds in the first" in said(pair)


def test_a_latency_that_is_given_holds_for_the_file():
    dry = strings(2)
    wet = np.pad(driven(dry), ((0, 0), (5 * RATE, 0)))
    (found,) = [align_pair(read_pair(dry, wet, RATE, latency_samples=5 * RATE), 5 * RATE)]
    assert isinstance(found.alignment, Alignment)
    assert found.alignment.latency_samples == 5 * RATE and found.fitted[0] == 0
    assert np.array_equal(found.wet, driven(dry))


@pytest.mark.parametrize(
    ("says", "is_really", "side"),
    [
        (44_100, 48_000, "wet"),
        (48_000, 44_100, "dry"),
        (44_100, 88_200, "wet"),
        (48_000, 32_000, "dry"),
    ],
)
def test_a_wrong_rate_in_a_header(says, is_really, side):
    seed = says // 100 + is_really // 1000
    dry = plucked_strings(6.0, 44_100, seed)
    board = pb.Pedalboard([pb.Distortion(20), pb.Reverb(0.3)])
    wet = np.pad(np.asarray(board(dry, 44_100), np.float32), ((0, 0), (500, 0)))
    right = {"dry": dry, "wet": wet}
    made = {name: from_array(audio, 44_100, name) for name, audio in right.items()}
    wrong = soxr.resample(right[side].T, 44_100, is_really, quality="VHQ").T
    made[side] = from_array(np.asarray(wrong, np.float32), says, side)
    found = find_rate(made["dry"], made["wet"])
    assert found is not None
    first, second, sentences = with_right_rates(made["dry"], made["wet"])
    speed = first.length / first.sample_rate / (second.length / second.sample_rate)
    assert speed == pytest.approx(dry.shape[1] / wet.shape[1], abs=1e-3)
    assert f"{says} Hz" in sentences[0] or "header says 44100 Hz" in sentences[0]


@pytest.mark.parametrize("seed", range(4))
def test_a_wrong_rate_is_found_behind_a_long_wait(seed):
    rng = np.random.default_rng([33, seed])
    dry = plucked_strings(5.0, 44_100, seed)
    wet = np.asarray(pb.Reverb(0.6, wet_level=0.5)(dry, 44_100), np.float32)
    wait = round(rng.uniform(3.0, 12.0) * 44_100)
    made = [np.pad(audio, ((0, 0), (wait, 0))) for audio in (dry, wet)]
    made = [audio + 3e-5 * rng.normal(size=audio.shape) for audio in made]
    wrong = soxr.resample(made[1].T, 44_100, 48_000, quality="VHQ").T
    first, second = (from_array(audio.astype(np.float32), 44_100) for audio in (made[0], wrong))
    assert find_rate(first, second) == RateFound("wet", 48_000)
    assert find_rate(first, from_array(made[1].astype(np.float32), 44_100)) is None


def test_a_span_of_sound_is_that_between_silences():
    made = np.pad(strings(2, 3.0), ((0, 0), (RATE, RATE // 2))) + hiss(9 * RATE // 2, 1e-5)
    begin, end = sounding_span(made, RATE)
    assert 0 <= begin - RATE < 0.1 * RATE and abs(end - 4 * RATE) <= 0.1 * RATE
    assert sounding_span(np.zeros((1, 100), np.float32), RATE) == (0, 100)
    assert sounding_span(np.zeros((1, RATE), np.float32), RATE) == (0, RATE)


def test_rates_that_are_right_stay():
    dry = plucked_strings(6.0, 44_100, 3)
    board = pb.Pedalboard([pb.Distortion(40), pb.Chorus(), pb.Reverb(0.5)])
    wet = from_array(np.asarray(board(dry, 44_100), np.float32), 44_100)
    assert find_rate(from_array(dry, 44_100), wet) is None
    for seed in range(3):
        other = from_array(plucked_strings(6.0, 44_100, seed + 70), 44_100)
        assert find_rate(from_array(dry, 44_100), other) is None
    assert RateFound("wet", 48_000) == RateFound("wet", 48_000)


@pytest.mark.parametrize("seed", range(4))
def test_a_gate_is_no_exchange_of_the_files(seed):
    rng = np.random.default_rng([31, seed])
    dry = strings(seed, 8.0) + hiss(8 * RATE, 2e-3, seed)
    gate = pb.NoiseGate(rng.uniform(-38, -24), rng.uniform(4, 20), 1, rng.uniform(20, 100))
    board = pb.Pedalboard([gate, *([pb.Distortion(15)] if seed % 2 else [])])
    wet = np.asarray(board(dry, RATE), np.float32)
    assert "swapped" not in said(seen(dry, wet))


@pytest.mark.parametrize("seed", range(4))
def test_a_gate_is_named(seed):
    rng = np.random.default_rng([32, seed])
    dry = strings(seed, 8.0) + hiss(8 * RATE, 2e-3, seed)
    gate = pb.NoiseGate(rng.uniform(-38, -24), rng.uniform(4, 20), 1, rng.uniform(20, 100))
    wet = np.asarray(pb.Pedalboard([gate])(dry, RATE), np.float32)
    assert "noise gate" in said(seen(dry, wet))


@pytest.mark.parametrize("seed", range(4))
def test_a_pair_that_is_nearly_all_echo_is_no_unrelated_one(seed):
    rng = np.random.default_rng([34, seed])
    dry = strings(seed)
    echo = pb.Delay(rng.uniform(0.15, 0.4), rng.uniform(0.1, 0.4), 0.8)
    wet = np.asarray(pb.Pedalboard([pb.HighpassFilter(80), echo])(dry, RATE), np.float32)
    wet = np.pad(wet, ((0, 0), (int(rng.integers(0, 300)), 0)))
    pair = seen(dry, wet)
    assert "unrelated" not in said(pair)
    shared = pair.condition
    assert shared["coherence"] >= LEAST_COHERENCE or shared["pattern_correlation"] >= LEAST_PATTERN


def test_rivals_are_lags_of_the_recording_as_its_latency():
    dry = strings(3)
    wet = np.asarray(pb.Delay(0.3, 0.0, 0.5)(dry, RATE), np.float32)
    pair = seen(dry, np.pad(wet, ((0, 0), (5 * RATE, 0))))
    assert pair.alignment.latency_samples == 5 * RATE
    loudest = pair.alignment.rivals[0].latency_samples
    assert loudest == pytest.approx(5 * RATE + 0.3 * RATE, abs=2)


@pytest.mark.parametrize("seed", range(4))
def test_a_dropout_is_found_beside_a_constant(seed):
    rng = np.random.default_rng([35, seed])
    dry = strings(seed)
    wet = driven(dry)
    constant = np.float32(rng.choice([-1, 1]) * rng.uniform(0.02, 0.4) * np.abs(wet).max())
    at, size = int(rng.integers(20_000, 60_000)), int(rng.uniform(0.01, 0.03) * RATE)
    file = wet + constant
    file[:, at : at + size] = 0.0
    pair = seen(dry, file)
    assert "a constant of" in said(pair) and "a dropout" in said(pair)
    assert known_error(pair, wet) < 1e-3 * np.abs(wet).max()
