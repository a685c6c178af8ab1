"""Alignment: synthetic cases, and every real pair whose answer is known."""

import os
from dataclasses import replace

import numpy as np
import pedalboard
import pytest
from pedalboard import Delay, Pedalboard

from benchmarks.alignment_confidence import drawn_pair
from benchmarks.recorded_pairs import read_pairs
from fxchain.alignment.align import Alignment, align, apply_alignment
from fxchain.alignment.aligned_audio import AlignedAudio
from fxchain.alignment.fractional_delay import advanced
from fxchain.data.signals import plucked_strings
from fxchain.errors import MatchError
from fxchain.files.audio_input import read_audio

RATE = 44_100


@pytest.fixture(scope="module")
def dry() -> np.ndarray:
    """Four seconds of plucked strings, mono."""
    return np.atleast_2d(plucked_strings(4.0, RATE, seed=3)).astype(np.float32)[:1]


def shifted(audio: np.ndarray, lag: int) -> np.ndarray:
    """Return the audio, late by some samples (early when negative), at the same length."""
    result = np.zeros_like(audio)
    if lag >= 0:
        result[:, lag:] = audio[:, : audio.shape[1] - lag]
    else:
        result[:, :lag] = audio[:, -lag:]
    return result


BOARDS = {
    "nothing": [],
    "distortion": [pedalboard.Distortion(25)],
    "filters": [
        pedalboard.LowShelfFilter(200, 8, 0.7),
        pedalboard.PeakFilter(1500, -9, 2),
        pedalboard.HighShelfFilter(5000, -8, 0.7),
    ],
    "compressor": [pedalboard.Compressor(-35, 6, 5, 80)],
    "reverb": [pedalboard.Reverb(0.8, 0.3, 0.4, 0.3)],
    "loud echo": [pedalboard.Delay(0.25, 0.3, 0.65)],
    "all": [
        pedalboard.PeakFilter(900, 7, 1),
        pedalboard.Distortion(18),
        pedalboard.HighShelfFilter(4000, -6, 0.7),
        pedalboard.Compressor(-25, 4, 10, 120),
        pedalboard.Delay(0.31, 0.4, 0.4),
        pedalboard.Reverb(0.5, 0.5, 0.3, 0.4),
    ],
}


@pytest.mark.parametrize("lag, sign", [(0, 1), (1234, -1), (-2100, 1), (70_000, -1)])
@pytest.mark.parametrize("board", BOARDS)
def test_finds_lag_and_polarity(dry, board, lag, sign):
    rendered = pedalboard.Pedalboard(BOARDS[board])(dry, RATE)
    found = align(dry, sign * 0.1 * shifted(rendered, lag), RATE)
    assert abs(found.latency_samples - lag) <= 3
    assert found.polarity == sign
    assert found.confidence > 0.7


def test_an_echo_louder_than_the_direct_sound_is_a_rival(dry):
    wet = shifted(dry, 100) * np.float32(0.4) + shifted(dry, 9000)
    found = align(dry, wet, RATE)
    assert found.latency_samples == 100
    loudest = found.rivals[0]
    assert loudest.latency_samples == 9000
    assert loudest.height > 1


def test_a_faint_leak_is_not_the_direct_sound(dry):
    wet = np.tanh(5 * shifted(dry, 2000)) + np.float32(0.003) * dry
    assert abs(align(dry, wet, RATE).latency_samples - 2000) <= 1


def test_a_repeated_bar_is_not_an_echo(dry):
    loop = np.tile(dry[:, :40_000], (1, 4))
    found = align(loop, np.tanh(5 * shifted(loop, 300)).astype(np.float32), RATE)
    assert found.latency_samples == 300


def test_clicks_where_both_files_were_cut_do_not_count(dry):
    cut = dry + np.float32(0.5)
    wet = shifted(dry, 1500) + np.float32(0.5)
    assert align(cut, wet, RATE).latency_samples == 1500


def test_stereo_with_one_channel_inverted(dry):
    stereo = np.concatenate([dry, shifted(dry, 700)])
    wet = shifted(stereo, 55)
    wet[1] = -wet[1]
    found = align(stereo, wet, RATE)
    assert (found.latency_samples, found.polarity) == (55, 1)


@pytest.mark.parametrize("seed", range(5))
def test_the_direct_sound_does_not_cancel_where_a_room_differs(seed):
    """What comes later in the channels may be opposed by chance; the direct sound is not."""
    rng = np.random.default_rng([37, seed])
    mono, late = plucked_strings(6.0, RATE, seed + 70), int(rng.integers(0, 2_000))
    room = pedalboard.Reverb(
        rng.uniform(0.5, 0.9), rng.uniform(0.2, 0.6), rng.uniform(0.3, 0.6), 0.6, 1.0
    )
    stereo = np.repeat(mono, 2, axis=0)
    wet = shifted(np.asarray(room(stereo, RATE), np.float32), late)
    sign = np.float32(rng.choice([-1, 1]))
    wet[1] *= sign  # one channel may be wired the other way round
    found = align(stereo, wet, RATE)
    assert found.latency_samples == late and found.confidence > 0.9


def test_an_impulse_at_the_first_sample():
    dry = np.zeros((1, 20_000), np.float32)
    dry[0, 0] = 1
    wet = pedalboard.Pedalboard([pedalboard.Reverb(0.5)])(dry, RATE)
    assert align(dry, shifted(wet, 100), RATE).latency_samples == 100


def test_levels_do_not_matter(dry):
    for level in (1e-7, 1e4):
        found = align(dry, shifted(dry, 40) * np.float32(level), RATE)
        assert found.latency_samples == 40
        assert found.gain_db == pytest.approx(20 * np.log10(level), abs=0.5)


def test_long_recordings():
    """Beyond a minute the loudest stretch is looked at, and the lag still counts from the start."""
    rate = 16_000
    dry = np.atleast_2d(plucked_strings(4.0, rate, seed=1)).astype(np.float32)[:1]
    dry = np.pad(dry, ((0, 0), (100 * rate, 20 * rate)))
    assert align(dry, shifted(dry, 777), rate).latency_samples == 777
    assert align(dry, dry[:, 15 * rate :], rate).latency_samples == -15 * rate


def test_unrelated_recordings_give_low_confidence():
    rng = np.random.default_rng(0)
    first, second = rng.standard_normal((2, 1, 100_000)).astype(np.float32)
    assert align(first, second, RATE).confidence < 0.2
    assert align(first, shifted(first, 10), RATE).confidence > 0.95


def test_given_values_are_taken(dry):
    wet = -shifted(dry, 500)
    found = align(dry, wet, RATE, latency_samples=490)
    assert (found.latency_samples, found.polarity) == (490, -1)
    found = align(dry, wet, RATE, polarity=1)
    assert (found.latency_samples, found.polarity) == (500, 1)
    found = align(dry, wet, RATE, latency_samples=0, polarity=-1)
    assert (found.latency_samples, found.polarity) == (0, -1)


def test_late_wet_loses_its_first_samples():
    dry, wet = np.arange(1.0, 6)[None], np.arange(1.0, 8)[None]
    aligned = apply_alignment(dry, wet, Alignment(3, -1, 0, 1, 1))
    assert aligned.first_valid == 0
    np.testing.assert_array_equal(aligned.dry, [[1, 2, 3, 4]])
    np.testing.assert_array_equal(aligned.wet, [[4, 5, 6, 7]])


def test_early_wet_is_filled_up():
    dry, wet = np.arange(1.0, 6)[None], np.arange(1.0, 8)[None]
    aligned = apply_alignment(dry, wet, Alignment(-2, 1, 0, 1, 1))
    assert aligned.first_valid == 2
    np.testing.assert_array_equal(aligned.dry, [[1, 2, 3, 4, 5]])
    np.testing.assert_array_equal(aligned.wet, [[0, 0, 1, 2, 3]])
    assert isinstance(aligned, AlignedAudio)


def test_refusals(dry):
    with pytest.raises(MatchError, match="wet recording is silent"):
        align(dry, np.zeros_like(dry), RATE)
    with pytest.raises(MatchError, match="not finite"):
        align(dry * np.float32(np.nan), dry, RATE)
    with pytest.raises(MatchError, match="channel counts"):
        align(dry, np.concatenate([dry, dry]), RATE)
    with pytest.raises(MatchError, match="polarity"):
        align(dry, dry, RATE, polarity=0)
    with pytest.raises(MatchError, match="nothing in common"):
        align(dry, dry, RATE, latency_samples=dry.shape[1])
    with pytest.raises(MatchError, match="nothing in common"):
        apply_alignment(dry, dry, replace(align(dry, dry, RATE), latency_samples=-dry.shape[1]))


@pytest.mark.parametrize("share", [1.0, 0.8])
def test_every_real_pair_whose_answer_is_known(data_folder, share):
    wrong = []
    pairs = [pair for pair in read_pairs(data_folder) if pair.direct_lag_samples is not None]
    for pair in pairs:
        dry, wet = read_audio(pair.dry).samples, read_audio(pair.wet).samples
        channel = pair.dry_channel
        dry = dry.mean(0, keepdims=True) if channel is None else dry[channel : channel + 1]
        dry = np.repeat(dry, len(wet), axis=0)
        dry, wet = (part[:, : int(share * part.shape[1])] for part in (dry, wet))
        found = align(dry, wet, pair.sample_rate)
        if abs(found.latency_samples - pair.direct_lag_samples) > pair.lag_tolerance:
            wrong.append((pair.id, found.latency_samples, pair.direct_lag_samples))
        if pair.id == "coreaudioml-donner-flanger":
            assert found.polarity == -1
    assert len(pairs) >= 20
    assert not wrong, os.linesep.join(map(str, wrong))


def test_a_given_latency_may_be_part_of_a_sample(dry: np.ndarray) -> None:
    dry = np.apply_along_axis(np.convolve, 1, dry, np.hanning(9), mode="same")
    wet = advanced(shifted(dry, 20), -0.4)
    found = align(dry, wet, RATE, latency_samples=20.4)
    assert found.latency_samples == 20.4 and found.polarity == 1
    aligned = apply_alignment(dry, wet, found)
    inside = slice(100, -100)
    error = (aligned.wet - aligned.dry)[:, inside]
    assert np.sum(error**2) < 1e-6 * np.sum(aligned.dry[:, inside] ** 2)


@pytest.mark.parametrize("seed", range(4))
def test_the_direct_sound_is_found_before_louder_echoes(seed):
    rng = np.random.default_rng([34, seed])
    dry, late = plucked_strings(6.0, RATE, seed + 40), int(rng.integers(0, 2_000))
    echo = Delay(rng.uniform(0.1, 0.4), rng.uniform(0.3, 0.6), rng.uniform(0.75, 0.85))
    wet = np.asarray(Pedalboard([echo])(dry, RATE), np.float32)
    found = align(dry, shifted(wet, late), RATE)
    assert found.latency_samples == late and found.confidence > 0.9 and found.unheard is None


@pytest.mark.parametrize("seed", range(6))
def test_a_single_echo_that_is_nearly_all_wet_is_no_latency(seed):
    """Without further echoes nothing tells its spacing; a direct sound at -19 dB may be a leak."""
    rng = np.random.default_rng([36, seed])
    dry, late = plucked_strings(6.0, RATE, seed + 60), int(rng.integers(0, 2_000))
    mix = (0.8, 0.9)[seed % 2]
    wet = np.asarray(Delay(rng.uniform(0.06, 0.4), 0.0, mix)(dry, RATE), np.float32)
    found = align(dry, shifted(wet, late), RATE)
    if mix < 0.9:
        assert found.latency_samples == late and found.confidence > 0.9
    else:
        assert found.latency_samples == late or (found.unheard == late and found.confidence <= 0.5)


@pytest.mark.parametrize("seed", range(4))
def test_a_fully_wet_echo_is_doubted(seed):
    rng = np.random.default_rng([35, seed])
    dry, late = plucked_strings(6.0, RATE, seed + 50), int(rng.integers(0, 2_000))
    echo = Delay(rng.uniform(0.1, 0.4), rng.uniform(0.3, 0.6), 1.0)
    wet = np.asarray(Pedalboard([echo])(dry, RATE), np.float32)
    found = align(dry, shifted(wet, late), RATE)
    assert found.unheard == pytest.approx(late, abs=2) and found.confidence <= 0.5
    assert found.polarity == 1


def test_confidences_of_drawn_chains_are_shares_that_are_right():
    rows = []
    for seed in range(30):
        dry, wet, late, sign = drawn_pair(1_000 + seed)
        found = align(dry, wet, 16_000)
        near = abs(found.latency_samples - late) <= 8
        rows.append((found.confidence, near, found.polarity_confidence, found.polarity == sign))
    sure = [near for confidence, near, _, _ in rows if confidence >= 0.9]
    assert len(sure) >= 15 and all(sure)
    signs = [right for _, _, confidence, right in rows if confidence >= 0.9]
    assert len(signs) >= 15 and all(signs)
