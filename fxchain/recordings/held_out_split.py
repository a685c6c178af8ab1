"""Which part of a pair is held out, so that the match can be scored on unseen audio."""

from dataclasses import dataclass

import numpy as np

from fxchain.metrics.energy import energy

#: Pairs longer than this have a part that is held out, s.
LEAST_SECONDS = 4.0
SHARE = 0.2
QUIET_DB = 40.0

#: The held-out part is moved earlier in steps of the first share of the pair, as long as the
#: fitted part keeps the second of what sounds.
_STEP = 0.05
_LEAST_FITTED = 0.4
#: Less sounds in it than this share of what sounds before; frames of this length count, s.
_LEAST_SOUNDING, _FRAME_SECONDS = 0.5, 0.05


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


def split(dry: np.ndarray, wet: np.ndarray, sample_rate: int, begin: int = 0) -> Split:
    """Choose the part to hold out: the last fifth, or an earlier one where that is quiet.

    A part is quiet when the dry or the wet in it is more than 40 dB below what remains, or sounds
    in less than half of the share of time.

    Args:
        dry: (channels, samples)
        wet: (channels, other samples)
        sample_rate: Hz
        begin: what lies before this sample is not counted
    """
    end = min(dry.shape[1], wet.shape[1])
    length = end - begin
    if length <= LEAST_SECONDS * sample_rate:
        return Split(end, None)
    size, step = round(SHARE * length), max(1, round(_STEP * length))
    last = end - size
    first, second = dry[:, begin:], wet[:, begin:]

    def quiet(start: int) -> bool:
        span = (start - begin, start - begin + size)
        return any(_is_quiet(audio, *span, sample_rate) for audio in (first, second))

    if not quiet(last):
        return Split(last, (last, end))
    sounding = begin + min(_sounding_end(audio, sample_rate) for audio in (first, second))
    latest = max(sounding, begin + size) - size
    least = begin + round(_LEAST_FITTED * (latest + size - begin))
    for start in range(min(last - 1, latest), least, -step):
        if not quiet(start):
            return Split(start, (start, start + size), moved=True)
    return Split(end, None)


def _is_quiet(audio: np.ndarray, start: int, end: int, sample_rate: int) -> bool:
    """Return whether the mean power of a part is 40 dB below that of the audio before it, or so
    little of it sounds."""
    before = energy(audio[:, :start]) / start
    least = before * 10 ** (-QUIET_DB / 10)
    if energy(audio[:, start:end]) / (end - start) < least:
        return True
    inside, earlier = (
        _sounding_share(audio[:, span], least, sample_rate)
        for span in (slice(start, end), slice(0, start))
    )
    return inside < _LEAST_SOUNDING * earlier


def _sounding_share(audio: np.ndarray, least: float, sample_rate: int) -> float:
    """Return the share of the frames whose mean power is at least that."""
    return float(np.mean(_powers(audio, sample_rate) >= least))


def _sounding_end(audio: np.ndarray, sample_rate: int) -> int:
    """Return the end of the last frame that is not 40 dB below the mean."""
    powers = _powers(audio, sample_rate)
    loud = np.flatnonzero(powers > powers.mean() * 10 ** (-QUIET_DB / 10))
    return int(loud[-1] + 1) * round(_FRAME_SECONDS * sample_rate) if len(loud) else 0


def _powers(audio: np.ndarray, sample_rate: int) -> np.ndarray:
    """Return the mean power of each frame, (frames,)."""
    size = round(_FRAME_SECONDS * sample_rate)
    count = audio.shape[1] // size
    cut = audio[:, : count * size].reshape(len(audio), count, size)
    return np.asarray(np.einsum("cts,cts->t", cut, cut) / size)
