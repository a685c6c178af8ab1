"""Which part of a pair is held out, so that the match can be scored on unseen audio."""

from dataclasses import dataclass

import numpy as np

from fxchain.metrics.energy import energy

#: Pairs longer than this have a part that is held out, s.
LEAST_SECONDS = 4.0
SHARE = 0.2
QUIET_DB = 40.0

#: The held-out part is moved earlier in steps of the first share of the pair, as long as the
#: fitted part keeps the second.
_STEP = 0.05
_LEAST_FITTED = 0.4


@dataclass(frozen=True)
class Split:
    """The fitted and the held-out part of a pair.

    The preset is rendered from the first sample of the dry, so the fitted part begins there and
    ends where the held-out part begins. What follows the held-out part (when that was moved
    earlier) is not used.

    Attributes:
        fitted: number of samples from the start that alignment, fit and baselines may see
        held_out: first sample and end of the held-out part in the dry, or None
        moved: the held-out part is earlier than the last fifth, because that is nearly silent
    """

    fitted: int
    held_out: tuple[int, int] | None
    moved: bool = False


def split(dry: np.ndarray, wet: np.ndarray, sample_rate: int) -> Split:
    """Choose the part to hold out: the last fifth, or an earlier one where that is quiet.

    A part is quiet when the dry or the wet in it is more than 40 dB below what remains.

    Args:
        dry: (channels, samples)
        wet: (channels, other samples)
        sample_rate: Hz
    """
    length = min(dry.shape[1], wet.shape[1])
    if length <= LEAST_SECONDS * sample_rate:
        return Split(length, None)
    size, step = round(SHARE * length), max(1, round(_STEP * length))
    last = length - size
    for start in range(last, round(_LEAST_FITTED * length), -step):
        if not any(_is_quiet(audio, start, start + size) for audio in (dry, wet)):
            return Split(start, (start, start + size), moved=start < last)
    return Split(length, None)


def _is_quiet(audio: np.ndarray, start: int, end: int) -> bool:
    """Return whether the mean power of a part is 40 dB below that of the audio before it."""
    inside = energy(audio[:, start:end]) / (end - start)
    before = energy(audio[:, :start]) / start
    return inside < before * 10 ** (-QUIET_DB / 10)
