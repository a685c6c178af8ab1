"""How channels go together: two of one recording, and those of a dry with those of a wet."""

from dataclasses import dataclass

import numpy as np
import scipy.fft
import scipy.signal
from numpy.typing import NDArray

from fxchain.alignment.align import align
from fxchain.alignment.loudest_stretch import loudest_stretch

Array = NDArray[np.float32]

#: Channels of one recording are compared up to this lag, s, found in the loudest stretch of this
#: length, s.
LONGEST_LAG_SECONDS, STRETCH_SECONDS = 0.1, 10.0
#: Two channels are one where this share of the power differs, at most (−60 dB).
EQUAL_SHARE = 1e-6
#: Places where buffers were lost, later for the one than for the other, are this share of the time
#: at most; channels are compared without the frames, of this length, s, that differ most.
MOST_BROKEN, COMPARED_SECONDS = 0.05, 0.02
#: Length of the frames of the regression on two channels, s.
FRAME_SECONDS = 0.2
#: … and of those in which one channel is made of the other by a filter, s: shorter than what makes
#: the channels of a room differ.
FILTER_SECONDS = 0.012
#: Levels of two channels over time are compared in frames of this length, s, and in bands of a
#: third of an octave from the first to the last frequency, Hz.
LEVEL_SECONDS, LOWEST_HZ, HIGHEST_HZ = 0.1, 100.0, 10_000.0
#: Frames and bands so far below the mean are silent, dB.
SILENT_DB = -30.0
#: Two channels that share more of their power than this cannot be told apart.
MOST_COMMON = 0.99
#: A wet of which less is explained by the dry's channels says nothing about them.
LEAST_EXPLAINED = 0.1
_CHUNK = 1 << 20
_PASSES = 3


@dataclass(frozen=True)
class ChannelRelation:
    """The second channel of a recording as a copy of the first.

    Attributes:
        lag: by how many samples the second is later; negative where it is earlier
        factor: of the second over the first; negative where it is inverted
        difference: share of the second's power that a copy does not explain, where it explains
            least left out: a jump of both reaches them at different times
    """

    lag: int
    factor: float
    difference: float

    @property
    def is_copy(self) -> bool:
        """Return whether the second channel holds what the first holds, and nothing else."""
        return self.difference <= EQUAL_SHARE


def relation(first: Array, second: Array, sample_rate: float) -> ChannelRelation:
    """Compare two channels (samples,) of one recording, neither silent."""
    part = _loudest(np.stack([first, second]), round(STRETCH_SECONDS * sample_rate))
    one, two = (each.astype(np.float64) for each in (first[part], second[part]))
    size = scipy.fft.next_fast_len(2 * len(one), real=True)
    cross = scipy.fft.irfft(scipy.fft.rfft(two, size) * np.conj(scipy.fft.rfft(one, size)), size)
    reach = min(round(LONGEST_LAG_SECONDS * sample_rate), len(one) - 1)
    near = np.concatenate([cross[: reach + 1], cross[size - reach :]])
    at = int(np.abs(near).argmax())
    lag = at if at <= reach else at - len(near)
    sums = _frame_sums(*overlapped(first, second, lag), round(COMPARED_SECONDS * sample_rate))
    kept = np.ones(sums.shape[1], dtype=bool)
    for _ in range(_PASSES):
        power, product, wanted = sums[:, kept].sum(axis=1)
        factor = float(product / max(power, 1e-30))
        left = factor**2 * sums[0] - 2.0 * factor * sums[1] + sums[2]
        kept = left <= np.quantile(left, 1.0 - MOST_BROKEN, method="higher")
    return ChannelRelation(lag, factor, float(max(left[kept].sum(), 0.0) / max(wanted, 1e-30)))


def _frame_sums(first: Array, second: Array, size: int) -> NDArray[np.float64]:
    """Return ⟨a, a⟩, ⟨a, b⟩ and ⟨b, b⟩ of each frame, (3, frames), in double precision."""
    columns = []
    step = size * max(_CHUNK // size, 1)
    for start in range(0, len(first), step):
        one, two = (each[start : start + step].astype(np.float64) for each in (first, second))
        edges = np.arange(0, len(one), size)
        columns.append([np.add.reduceat(x, edges) for x in (one * one, one * two, two * two)])
    return np.concatenate(columns, axis=1)


def unfiltered_share(first: Array, second: Array, lag: int, sample_rate: float) -> float:
    """Return how much of what a level leaves of a channel is also left by a short filter.

    Both channels of one device hear the same; a room makes them differ by sounds that come later
    than any short filter reaches, which leaves about as much as a level does. What devices with
    filters of their own make of one sound differs by a filter, which leaves little.

    Args:
        first: (samples,)
        second: the same, not silent
        lag: by how many samples the second is late
        sample_rate: Hz

    Returns:
        1 where a filter explains no more than a level, 0 where it explains all

    Source:
        Bendat and Piersol, "Random Data": the coherent output power of a linear system.
    """
    one, two = overlapped(first, second, lag)
    part = _loudest(np.stack([one, two]), round(STRETCH_SECONDS * sample_rate))
    size = round(FILTER_SECONDS * sample_rate)
    if part.stop - part.start < 8 * size:
        return 1.0
    matrix = _cross_spectra([one[part], two[part]], size, sample_rate)
    power, wanted, cross = np.real(matrix[0, 0]), np.real(matrix[1, 1]), matrix[0, 1]
    of_filter = float(np.sum(wanted - np.abs(cross) ** 2 / (power + 1e-30)))
    of_level = float(wanted.sum() - np.real(cross).sum() ** 2 / max(power.sum(), 1e-30))
    return float(np.clip(of_filter / max(of_level, 1e-30), 0.0, 1.0))


def level_spread_db(first: Array, second: Array, sample_rate: float) -> float:
    """Return by how much the level of one channel against the other changes over time.

    A room makes the levels of a band differ at random, so that their mean over the bands hardly
    changes. It does where only one of the channels was compressed, driven hard, or got an echo.

    Args:
        first: (samples,)
        second: the same, in line
        sample_rate: Hz

    Returns:
        the standard deviation over time of the mean level difference of all bands, dB
    """
    part = _loudest(np.stack([first, second]), round(STRETCH_SECONDS * sample_rate))
    size = round(LEVEL_SECONDS * sample_rate)
    if part.stop - part.start < 8 * size:
        return 0.0
    frequencies = np.fft.rfftfreq(size, 1.0 / sample_rate)
    highest = min(HIGHEST_HZ, 0.45 * sample_rate)
    edges = LOWEST_HZ * 2.0 ** np.arange(0.0, np.log2(highest / LOWEST_HZ), 1.0 / 3.0)
    starts = np.searchsorted(frequencies, edges)
    powers = []
    for channel in (first[part], second[part]):
        frames = scipy.signal.stft(channel.astype(np.float64), nperseg=size, boundary=None)[2]
        power = np.add.reduceat(np.abs(frames) ** 2, starts, axis=0)[:-1]
        powers.append(power / (power.mean(axis=1, keepdims=True) + 1e-30))
    floor = 10.0 ** (SILENT_DB / 10.0)
    apart_db = 10.0 * np.log10((powers[0] + floor) / (powers[1] + floor)).mean(axis=0)
    loud = np.maximum(*(power.mean(axis=0) for power in powers)) > floor
    return float(np.std(apart_db[loud])) if loud.any() else 0.0


def overlapped(first: Array, second: Array, lag: int) -> tuple[Array, Array]:
    """Return what two channels have in common where the second is later by a lag."""
    start, length = max(0, lag), min(len(first), len(second) - lag)
    return first[max(0, -lag) : length], second[start : length + lag]


def input_ratio(dry: Array, wet: Array, sample_rate: float, lag: int | None = None) -> float | None:
    """Return how much more the device heard of the first channel of a dry than of the second.

    Linear regression of the wet on both channels, frequency by frequency: the ratio of the powers
    of both responses where both channels sound, by themselves.

    Args:
        dry: (2, samples)
        wet: (samples,)
        sample_rate: Hz
        lag: by how many samples the wet is late; None: to be found

    Returns:
        the ratio of powers; None where the channels are too alike, or explain too little

    Source:
        Bendat and Piersol, "Random Data", on multiple-input/output linear models.
    """
    if lag is None:
        found = [align(each[None], wet[None], sample_rate) for each in dry]
        lag = round(max(found, key=lambda each: each.confidence).latency_samples)
    start, length = max(0, -lag), min(dry.shape[1], len(wet) - lag)
    size = round(FRAME_SECONDS * sample_rate)
    if length - start < 8 * size:
        return None
    here = dry[:, start:length]
    part = _loudest(here, round(3 * STRETCH_SECONDS * sample_rate))
    channels = [*here[:, part], wet[start + lag : length + lag][part]]
    matrix = _cross_spectra(channels, size, sample_rate)
    auto = np.real(np.einsum("iif->if", matrix))
    common = np.abs(matrix[0, 1]) ** 2 / (auto[0] * auto[1] + 1e-30)
    weight = auto[0] * auto[1] / (auto[0] + auto[1] + 1e-30) * (1.0 - common)
    if weight.sum() < (1.0 - MOST_COMMON) * np.minimum(auto[0], auto[1]).sum():
        return None
    square = matrix[:2, :2].transpose(2, 0, 1)
    floor = 1e-6 * np.trace(square.real, axis1=1, axis2=2) + 1e-30
    wanted = matrix[2, :2].T[:, :, None]  # of the wet with each channel
    responses = np.linalg.solve(square.conj() + floor[:, None, None] * np.eye(2), wanted)[:, :, 0]
    explained = np.real(np.sum(responses.conj() * wanted[:, :, 0], axis=1)).sum()
    if explained < LEAST_EXPLAINED * auto[2].sum():
        return None
    powers = (np.abs(responses.T) ** 2 * weight).sum(axis=1)
    return float(powers[0] / max(powers[1], 1e-30))


def _cross_spectra(channels: list[Array], size: int, sample_rate: float) -> NDArray[np.complex128]:
    """Return E[X_i X_j*] of (channels, channels, frequencies)."""
    frames = [
        scipy.signal.stft(each.astype(np.float64), sample_rate, nperseg=size, boundary=None)[2]
        for each in channels
    ]
    return np.array([[np.mean(a * np.conj(b), axis=1) for b in frames] for a in frames])


def _loudest(audio: Array, length: int) -> slice:
    """Return where the loudest stretch of a length lies in (channels, samples)."""
    start = loudest_stretch(audio, length, max(length // 10, 1))
    return slice(start, start + length)
