"""Recordings whose header has a wrong sample rate.

A converter that ran at 48 kHz while the file says 44.1 kHz makes a recording slower than the other
by a known ratio. Where two recordings do not correlate as they are, and do with one of the common
rates, that rate is the right one.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soxr

from fxchain.alignment.coarse_lag import RATE_HZ, Array, correlated, reduced
from fxchain.alignment.loudest_stretch import loudest_stretch
from fxchain.alignment.sounding_span import sounding_span
from fxchain.files.audio_input import Audio

#: Rates that converters have, Hz.
COMMON_HZ = (
    *(8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000),
    *(44_100, 48_000, 88_200, 96_000, 176_400, 192_000),
)
#: Larger ratios are not tried.
LARGEST_RATIO = 2.2
#: Other rates are tried where the confidence of the lag is below this …
DOUBTFUL = 0.6
#: … and taken where it is at least this, and so much more than with the rates of the headers.
#: It also stands out by so much from the others.
CERTAIN, BETTER, APART = 0.85, 0.25, 0.08
#: So much of each recording is compared, s of the dry.
_SECONDS = 12.0


@dataclass(frozen=True)
class RateFound:
    """A sample rate other than that of the header.

    Attributes:
        side: `"dry"` or `"wet"`
        rate_hz: what it is
    """

    side: str
    rate_hz: int


def with_right_rates(dry: Audio, wet: Audio) -> tuple[Audio, Audio, list[str]]:
    """Return a pair with the sample rates that make one of it, and a sentence where one changed.

    Args:
        dry: as read
        wet: as read
    """
    found = find_rate(dry, wet)
    if found is None:
        return dry, wet, []
    wrong, other = (wet, dry) if found.side == "wet" else (dry, wet)
    said = (
        f"{Path(wrong.name).name}: its header says {wrong.sample_rate} Hz, but played at "
        f"{found.rate_hz} Hz it has the speed of the {'dry' if found.side == 'wet' else 'wet'} "
        f"recording ({other.sample_rate} Hz); the sample rate of {found.rate_hz} Hz is taken"
    )
    right = replace(wrong, sample_rate=found.rate_hz)
    return (dry, right, [said]) if found.side == "wet" else (right, wet, [said])


def find_rate(dry: Audio, wet: Audio) -> RateFound | None:
    """Return the header's rate that is wrong, None where none certainly is.

    Where either could be, it is the wet's.

    Args:
        dry: as read
        wet: as read
    """
    part, whole = (_sounding(reduced(audio.samples, audio.sample_rate)) for audio in (dry, wet))
    length = round(_SECONDS * RATE_HZ)
    begin = loudest_stretch(part[None], length)
    part = part[begin : begin + length]
    if not np.any(part) or not np.any(whole):
        return None
    here = correlated(part, whole)[1]
    if here >= DOUBTFUL:
        return None
    tried = {}
    for each in _candidates(dry.sample_rate, wet.sample_rate):
        side, rate, ratio = each
        made = soxr.resample(whole, ratio * RATE_HZ, RATE_HZ, quality="MQ")
        tried[RateFound(side, rate)] = correlated(part, np.asarray(made, np.float32))[1]
    best, second = sorted(tried, key=lambda each: -tried[each])[:2]
    least = max(CERTAIN, here + BETTER, tried[second] + APART)
    return best if tried[best] >= least else None


def _sounding(audio: Array) -> Array:
    """Return (samples,) without silence at the ends, which makes chance look too low."""
    begin, end = sounding_span(audio[None], RATE_HZ)
    return audio[begin:end]


def _candidates(dry_rate: int, wet_rate: int) -> list[tuple[str, int, float]]:
    """Return side, rate, and the speed of the wet with it against that with the header's rate."""
    found: dict[float, tuple[str, int, float]] = {}
    sides = (("dry", lambda rate: dry_rate / rate), ("wet", lambda rate: rate / wet_rate))
    for side, speed in sides:  # of equal speeds the wet's counts, the last
        for rate in COMMON_HZ:
            ratio = speed(rate)
            if ratio != 1.0 and 1.0 / LARGEST_RATIO <= ratio <= LARGEST_RATIO:
                found[round(ratio, 6)] = (side, rate, ratio)
    return list(found.values())
