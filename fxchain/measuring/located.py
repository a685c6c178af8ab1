"""Which sweep signal a recording holds, where, and at what clock; or why it holds none."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from fxchain.errors import AudioError
from fxchain.files.audio_input import Audio
from fxchain.measuring.marker import LEAST_EQUALITY, MARKER_SAMPLES, Place, distance, find_places
from fxchain.measuring.sweep import (
    END_SECONDS,
    LONGEST_SECONDS,
    SHORTEST_SECONDS,
    SweepSignal,
    marker_distance,
)

#: The largest drift that is recognized, parts per million.
MOST_PPM = 2_000.0
#: Sample rates that recorders have, Hz.
_RATES = (16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 88_200, 96_000, 176_400, 192_000)
#: A marker at another sample rate is recognized by this likeness.
_CERTAIN = 0.5
#: So many samples in a row at full scale are clipped.
_CLIPPED_RUN, _FULL_SCALE = 4, 0.999


@dataclass(frozen=True)
class Located:
    """A sweep signal in a recording.

    Attributes:
        signal: what was played
        start: where its first sample lies by its markers, samples of the recording
        drift_ppm: parts per million by which the recording is longer than what was played
    """

    signal: SweepSignal
    start: float
    drift_ppm: float


def locate(recording: np.ndarray, audio: Audio) -> Located:
    """Find the markers of a sweep signal.

    Args:
        recording: (samples,)
        audio: what it was taken from, for its name and rate

    Raises:
        AudioError: the recording is clipped, cut off, of another sample rate, or its markers are
            lost.
    """
    name, rate = audio.name, audio.sample_rate
    count = clipped_samples(recording)
    if count:
        raise AudioError(
            f"{name}: clipped, {count} samples lie at full scale; record it again at a lower level"
        )
    places = find_places(recording)
    found = _pair(recording, places, rate)
    if found is not None:
        return found
    _refuse_other_rate(recording, audio)
    if not places or places[0].likeness < _CERTAIN:
        raise AudioError(
            f"{name}: the marker of a sweep is lost: the chirp before and behind the sweeps is not "
            "found; play the whole file that fxchain measure sweep wrote, louder, and record it "
            "from its beginning to its end"
        )
    start = places[0].start
    if len(recording) - start > len(recording) / 2:
        raise AudioError(
            f"{name}: cut off, the marker behind the sweeps is missing; record until "
            f"{END_SECONDS:g} s after the last sound"
        )
    raise AudioError(
        f"{name}: the marker before the sweeps is lost; start the recorder before the player"
    )


def clipped_samples(recording: np.ndarray) -> int:
    """Return how many samples lie in runs of equal ones at full scale."""
    top = np.abs(recording).max()
    if not _FULL_SCALE <= top <= 1.0:  # floating-point files hold what is beyond
        return 0
    at_top = np.concatenate([[0], (np.abs(recording) >= top).astype(np.int8), [0]])
    edges = np.flatnonzero(np.diff(at_top))
    lengths = edges[1::2] - edges[::2]
    return int(lengths[lengths >= _CLIPPED_RUN].sum())


def _pair(recording: np.ndarray, places: list[Place], rate: int) -> Located | None:
    """Return the signal whose markers are two of these places, the most alike first."""
    best: tuple[float, Located] | None = None
    for one, other in combinations(places, 2):
        first, second = sorted((one.start, other.start))
        seconds = _seconds(second - first, rate)
        if seconds is None:
            continue
        apart, equality = distance(recording, first, second)
        if equality < LEAST_EQUALITY or (best is not None and equality <= best[0]):
            continue
        signal = SweepSignal(rate, seconds)
        drift = apart / marker_distance(rate, seconds) - 1.0
        start = first - signal.marker_starts[0] * (1.0 + drift)
        best = equality, Located(signal, start, 1e6 * drift)
    return None if best is None else best[1]


def _seconds(apart: int, rate: int) -> int | None:
    """Return how long each sweep between two markers is, whole s; None where they fit none."""
    shortest, next_one = (marker_distance(rate, SHORTEST_SECONDS + more) for more in (0, 1))
    seconds = SHORTEST_SECONDS + round((apart - shortest) / (next_one - shortest))
    if not SHORTEST_SECONDS <= seconds <= LONGEST_SECONDS:
        return None
    expected = marker_distance(rate, seconds)
    near = abs(apart - expected) <= 1e-6 * MOST_PPM * expected + 2
    return seconds if near else None


def _refuse_other_rate(recording: np.ndarray, audio: Audio) -> None:
    """Refuse a sweep that was made for another sample rate."""
    found = []
    for rate in _RATES:
        size = MARKER_SAMPLES * audio.sample_rate / rate
        if rate == audio.sample_rate or size > len(recording):
            continue
        places = find_places(recording, audio.sample_rate / rate)
        if places:
            found.append((places[0].likeness, rate))
    if found and max(found)[0] >= _CERTAIN:
        rate = max(found)[1]
        raise AudioError(
            f"{audio.name}: the sweep was made for {rate} Hz, and the recording has "
            f"{audio.sample_rate} Hz; record at {rate} Hz, or make a sweep with --sample-rate "
            f"{audio.sample_rate}"
        )
