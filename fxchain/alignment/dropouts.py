"""Short stretches of a recording without any signal: buffers that came too late.

Such a stretch begins and ends at once, in the middle of sound, while the dry goes on as before and
after. Neither a pause of the player nor an effect that closes below a level is like that.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d

Array = NDArray[np.float32]

#: As short and as long as this, s.
SHORTEST_SECONDS, LONGEST_SECONDS = 0.002, 2.0
#: What is left in it is so far below the mean of the recording, dB, and below what is beside it.
SILENT_DB, BESIDE_DB = (40.0, 60.0, 80.0), 20.0
#: The level beside it is measured over so much on either side, s; the dry's over this.
BESIDE_SECONDS, DRY_SECONDS = 0.002, 0.01
#: The dry is at least so loud in it, as a share of its level beside it.
LEAST_DRY = 0.6
#: More of the recording than this share is an effect that switches.
MOST_SHARE = 0.1


def find_dropouts(
    dry: Array, wet: Array, sample_rate: float, lag: int
) -> tuple[tuple[int, int], ...]:
    """Return first sample and end of each dropout of a wet recording.

    Args:
        dry: (channels, samples)
        wet: (channels, other samples), at the same rate
        sample_rate: Hz
        lag: samples, positive where the wet is late

    Returns:
        in samples of the wet, rising; none where there are so many that they are an effect
    """
    size = np.abs(wet).max(axis=0)
    mean = float(np.sqrt(np.mean(np.square(wet, dtype=np.float64))))
    least, most = (round(s * sample_rate) for s in (SHORTEST_SECONDS, LONGEST_SECONDS))
    found: list[tuple[int, int]] = []
    for level_db in SILENT_DB:
        silent = size <= 10.0 ** (-level_db / 20.0) * mean
        edges = np.flatnonzero(np.diff(silent.astype(np.int8), prepend=0, append=0))
        found += [
            (int(begin), int(end))
            for begin, end in zip(edges[::2], edges[1::2], strict=True)
            if least <= end - begin <= most
            and not any(begin < other[1] and other[0] < end for other in found)
            and _is_abrupt(size, begin, end, round(BESIDE_SECONDS * sample_rate))
            and _goes_on(dry, begin - lag, end - lag, round(DRY_SECONDS * sample_rate))
        ]
    share = sum(end - begin for begin, end in found) / max(len(size), 1)
    return tuple(sorted(found)) if share <= MOST_SHARE else ()


def _is_abrupt(size: Array, begin: int, end: int, beside: int) -> bool:
    """Tell whether there is sound directly before and after a stretch."""
    if begin < beside or end + beside > len(size):
        return False
    inside = float(size[begin:end].max()) * 10.0 ** (BESIDE_DB / 20.0)
    around = (size[begin - beside : begin], size[end : end + beside])
    return all(float(np.sqrt(np.mean(part**2))) > inside for part in around)


def _goes_on(dry: Array, begin: int, end: int, beside: int) -> bool:
    """Tell whether the dry sounds in all of a stretch as it does before and after it."""
    if begin < beside or end + beside > dry.shape[1]:
        return False
    part = np.abs(dry[:, begin - beside : end + beside]).max(axis=0)
    # The highest within 5 ms, so that a zero crossing is no pause.
    held = maximum_filter1d(part, beside, mode="nearest")
    around = min(float(held[: beside // 2].min()), float(held[len(held) - beside // 2 :].min()))
    return float(held[beside : len(held) - beside].min()) >= LEAST_DRY * around > 0.0
