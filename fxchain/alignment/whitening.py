"""Recordings without their colour and level: equal power in every band and at every moment."""

import numpy as np
import scipy.fft
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from fxchain.alignment.loudest_stretch import loudest_stretch

Array = NDArray[np.float32]

# Whitening: bands this wide, Hz, raised to at most this far below the loudest (power).
_BAND_HZ = 100.0
BAND_FLOOR = 1e-4
# Levelling over time: a mean over this long, s, raised to at most this far below it (power).
_LEVEL_SECONDS = 0.05
_LEVEL_FLOOR = 1e-3
# The ends are faded over this long, s: two files cut at one sample share a click there.
_FADE_SECONDS = 0.01
# Longer recordings are judged by the loudest stretch of the dry.
_LONGEST_SECONDS = 60.0
_FARTHEST_SECONDS = 30.0
# The loudest stretch is searched in steps of this, s.
_STEP_SECONDS = 0.0015


def whitened(audio: Array, sample_rate: float) -> Array:
    """Equal power in every broad band, then at every moment.

    Args:
        audio: (channels, samples)
        sample_rate: Hz

    Returns:
        (channels, samples)
    """
    length = scipy.fft.next_fast_len(audio.shape[1] + round(sample_rate / 10), real=True)
    spectrum = scipy.fft.rfft(audio, length)
    power = np.sum(np.abs(spectrum) ** 2, axis=0)
    spectrum /= np.sqrt(band_power(power, length, sample_rate, BAND_FLOOR))
    white = scipy.fft.irfft(spectrum, length)[:, : audio.shape[1]]
    width = max(3, int(_LEVEL_SECONDS * sample_rate) | 1)
    level = np.maximum(uniform_filter1d(np.sum(white**2, axis=0), width), 0)
    level += max(_LEVEL_FLOOR * float(level.mean()), 1e-30)
    return (white / np.sqrt(level)).astype(np.float32)


def band_power(power: Array, length: int, sample_rate: float, floor: float) -> Array:
    """Power in broad bands, at least `floor` of the strongest band.

    Args:
        power: (bins,) of a transform of this length
        length: samples
        sample_rate: Hz
        floor: share of the strongest band

    Returns:
        (bins,)
    """
    width = max(3, int(_BAND_HZ * length / sample_rate) | 1)
    broad = np.maximum(uniform_filter1d(power, width, mode="nearest"), 0)
    return broad + max(floor * float(broad.max()), 1e-30)


def stretches(dry: Array, wet: Array, sample_rate: float) -> tuple[Array, Array, int]:
    """Return what is compared of two recordings.

    Args:
        dry: (channels, samples)
        wet: (channels, other samples)
        sample_rate: Hz

    Returns:
        the loudest stretch of the dry and what lies around it in the wet, at unit level, with faded
        ends; and the lag between the two stretches' starts
    """
    longest, farthest = (
        round(_LONGEST_SECONDS * sample_rate),
        round(_FARTHEST_SECONDS * sample_rate),
    )
    start, wet_start = 0, 0
    if dry.shape[1] > longest:
        start = loudest_stretch(dry, longest, max(1, round(_STEP_SECONDS * sample_rate)))
    if max(dry.shape[1], wet.shape[1]) > longest + farthest:
        wet_start = min(max(0, start - farthest), max(0, wet.shape[1] - longest))
    first = dry[:, start : start + longest]
    second = wet[:, wet_start : start + longest + farthest]
    first, second = (part / _spread(part) for part in (first, second))
    faded = [part * _fade(part.shape[1], sample_rate) for part in (first, second)]
    # A recording that is nearly all in its first or last moments (an impulse) is left as it is.
    if all(np.sum(f**2) > 0.5 * np.sum(p**2) for f, p in zip(faded, (first, second), strict=True)):
        first, second = faded
    return first, second, wet_start - start


def spectra(dry: Array, wet: Array) -> tuple[int, NDArray[np.complex64], Array, Array]:
    """Return transform length, cross-spectrum and both power spectra, summed over the channels.

    A channel whose correlation adds to a lower peak with that of the first strong channel than it
    does upside down counts so: otherwise a wet with one channel inverted would cancel in the sum.
    The peak decides, since what is not in it, as a room that differs, may be opposed by chance.
    """
    length = scipy.fft.next_fast_len(dry.shape[1] + wet.shape[1], real=True)
    first, second = scipy.fft.rfft(dry, length), scipy.fft.rfft(wet, length)
    crosses = first.conj() * second
    size = np.linalg.norm(crosses, axis=1)
    first_strong = int(np.argmax(2 * size >= size.max()))
    signs = [
        1 if at == first_strong else _sign(crosses[first_strong], each, length)
        for at, each in enumerate(crosses)
    ]
    cross = np.tensordot(np.asarray(signs, np.float32), crosses, axes=1)
    return length, cross, np.sum(np.abs(first) ** 2, axis=0), np.sum(np.abs(second) ** 2, axis=0)


def _sign(strong: NDArray[np.complex64], other: NDArray[np.complex64], length: int) -> int:
    """Return whether a cross-spectrum added to another makes the higher peak, or subtracted: -1."""
    added, less = (np.abs(scipy.fft.irfft(strong + s * other, length)).max() for s in (1, -1))
    return 1 if added >= less else -1


def _spread(part: Array) -> float:
    """Standard deviation; of what is nothing but an offset, a little of that."""
    return max(float(np.std(part)), 1e-2 * float(np.abs(part).max()), 1e-30)


def _fade(samples: int, sample_rate: float) -> Array:
    fade = np.ones(samples, np.float32)
    ends = min(round(_FADE_SECONDS * sample_rate), samples // 8)
    fade[:ends] = np.sin(np.linspace(0, np.pi / 2, ends)) ** 2
    fade[samples - ends :] = fade[:ends][::-1]
    return fade
