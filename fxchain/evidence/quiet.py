"""Quiet passages: whether they are quieter in the wet than in the dry."""

from collections.abc import Sequence

import numpy as np

from fxchain.evidence.bands import Vector

#: Length of a frame, s.
FRAME_SECONDS = 0.02
#: Frames of the dry within so many dB of the loudest are loud; those below them are quiet, as far
#: as this below the loudest.
LOUD_DB, QUIETEST_DB = 10.0, 70.0
#: At least so many frames of each kind are compared.
LEAST_FRAMES = 10
#: The quiet frames of which the gain is least: this share of all frames.
SHARE = 0.1


def quiet_gain_db(wet: Vector, inputs: Sequence[Vector], sample_rate: int) -> float:
    """Return the gain of the quiet passages that lose most, against that of the loud ones, dB.

    Args:
        wet: (samples,)
        inputs: what the gain is of, (samples,) each: the dry, and what a filter makes of it; the
            largest result counts, so that a filter is no gain that follows the level
        sample_rate: Hz

    Returns:
        0 where there are no quiet passages
    """
    return max(_of_input(wet, each, sample_rate) for each in inputs)


def _of_input(wet: Vector, signal: Vector, sample_rate: int) -> float:
    before, after = (_levels_db(each, sample_rate) for each in (signal, wet))
    if not len(before):
        return 0.0
    below = before.max() - before
    loud, quiet = below < LOUD_DB, (below >= LOUD_DB) & (below < QUIETEST_DB)
    if min(loud.sum(), quiet.sum()) < LEAST_FRAMES:
        return 0.0
    gains = after - before
    least = np.sort(gains[quiet])[: max(round(SHARE * len(before)), 1)]
    return float(least.mean() - np.median(gains[loud]))


def _levels_db(signal: Vector, sample_rate: int) -> Vector:
    length = max(round(FRAME_SECONDS * sample_rate), 1)
    frames = signal[: len(signal) // length * length].reshape(-1, length)
    return np.asarray(10.0 * np.log10(np.mean(frames**2, axis=1) + 1e-20), dtype=np.float64)
