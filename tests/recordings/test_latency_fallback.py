"""Latencies that do not stand out."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.signal import fftconvolve

from fxchain.alignment.align import Alignment, align
from fxchain.recordings.aligned_pair import align_pair
from fxchain.recordings.latency_fallback import latency_or_fallback
from tests.known_pair import RATE
from tests.recordings.reading import read_pair


def _spring(seed: int = 0) -> np.ndarray:
    """Return a response without a direct sound: dense from the first sample, its peak late."""
    rng = np.random.default_rng(seed)
    rising = np.minimum(np.arange(30_000) / 600.0, 1.0)
    return rng.standard_normal(30_000) * rising * np.geomspace(1.0, 1e-3, 30_000)


def _notes() -> np.ndarray:
    rng = np.random.default_rng(1)
    dry = 0.01 * rng.standard_normal((1, 2 * RATE))
    for begin in range(0, 2 * RATE, RATE // 3):
        struck = rng.standard_normal(RATE // 3) * np.geomspace(1.0, 1e-3, RATE // 3)
        dry[0, begin : begin + RATE // 3] += struck[: 2 * RATE - begin]
    return dry.astype(np.float32)


def _guess(latency: int) -> Alignment:
    return Alignment(latency, 1, 0.0, confidence=0.2, polarity_confidence=0.5)


def test_a_guess_is_dropped_where_the_recordings_as_they_lie_explain_as_much() -> None:
    dry = _notes()
    wet = fftconvolve(dry, _spring()[None], axes=-1)[:, : dry.shape[-1]].astype(np.float32)
    settled = latency_or_fallback(dry, wet, RATE, _guess(900))
    assert settled.latency_samples == 0
    assert settled.confidence == 0.2
    assert latency_or_fallback(dry, wet, RATE, _guess(900), polarity=-1).polarity == -1


def test_a_guess_is_kept_where_it_explains_more() -> None:
    dry = _notes()
    wet = np.zeros_like(dry)
    wet[:, : -RATE // 2] = dry[:, RATE // 2 :]  # the wet began later: no filter can look ahead
    assert latency_or_fallback(dry, wet, RATE, _guess(-RATE // 2)).latency_samples == -RATE // 2


@pytest.mark.parametrize("confidence", [0.3, 0.45])
def test_a_lag_that_is_right_more_often_than_one_time_in_four_is_kept(confidence: float) -> None:
    """A filter of a second contains a delay: what is dropped would always explain as much."""
    dry = _notes()
    wet = fftconvolve(dry, _spring()[None], axes=-1)[:, : dry.shape[-1]].astype(np.float32)
    found = replace(_guess(900), confidence=confidence)
    assert latency_or_fallback(dry, wet, RATE, found) is found


def test_what_stands_out_is_not_questioned() -> None:
    dry = _notes()
    wet = np.roll(dry, 500, axis=1)
    found = align(dry, wet, RATE)
    assert found.latency_samples == 500
    assert latency_or_fallback(dry, wet, RATE, found) is found


def test_the_user_is_told() -> None:
    rng = np.random.default_rng(3)
    dry = _notes()
    wet = fftconvolve(dry, rng.standard_normal((1, 2 * RATE)), axes=-1)[:, : 2 * RATE]
    pair = read_pair(dry, 0.01 * wet.astype(np.float32), RATE)
    prepared = align_pair(pair)
    assert prepared.alignment.confidence < 0.5
    assert any(
        "latency" in doubt and "--latency-samples" in doubt for doubt in prepared.alignment_warnings
    )
