"""A short stretch at another lag is left out before the search, or said behind it."""

from dataclasses import replace

import numpy as np
import pedalboard as pb
import pytest

from fxchain.data.signals import plucked_strings
from fxchain.matching.pair_report import displaced_warnings
from fxchain.recordings.pair_source import PairSource
from fxchain.recordings.several_pairs import AlignedPairs, align_pairs, read_pair_sources

RATE = 44_100
DEVICES = {
    "drive": lambda: [pb.HighpassFilter(120), pb.Distortion(35), pb.LowpassFilter(6_000)],
    "echo": lambda: [pb.Distortion(10), pb.Delay(0.21, 0.3, 0.4)],
    "chorus": lambda: [pb.Chorus(1.5, 0.3, 9.0, 0.2, 0.4)],
}


def played(dry: np.ndarray, device: str) -> np.ndarray:
    return np.asarray(pb.Pedalboard(DEVICES[device]())(dry, RATE), np.float32)


def aligned(dry: np.ndarray, wet: np.ndarray) -> AlignedPairs:
    sources = (PairSource(dry, wet),)
    return align_pairs(sources, read_pair_sources(sources, RATE))


@pytest.mark.parametrize("seed", range(4))
def test_a_stretch_that_a_filter_does_not_tell_is_said(seed):
    rng = np.random.default_rng([51, seed])
    dry = plucked_strings(5.0, RATE, seed)
    right = played(dry, "drive")
    apart = int(rng.choice([-1, 1]) * rng.integers(200, 900))
    begin = int(rng.uniform(0.5, 3.0) * RATE)
    end = begin + int(rng.uniform(0.15, 0.25) * RATE)
    wet = right.copy()
    wet[:, begin:end] = np.roll(right, apart, axis=1)[:, begin:end]
    pairs = aligned(dry, wet)
    (pair,) = pairs.pairs
    unmended = replace(pairs, pairs=(replace(pair, gaps=()),))
    (sentence,) = displaced_warnings(unmended, [right])
    assert "jumps for a moment" in sentence
    named = [float(word) for word in sentence.split() if word.replace(".", "").isdigit()]
    assert named == pytest.approx([begin / RATE, end / RATE], abs=0.03)
    known = replace(pairs, pairs=(replace(pair, gaps=((begin, end),)),))
    assert displaced_warnings(known, [right]) == []


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("device", DEVICES)
def test_nothing_is_said_of_a_pair_that_was_not_found_exactly(device, seed):
    dry = plucked_strings(5.0, RATE, 10 + seed)
    pairs = aligned(dry, played(dry, device))
    for found in (dry, played(dry, "drive"), played(dry, "echo"), played(dry, "chorus")):
        assert displaced_warnings(pairs, [found]) == []
