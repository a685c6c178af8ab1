"""The marker before and behind the sweeps: a chirp that tells where they are, and how fast.

Its length and its frequencies are counted in samples: at another sample rate it sounds otherwise.
"""

from dataclasses import dataclass

import numpy as np
import scipy.fft
from scipy.signal import fftconvolve

MARKER_SAMPLES = 8_192
#: Its first and last frequency, of the sample rate.
_FIRST, _LAST = 0.004, 0.2
_FADE_SAMPLES = 512
#: A chirp that filters have changed still correlates by so much with the one that was played, and
#: its two copies in a recording with each other by so much.
LEAST_LIKENESS, LEAST_EQUALITY = 0.2, 0.8
#: What is compared of each copy, with its reverberation and what lies before it, samples.
_BEFORE, _BEHIND = 512, 4_096
#: So many of the best places are looked at.
_PLACES = 12


def marker(ratio: float = 1.0) -> np.ndarray:
    """Return the chirp with a peak of 1, (samples,), at a ratio of another sample rate to its own.

    Args:
        ratio: 1 gives `MARKER_SAMPLES`
    """
    at = np.arange(round(MARKER_SAMPLES * ratio)) / ratio
    turns = _FIRST * at + (_LAST - _FIRST) * np.square(at) / (2.0 * MARKER_SAMPLES)
    nearest_end = np.minimum(at, at[-1] - at)
    fade = np.sin(0.5 * np.pi * np.clip(nearest_end / _FADE_SAMPLES, 0.0, 1.0))
    return np.sin(2.0 * np.pi * turns) * np.square(fade)


@dataclass(frozen=True)
class Place:
    """Where something like the marker begins in a recording.

    Attributes:
        start: samples
        likeness: correlation with the marker relative to the energies, 0 to 1
    """

    start: int
    likeness: float


def find_places(recording: np.ndarray, ratio: float = 1.0) -> list[Place]:
    """Return where a recording is most like the marker, the most alike first.

    Args:
        recording: (samples,)
        ratio: of the recording's sample rate to that of the marker
    """
    shape = marker(ratio)
    size = len(shape)
    if len(recording) < size:
        return []
    products = fftconvolve(recording, shape[::-1], mode="valid")
    energy = np.concatenate([[0.0], np.cumsum(np.square(recording))])
    local = np.maximum(energy[size:] - energy[:-size], 1e-9 * energy[-1] + 1e-30)
    likeness = np.abs(products) / np.sqrt(local * np.square(shape).sum())
    found = []
    for _ in range(_PLACES):
        start = int(np.argmax(likeness))
        if likeness[start] < LEAST_LIKENESS:
            break
        found.append(Place(start, float(likeness[start])))
        likeness[max(0, start - size) : start + size] = 0.0
    return found


def distance(recording: np.ndarray, first: int, second: int) -> tuple[float, float]:
    """Return how far two copies of the marker are apart, to a fraction of a sample.

    Both went through the same device, so that they are compared with each other.

    Args:
        recording: (samples,)
        first: where about one begins
        second: where about the other does

    Returns:
        samples, and how equal they are: their correlation relative to the energies
    """
    parts = [_cut(recording, start) for start in (first, second)]
    size = scipy.fft.next_fast_len(2 * len(parts[0]), real=True)
    spectra = [scipy.fft.rfft(part, size) for part in parts]
    cross = spectra[1] * spectra[0].conj()
    products = scipy.fft.irfft(cross, size)
    reach = _BEFORE
    near = np.concatenate([products[-reach:], products[: reach + 1]])
    top = int(np.argmax(near))
    energies = [np.square(part).sum() for part in parts]
    equality = float(near[top] / np.sqrt(max(energies[0] * energies[1], 1e-30)))
    shift = _refined(cross, top - reach, size)
    return second - first + shift, equality


def _cut(recording: np.ndarray, start: int) -> np.ndarray:
    """Return a copy of the marker and what surrounds it, faded at both ends, without a constant."""
    begin, end = start - _BEFORE, start + MARKER_SAMPLES + _BEHIND
    part = recording[max(0, begin) : end]
    part = np.pad(part, (max(0, -begin), max(0, end - len(recording))))
    edge = np.minimum(1.0, np.minimum(np.arange(len(part)), np.arange(len(part))[::-1]) / _BEFORE)
    return (part - part.mean()) * edge


def _refined(cross: np.ndarray, lag: int, size: int) -> float:
    """Return where a correlation has its maximum near a lag, by Newton's method on its spectrum."""
    turns = 2.0 * np.pi * np.arange(len(cross)) / size
    at = float(lag)
    for _ in range(8):
        turned = cross * np.exp(1j * turns * at)
        slope = -float(np.sum(turns * turned.imag))
        curvature = -float(np.sum(np.square(turns) * turned.real))
        if curvature >= 0.0:
            break
        at -= float(np.clip(slope / curvature, -0.5, 0.5))
    return at
