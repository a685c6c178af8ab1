"""By how many samples the second channel of a stereo device is late.

Each channel aligned by itself has the lag at which what it plays correlates best, and behind a
filter that depends on the sound: two instruments of one device seem apart by some samples. One
device makes both channels by one filter, though, so that the delay is that at which one short
filter explains most of both.
"""

import numpy as np
from numpy.typing import NDArray

from fxchain.alignment.jumps import common_filter, squared_error
from fxchain.alignment.loudest_stretch import loudest_stretch

Array = NDArray[np.float32]

#: What channels aligned by themselves may be wrong by, samples, behind any filter.
REACH_SAMPLES = 4
#: Compared is the loudest stretch of this length, s.
STRETCH_SECONDS = 10.0


def delay_by_one_filter(
    dry: Array, wet: Array, sample_rate: float, lag: int, apart: int, sign: int = 1
) -> int:
    """Return by how many samples the second channel of a wet is late against the first.

    Args:
        dry: (2, samples)
        wet: (2, other samples), at the same rate
        sample_rate: Hz
        lag: of the first channel against its own of the dry, samples
        apart: about the delay, of channels aligned by themselves
        sign: -1 where the second channel is inverted

    Returns:
        none, or a delay near `apart`: the one at which a common filter leaves least
    """
    near = range(apart - REACH_SAMPLES, apart + REACH_SAMPLES + 1)
    length = round(STRETCH_SECONDS * sample_rate)
    first = np.diff(dry, axis=1, prepend=0.0)
    second = np.diff(wet, axis=1, prepend=0.0) * np.array([[1.0], [sign]], np.float32)
    margin = max(abs(each) for each in (0, *near))
    begin = loudest_stretch(wet, length, max(length // 10, 1))
    span = (max(begin, margin), min(begin + length, wet.shape[1] - margin))
    left = {each: _left(first, second, span, lag, each) for each in {0, *near}}
    return min(left, key=lambda each: (left[each], abs(each - apart)))


def _left(dry: Array, wet: Array, span: tuple[int, int], lag: int, apart: int) -> float:
    """Return what one filter leaves of both channels in a span of the first, the second late."""
    begin, end = span
    there = np.stack([wet[0, begin:end], wet[1, begin + apart : end + apart]])
    lag -= begin
    taps = common_filter(dry, there, [(0, end - begin, lag)])
    return float(squared_error(dry, there, taps, (0, end - begin), lag).sum())
