"""Two recordings become an aligned pair with a held-out part."""

import numpy as np
import pytest
import soundfile

from fxchain.data.signals import plucked_strings, sweep, white_noise
from fxchain.errors import AudioError, MatchError
from fxchain.recordings.aligned_pair import align_pair
from fxchain.recordings.held_out_split import split
from tests.recordings.reading import read_pair

RATE = 16_000


def strings(seconds=6.0, seed=0, rate=RATE):
    return plucked_strings(seconds, rate, seed)


def late(audio, samples):
    """Return the audio late by so many samples, or early where that is negative."""
    if samples < 0:
        return audio[:, -samples:]
    return np.pad(audio, ((0, 0), (samples, 0)))


def test_the_last_fifth_is_held_out():
    pair = read_pair(strings(), 0.5 * strings(), RATE)
    assert pair.split.fitted == 76_800 and pair.split.held_out == (76_800, 96_000)
    assert pair.warnings == ()
    prepared = align_pair(pair)
    assert prepared.problem.dry.shape == prepared.problem.wet.shape == (1, 76_800)
    assert prepared.fitted == (0, 76_800) and prepared.held_out == (76_800, 96_000)


def test_a_short_pair_is_not_split_and_says_so():
    pair = read_pair(strings(4.0), strings(4.0), RATE)
    assert pair.split.held_out is None and pair.split.fitted == 64_000
    assert any("nothing is held out" in sentence for sentence in pair.warnings)


def test_the_held_out_part_moves_away_from_silence():
    dry = strings(10.0)
    dry[:, 120_000:] = 0.0  # the last quarter
    wet = 0.5 * dry
    parts = read_pair(dry, wet, RATE).split
    assert parts.moved and parts.held_out is not None
    start, end = parts.held_out
    assert end - start == 32_000 and start < 120_000 and parts.fitted == start
    assert np.square(wet[:, start:end]).mean() > 1e-4 * np.square(wet[:, :start]).mean()


@pytest.mark.parametrize("seconds", [6.0, 7.3, 8.9])
def test_the_end_of_a_sweep_with_a_silent_tail_is_held_out(seconds):
    dry = np.pad(sweep(seconds, RATE), ((0, 0), (0, round((10.0 - seconds) * RATE))))
    parts = split(dry, 0.3 * dry, RATE)
    assert parts.held_out is not None
    start, end = parts.held_out
    assert end - start == 32_000 and abs(end - seconds * RATE) <= 0.05 * RATE
    assert parts.fitted == start


def test_a_pair_with_sound_at_its_start_alone_is_not_split():
    dry = 1e-6 * white_noise(10.0, RATE)
    dry[:, :16_000] = strings(1.0)
    assert split(dry, dry, RATE).held_out is None


@pytest.mark.parametrize("lag", [0, 37, -250, 4_000])
@pytest.mark.parametrize("polarity", [1, -1])
def test_latency_and_polarity(lag, polarity):
    dry = strings()
    prepared = align_pair(read_pair(dry, polarity * 0.5 * late(dry, lag), RATE))
    assert prepared.alignment.latency_samples == lag
    assert prepared.problem.polarity == polarity
    for part in (prepared.fitted, prepared.held_out):
        start, end = part
        assert end - start > RATE / 2
        np.testing.assert_allclose(
            prepared.wet[:, start:end], polarity * 0.5 * dry[:, start:end], atol=1e-7
        )
    assert prepared.problem.first_valid == max(0, -lag) == prepared.fitted[0]


def test_nothing_of_the_held_out_part_is_seen():
    dry, wet = strings(), 0.5 * late(strings(), 100)
    other_dry, other_wet = dry.copy(), wet.copy()
    other_dry[:, 76_800:] = white_noise(1.2, RATE, seed=1)
    other_wet[:, 76_800:96_000] = white_noise(1.2, RATE, seed=2)
    one, other = (
        align_pair(read_pair(*pair, RATE)) for pair in [(dry, wet), (other_dry, other_wet)]
    )
    assert one.alignment == other.alignment
    np.testing.assert_array_equal(one.problem.dry, other.problem.dry)
    np.testing.assert_array_equal(one.problem.wet, other.problem.wet)


def test_what_was_given_is_not_searched():
    pair = read_pair(strings(), strings(), RATE)
    prepared = align_pair(pair, latency_samples=12, polarity=-1)
    assert prepared.alignment.latency_samples == 12 and prepared.problem.polarity == -1


def test_another_sample_rate(tmp_path):
    soundfile.write(tmp_path / "dry.wav", strings().T, RATE, subtype="FLOAT")
    soundfile.write(tmp_path / "wet.wav", strings(rate=24_000).T, 24_000, subtype="FLOAT")
    pair = read_pair(tmp_path / "dry.wav", tmp_path / "wet.wav")
    assert pair.dry.sample_rate == pair.wet.sample_rate == RATE
    assert pair.wet.length == pair.dry.length
    assert any("resampled from 24000 to 16000 Hz" in sentence for sentence in pair.warnings)


def test_a_mono_dry_for_a_stereo_wet():
    wet = np.concatenate([strings(), strings() + 0.5 * strings(seed=1)])
    pair = read_pair(strings(), wet, RATE)
    assert pair.dry.samples.shape == (2, 96_000)
    np.testing.assert_array_equal(pair.dry.samples[0], pair.dry.samples[1])
    assert any("used for both channels" in sentence for sentence in pair.warnings)


def test_a_stereo_dry_for_a_mono_wet():
    dry = np.concatenate([strings(), 0.5 * strings()])
    pair = read_pair(dry, strings(), RATE)
    np.testing.assert_allclose(pair.dry.samples, 0.75 * strings(), atol=1e-6)
    assert any("mixed to mono" in sentence for sentence in pair.warnings)


def test_a_stereo_dry_that_cancels():
    dry = np.concatenate([strings(), -strings()])
    with pytest.raises(MatchError, match="mixed to mono"):
        read_pair(dry, strings(), RATE)


@pytest.mark.parametrize("longer", ["dry", "wet"])
def test_other_lengths(longer):
    lengths = {"dry": 5.0, "wet": 5.0, longer: 7.0}
    noise = white_noise(7.0, RATE)
    dry, wet = (noise[:, : int(lengths[side] * RATE)] for side in ("dry", "wet"))
    pair = read_pair(dry, wet, RATE)
    assert pair.split.held_out == (64_000, 80_000)
    assert any(f"the {longer} array: 2.00 s longer" in sentence for sentence in pair.warnings)
    prepared = align_pair(pair)
    assert prepared.held_out == (64_000, 80_000)
    assert prepared.dry.shape[1] == dry.shape[1]


def test_a_wet_cut_off_at_full_scale():
    wet = np.clip(8.0 * strings(), -1.0, 1.0)
    assert any("cut off at full scale" in s for s in read_pair(strings(), wet, RATE).warnings)
    assert read_pair(wet, strings(), RATE).warnings == ()


@pytest.mark.parametrize("seed", range(4))
def test_what_goes_beyond_full_scale_is_not_cut_off_there(seed):
    rng = np.random.default_rng([40, seed])
    limit = np.float32(rng.uniform(1.1, 40_000.0))
    driven = np.clip(limit * np.float32(rng.uniform(4.0, 20.0)) * strings(), -limit, limit)
    pair = read_pair(strings(), driven, RATE)
    assert not pair.cut_off and not any("cut off" in said for said in pair.warnings)


@pytest.mark.parametrize("seed", range(4))
def test_a_constant_hides_no_full_scale(seed):
    rng = np.random.default_rng([41, seed])
    cut = np.clip(np.float32(rng.uniform(6.0, 20.0)) * strings(), -1.0, 1.0)
    constant = np.float32(rng.choice([-1, 1]) * rng.uniform(0.02, 0.4))
    behind = read_pair(strings(), cut + constant, RATE)
    before = read_pair(strings(), np.clip(cut + constant, -1.0, 1.0), RATE)
    assert behind.cut_off and before.cut_off


def test_a_latency_that_leaves_too_little():
    pair = read_pair(strings(), strings(), RATE)
    with pytest.raises(MatchError, match="latency"):
        align_pair(pair, latency_samples=76_000)


@pytest.mark.parametrize(
    ("audio", "error", "reason"),
    [
        (np.zeros((1, RATE), np.float32), MatchError, "silent"),
        (np.full((1, RATE), 1e-5, np.float32), MatchError, "silent"),
        (0.1 * np.ones((1, RATE // 4), np.float32), MatchError, "too short"),
        (np.full((1, RATE), np.nan, np.float32), AudioError, "not finite"),
        (np.zeros((1, 0), np.float32), AudioError, "no samples"),
        (np.zeros((3, RATE), np.float32), AudioError, "3 channels"),
        (np.zeros(RATE, np.int16), AudioError, "not floats"),
    ],
)
@pytest.mark.parametrize("side", ["dry", "wet"])
def test_a_side_that_cannot_be_matched_is_named(audio, error, reason, side):
    pair = {"dry": strings(1.0), "wet": strings(1.0), side: audio}
    with pytest.raises(error, match=f"the {side} array: .*{reason}"):
        read_pair(pair["dry"], pair["wet"], RATE)


def test_a_file_is_named_by_its_path(tmp_path):
    silent = tmp_path / "silent.wav"
    soundfile.write(silent, np.zeros(RATE), RATE)
    with pytest.raises(MatchError, match=r"silent\.wav: silent"):
        read_pair(silent, silent)


def test_an_array_needs_a_sample_rate():
    with pytest.raises(MatchError, match="say its sample rate"):
        read_pair(strings(1.0), strings(1.0))
