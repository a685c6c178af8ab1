"""The figures of a benchmark, computed on the same samples for every method."""

import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from scipy.signal import lfilter

from fxchain.benchmarking.fitted import Player
from fxchain.metrics.scores import esr, score
from fxchain.recordings.aligned_pair import AlignedPair

#: p of the filter y[n] = x[n] − p · x[n − 1] before the pre-emphasised ESR.
PRE_EMPHASIS = 0.95
#: Snapshots are played from this long before the scored part, s: longer than any receptive field.
WARM_UP_SECONDS = 1.0
#: The length of audio that the speed is measured on, s.
SPEED_SECONDS = 10.0

Figures = dict[str, float]


def part_figures(prepared: AlignedPair, played: np.ndarray) -> dict[str, Figures | None]:
    """Score a method's output on the fitted and the held-out part.

    Args:
        prepared: the aligned pair
        played: (channels, samples), the whole dry through the method

    Returns:
        `fitted` and `held_out` (None without one): esr, pre_emphasised_esr, mr_stft and
        loudness_error_db
    """
    spans = {"fitted": prepared.fitted, "held_out": prepared.held_out}
    wet = prepared.wet
    sharp = [lfilter([1.0, -PRE_EMPHASIS], 1.0, audio) for audio in (wet, played)]
    figures: dict[str, Figures | None] = {}
    for name, span in spans.items():
        if span is None:
            figures[name] = None
            continue
        part = slice(*span)
        scores = asdict(score(wet[:, part], played[:, part], prepared.problem.sample_rate))
        scores["pre_emphasised_esr"] = esr(*(audio[:, part] for audio in sharp))
        figures[name] = scores
    return figures


def judged(figures: Mapping[str, Any]) -> Figures:
    """Return the figures of the held-out part where there is one, else of the fitted one."""
    return figures["held_out"] or figures["fitted"]


def quick_esr(play: Player, prepared: AlignedPair) -> float:
    """Return the ESR on the held-out part, played from `WARM_UP_SECONDS` before it."""
    start, end = prepared.held_out or prepared.fitted
    begin = max(0, start - round(WARM_UP_SECONDS * prepared.problem.sample_rate))
    played = play(prepared.dry[:, begin:end])
    return esr(prepared.wet[:, start:end], played[:, start - begin :])


def times_real_time(play: Player, dry: np.ndarray, sample_rate: int) -> float:
    """Return how many seconds of audio a method plays in a second.

    Args:
        play: the method; it should have been called once before, so that it is loaded
        dry: (channels, samples), repeated as needed
        sample_rate: Hz
    """
    length = round(SPEED_SECONDS * sample_rate)
    audio = np.tile(dry, -(-length // dry.shape[1]))[:, :length]
    began = time.perf_counter()
    play(audio)
    return SPEED_SECONDS / (time.perf_counter() - began)
