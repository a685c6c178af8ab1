"""Levels that are far apart: samples that were rounded to few of them."""

import numpy as np

#: So many samples around the highest peak are looked at.
MOST_SAMPLES = 1 << 16
#: What is nearer than this, against the peak, is one level: single precision tells no more apart.
ONE_LEVEL = 1e-6
#: Where the dry has steps of this share of the wet's, they are nothing new.
OWN_SHARE = 0.5


def level_step(dry: np.ndarray, wet: np.ndarray) -> float:
    """Return how far the levels of the wet are apart at least, against its peak.

    Args:
        dry: (channels, samples)
        wet: (channels, samples)

    Returns:
        0 where the levels of the dry are apart as well
    """
    step = _step(wet)
    return step if _step(dry) < OWN_SHARE * step else 0.0


def _step(audio: np.ndarray) -> float:
    channel = audio[int(np.argmax(np.abs(audio).max(axis=1, initial=0.0)))]
    peak = int(np.argmax(np.abs(channel))) if channel.size else 0
    begin = max(min(peak - MOST_SAMPLES // 2, len(channel) - MOST_SAMPLES), 0)
    levels = np.unique(np.abs(channel[begin : begin + MOST_SAMPLES]))
    if len(levels) < 2:
        return 0.0
    apart = np.diff(levels) / levels[-1]
    return float(np.min(apart[apart > ONE_LEVEL], initial=1.0))
