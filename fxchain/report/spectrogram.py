"""The spectrogram of a recording."""

from itertools import pairwise

import numpy as np
import scipy.signal

COLUMNS, ROWS, COLOURS = 720, 96, 48
LOWEST_HZ, HIGHEST_HZ = 40.0, 20_000.0
RANGE_DB = 80.0
#: Length of a transform, s.
_WINDOW_SECONDS = 0.046
#: Colours from silence to the loudest, red, green, blue; those between are interpolated.
_ANCHORS = np.array(
    [(10, 10, 22), (48, 24, 92), (132, 32, 112), (212, 70, 72), (248, 150, 54), (252, 238, 178)]
)


def palette() -> np.ndarray:
    """Return the colours (COLOURS, 3), uint8, dark to light."""
    place = np.linspace(0.0, len(_ANCHORS) - 1.0, COLOURS)
    known = np.arange(len(_ANCHORS))
    channels = [np.interp(place, known, _ANCHORS[:, channel]) for channel in range(3)]
    return np.stack(channels, axis=1).round().astype(np.uint8)


def levels_db(samples: np.ndarray, sample_rate: int) -> np.ndarray:
    """Return the level at each time and frequency.

    Args:
        samples: (channels, samples); their powers are added
        sample_rate: Hz

    Returns:
        (ROWS, COLUMNS), dB, the highest frequency first, on a logarithmic scale
    """
    size = 2 ** round(np.log2(_WINDOW_SECONDS * sample_rate))
    padded = np.pad(samples, ((0, 0), (size // 2, size // 2)))
    starts = np.linspace(0, padded.shape[1] - size, COLUMNS).astype(int)
    window = scipy.signal.windows.hann(size, sym=False)
    power = np.zeros((size // 2 + 1, COLUMNS))
    for channel in padded:
        frames = np.lib.stride_tricks.sliding_window_view(channel, size)[starts]
        power += np.abs(np.fft.rfft(frames * window, axis=1)).T ** 2
    return 10.0 * np.log10(_by_row(power, sample_rate, size) + 1e-20)


def _by_row(power: np.ndarray, sample_rate: int, size: int) -> np.ndarray:
    """Return the largest power in each row's band, or the interpolated one between two bins."""
    highest = min(HIGHEST_HZ, sample_rate / 2.0)
    edges = np.geomspace(highest, LOWEST_HZ, ROWS + 1) * size / sample_rate
    rows = []
    for above, below in pairwise(edges):
        first, last = int(np.ceil(below)), int(np.floor(above))
        if last > first:
            rows.append(power[first : last + 1].max(axis=0))
            continue
        middle = min((above + below) / 2.0, len(power) - 1.001)
        left, share = int(middle), middle % 1.0
        rows.append((1.0 - share) * power[left] + share * power[left + 1])
    return np.array(rows)


def picture(levels: np.ndarray, loudest_db: float) -> np.ndarray:
    """Return the palette index of each level, (rows, columns) uint8; `loudest_db` has the last."""
    place = (levels - loudest_db) / RANGE_DB + 1.0
    return (np.clip(place, 0.0, 1.0) * (COLOURS - 1)).round().astype(np.uint8)
