"""Latency, polarity and level between a dry and a wet recording.

The lag is found in `fxchain.alignment.lag`; here it becomes an `Alignment` with its confidence and
its rivals, which can be applied.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fxchain.alignment.aligned_audio import AlignedAudio
from fxchain.alignment.fractional_delay import advanced
from fxchain.alignment.lag import Response, candidates, earliest, reach, respond, unheard_direct
from fxchain.alignment.polarity import votes
from fxchain.errors import MatchError
from fxchain.wording import counted

Array = NDArray[np.float32]

#: The confidence of a first sound that may be an echo is multiplied by this.
ECHO_CONFIDENCE = 0.5
# The highest peak's polarity counts unless the other outweighs it by this much.
_OUTVOTED = 0.15
# Where chance makes peaks as high as this share of what was found, half of the lags are right.
_EVEN_CHANCE = 0.15


@dataclass(frozen=True)
class Rival:
    """Another lag with a high peak: of an echo, a repeated bar, a leak.

    Attributes:
        latency_samples: positive where the wet is late
        height: of its peak relative to the chosen one; negative when its polarity is the other.
            It is no level, since the recordings are levelled over time
    """

    latency_samples: int
    height: float


@dataclass(frozen=True)
class Alignment:
    """Latency, polarity and level of a wet recording against its dry one.

    Attributes:
        latency_samples: positive when the wet is late; the search finds whole samples, a part of
            one can be given
        polarity: +1, or -1 when the wet is inverted
        gain_db: level of the wet over that of the dry (RMS, over the common part)
        confidence: 0 … 1, 1 / (1 + (x/x₀)³) with x = c/p, the height p of the peak and the height
            c expected of unrelated recordings; x₀ is such that it is the share of drawn chains of
            which the latency is right (`benchmarks/alignment_confidence.py`). Half of that where
            the first sound may be an echo
        polarity_confidence: 0 … 1, the sum of two votes, each 1 − p₋/p₊ with the highest peaks of
            either sign within 1.5 ms: that of the whitened response, and that of
            `fxchain.alignment.polarity`, which is negative where it disagrees; near 0 when phases
            are shifted so far that neither polarity fits
        rivals: other lags that were considered, highest first
        unheard: lag of the direct sound if what was found is the first echo of a wet effect; None
            where it can be none
    """

    latency_samples: float
    polarity: int
    gain_db: float
    confidence: float
    polarity_confidence: float
    rivals: tuple[Rival, ...] = ()
    unheard: int | None = None


def align(
    dry: Array,
    wet: Array,
    sample_rate: float,
    *,
    latency_samples: float | None = None,
    polarity: int | None = None,
) -> Alignment:
    """Find latency, polarity and level.

    Args:
        dry: (channels, samples)
        wet: (channels, other samples), at the same rate
        sample_rate: Hz
        latency_samples: taken as given instead of searched; positive when the wet is late
        polarity: +1 or -1, taken as given instead of searched

    Returns:
        what was found, with how sure it is; the confidences and rivals speak of the recordings
        also where a value was given

    Raises:
        MatchError: channel counts differ, a recording is silent or not finite, a given polarity
            is neither +1 nor -1, or a given latency leaves nothing in common

    Source:
        `fxchain.alignment.lag`, `alignment.polarity`
    """
    dry, wet = np.asarray(dry, np.float32), np.asarray(wet, np.float32)
    _check(dry, wet, latency_samples, polarity)
    response = respond(dry, wet, sample_rate)
    found = candidates(response, dry, wet, sample_rate)
    first = earliest(found)
    lag = first.lag if latency_samples is None else round(latency_samples)
    near = 0 if latency_samples is None else reach(sample_rate)
    peak = float(response.height[response.peak_near(lag, near)])
    size = max(abs(peak), 1e-30)
    sign = 1 if peak >= 0 else -1
    missing = unheard_direct(found, first, sample_rate) if latency_samples is None else None
    rivals = [Rival(c.lag, c.height / (sign * size)) for c in found if c.lag != lag]
    vote = sign * _sign_margin(response, lag, sign, size, sample_rate)
    vote += votes(dry, wet, sample_rate, lag)
    if sign * vote < -_OUTVOTED:  # the peak beside it is the direct sound
        sign = -sign
        if latency_samples is None:
            lag = response.lag_of_sign(lag, sign, reach(sample_rate))
    return Alignment(
        latency_samples=lag if latency_samples is None else whole(latency_samples),
        polarity=sign if polarity is None else polarity,
        gain_db=_gain_db(dry, wet, lag),
        confidence=_calibrated(response.chance / size)
        * (1.0 if missing is None else ECHO_CONFIDENCE),
        polarity_confidence=float(np.clip(sign * vote, 0, 1)),
        unheard=missing,
        rivals=tuple(sorted(rivals, key=lambda rival: -abs(rival.height))),
    )


def apply_alignment(dry: Array, wet: Array, alignment: Alignment) -> AlignedAudio:
    """Shift the wet against the dry and keep the part from the dry's first sample.

    A late wet loses its first samples. An early one gets zeros before it, so that the dry is
    always rendered from its first sample; `first_valid` counts them. Both are cut to the shorter.
    The wet is not multiplied by the polarity: the chain that matches it inverts it. A fraction of a
    sample is interpolated before anything is cut.

    Args:
        dry: (channels, samples)
        wet: (channels, other samples)
        alignment: found by `align`

    Returns:
        both, equally long

    Raises:
        MatchError: the latency leaves nothing in common
    """
    lag = round(alignment.latency_samples)
    wet = advanced(wet, alignment.latency_samples - lag)
    start = max(0, -lag)
    length = min(dry.shape[1], wet.shape[1] - lag)
    if length <= start:
        raise MatchError(_nothing_left(lag, dry, wet))
    shifted = wet[:, max(0, lag) : lag + length]
    if start:
        shifted = np.pad(shifted, ((0, 0), (start, 0)))
    return AlignedAudio(dry[:, :length], shifted, start)


def _calibrated(chance: float) -> float:
    """Return the confidence of a peak, from the height of chance relative to its own."""
    return float(1.0 / (1.0 + (chance / _EVEN_CHANCE) ** 3))


def whole(latency_samples: float) -> float:
    """Return a latency, as an int where it is one."""
    return int(latency_samples) if float(latency_samples).is_integer() else latency_samples


def _check(dry: Array, wet: Array, latency_samples: float | None, polarity: int | None) -> None:
    if dry.ndim != 2 or wet.ndim != 2 or dry.shape[0] != wet.shape[0]:
        raise MatchError(
            "dry and wet must both be (channels, samples) with equal channel counts, "
            f"but are {dry.shape} and {wet.shape}"
        )
    for name, audio in (("dry", dry), ("wet", wet)):
        if not np.all(np.isfinite(audio)):
            raise MatchError(f"the {name} recording holds samples that are not finite numbers")
        if not np.any(audio):
            raise MatchError(f"the {name} recording is silent, so nothing can be aligned")
    if polarity not in (None, 1, -1):
        raise MatchError(f"polarity must be +1 or -1, not {polarity}")
    lag = latency_samples or 0
    if not -dry.shape[1] < lag < wet.shape[1]:  # NaN too
        raise MatchError(_nothing_left(lag, dry, wet))


def _nothing_left(lag: float, dry: Array, wet: Array) -> str:
    return (
        f"a latency of {counted(lag, 'sample')} leaves nothing in common between a dry "
        f"recording of {dry.shape[1]} and a wet one of {wet.shape[1]} samples"
    )


def _sign_margin(response: Response, lag: int, sign: int, size: float, sample_rate: float) -> float:
    """Return 1 − p₋/p₊ of a peak p₊ and the highest one of the other sign nearby, p₋, 0 … 1."""
    centre, near = response.peak_near(lag, 0), reach(sample_rate)
    around = response.height[max(0, centre - near) : centre + near + 1]
    other = float(np.max(-sign * around, initial=0.0))
    return float(np.clip(1 - other / size, 0, 1))


def _gain_db(dry: Array, wet: Array, lag: int) -> float:
    start, stop = max(0, -lag), min(dry.shape[1], wet.shape[1] - lag)
    powers = [
        float(np.mean(np.square(part, dtype=np.float64)))
        for part in (dry[:, start:stop], wet[:, start + lag : stop + lag])
    ]
    # Where one of them is silent in the common part, the ratio is clamped.
    first, second = (max(power, 1e-20) for power in powers)
    return float(10 * np.log10(second / first))
