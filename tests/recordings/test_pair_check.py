"""What is said of a pair that is none, and that nothing is said of pairs that are."""

from dataclasses import replace

import numpy as np
import pytest
import soundfile
import soxr

from benchmarks.recorded_pairs import read_pairs
from fxchain.data.presets import hidden_chain
from fxchain.data.signals import plucked_strings, white_noise
from fxchain.errors import MatchError
from fxchain.files.audio_input import read_audio
from fxchain.matching.match import match
from fxchain.matching.match_pairs import match_pairs
from fxchain.preset import Preset
from fxchain.recordings.aligned_pair import AlignedPair, align_pair
from fxchain.recordings.load_recording import checked
from fxchain.recordings.pair import comparable
from fxchain.recordings.pair_check import checked_pair, drift_corrected
from fxchain.render import render
from tests.recordings.reading import read_pair

RATE = 16_000
SUSPICIONS = ("unrelated", "swapped", "clock", "side is silent")


def strings(seconds: float = 6.0, seed: int = 0) -> np.ndarray:
    return plucked_strings(seconds, RATE, seed)


def through_a_chain(dry: np.ndarray, seed: int = 0) -> np.ndarray:
    stage, values = hidden_chain(np.random.default_rng(seed), RATE)
    return render(Preset(stage, values, RATE), dry, RATE)


def seen(dry: np.ndarray, wet: np.ndarray, **options: bool) -> AlignedPair:
    return checked_pair(align_pair(read_pair(dry, wet, RATE)), **options)


def said(prepared: AlignedPair) -> str:
    return " | ".join(prepared.warnings)


def test_unrelated_recordings_are_refused_with_figures():
    with pytest.raises(MatchError, match=r"unrelated.*\d% of the wet.*correlate by -?0\.\d\d"):
        seen(strings(seed=0), strings(seed=5))


def test_unrelated_recordings_are_taken_when_told():
    prepared = seen(strings(seed=0), strings(seed=5), anyway=True)
    assert "unrelated" in said(prepared)


def test_a_latency_longer_than_the_file_is_refused():
    dry = strings(12.0)
    with pytest.raises(MatchError, match=r"unrelated.*latency is not longer"):
        seen(dry[:, : 5 * RATE], dry[:, 6 * RATE :])


@pytest.mark.parametrize("seed", range(4))
def test_swapped_recordings_are_noticed(seed):
    dry = strings(seed=seed)
    wet = through_a_chain(dry, seed)
    assert "swapped: the levels of the wet spread" in said(seen(wet, dry))
    assert "swapped" not in said(seen(dry, wet))


def test_a_wet_that_begins_before_the_dry():
    dry = strings()
    wet = 0.7 * dry[:, 800:]
    assert "swapped: the wet begins 50 ms before the dry" in said(seen(dry, wet))


def slow(wet: np.ndarray, ppm: float) -> np.ndarray:
    return np.asarray(soxr.resample(wet.T, 1.0, 1.0 + 1e-6 * ppm, quality="VHQ").T, np.float32)


def test_a_drifting_clock_is_measured_and_can_be_corrected():
    dry = strings(12.0)
    wet = slow(through_a_chain(dry), 240.0)
    told = seen(dry, wet)
    assert "clock is 2" in said(told) and "--correct-drift" in said(told)
    assert told.condition["drift_ppm"] == pytest.approx(240.0, abs=8.0)
    pair, ppm = drift_corrected(read_pair(dry, wet, RATE))
    assert ppm == pytest.approx(240.0, abs=8.0)
    better = checked_pair(align_pair(pair), ppm)
    assert better.condition["drift_ppm"] is None
    assert better.condition["coherence"] > told.condition["coherence"] + 0.2
    assert "taken out" in said(better) and "--correct-drift" not in said(better)


@pytest.mark.parametrize(("seconds", "ppm"), [(5.0, -157.0), (5.0, 320.0), (12.0, 240.0)])
def test_a_correction_leaves_less_than_a_tenth_of_a_sample(seconds, ppm):
    dry = strings(seconds)
    _, found = drift_corrected(read_pair(dry, slow(through_a_chain(dry), ppm), RATE))
    assert abs(found - ppm) * 1e-6 * seconds * RATE < 0.1


def test_nothing_is_corrected_where_nothing_drifts():
    dry = strings()
    pair = read_pair(dry, through_a_chain(dry), RATE)
    same, ppm = drift_corrected(pair)
    assert same is pair and ppm == 0.0


@pytest.mark.parametrize("silent", [0, 1])
def test_a_silent_side_is_left_out(silent):
    dry = np.concatenate([strings(seed=0), strings(seed=1)])
    wet = 0.5 * dry
    wet[silent] = 0.0
    prepared = seen(dry, wet)
    side = ("left", "right")[silent]
    assert f"its {side} side is silent (digital silence)" in said(prepared)
    np.testing.assert_array_equal(prepared.dry[0], dry[1 - silent])
    assert prepared.wet.shape[0] == 1


def test_a_dry_with_one_silent_side_feeds_both():
    dry = np.concatenate([strings(), 1e-5 * white_noise(6.0, RATE)])
    wet = np.concatenate([strings(), strings() + 0.5 * strings(seed=1)])
    prepared = seen(dry, wet)
    assert "its right side is silent (peak -" in said(prepared)
    np.testing.assert_array_equal(prepared.dry[0], prepared.dry[1])


def test_a_clipped_wet_has_a_figure():
    wet = np.clip(8.0 * strings(), -1.0, 1.0)
    assert "% of its samples)" in said(seen(strings(), wet))


def test_it_is_said_before_the_search(tmp_path):
    dry, wet = strings(), 0.5 * strings()[:, 800:]
    events: list[str] = []
    match(
        dry,
        wet,
        RATE,
        chain="dynamics",
        iterations=1,
        notice=events.append,
        progress=lambda phase, *_: events.append(phase),
    )
    first = next(at for at, event in enumerate(events) if "swapped" in event)
    assert events[:first].count("scoring") == 0 and events[:2] == ["compiling", "aligning"]
    assert set(events[2:first]) <= {sentence for sentence in events if " " in sentence}


def test_of_several_pairs_the_wrong_one_is_named(tmp_path):
    for name, audio in {"a": strings(), "b": strings(seed=5)}.items():
        soundfile.write(tmp_path / f"{name}.wav", audio.T, RATE, subtype="FLOAT")
    a, b = tmp_path / "a.wav", tmp_path / "b.wav"
    with pytest.raises(MatchError, match="pair b: dry and wet seem to be unrelated"):
        match_pairs([(a, a), (a, b)], iterations=1)


def test_real_pairs_are_all_accepted_without_a_word(data_folder):
    accused = {}
    for pair in read_pairs(data_folder):
        dry, wet = (checked(read_audio(path)) for path in (pair.dry, pair.wet))
        if pair.dry_channel is not None:
            dry = replace(dry, samples=dry.samples[pair.dry_channel : pair.dry_channel + 1])
        prepared = checked_pair(align_pair(comparable(dry, wet)))
        if any(word in said(prepared) for word in SUSPICIONS):
            accused[pair.id] = said(prepared)
    assert not accused
