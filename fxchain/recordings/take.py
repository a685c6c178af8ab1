"""The take inside of two recordings: what lies before it is left out.

A recorder that ran long before the player, a count-in and a wait, noise before the first note: the
take is found by the correlation of the whole recordings and by the level of the dry, before
anything is split or aligned.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np

from fxchain.alignment.coarse_lag import coarse_lag
from fxchain.alignment.sounding_span import sounding_span
from fxchain.recordings.held_out_split import split
from fxchain.recordings.pair import Pair, split_warnings

#: Recordings are correlated as wholes where their lengths differ by so much, or nothing sounds for
#: so long at the beginning of one, s.
LEAST_SECONDS = 1.0
#: Before the take so much is kept, s.
BEFORE_SECONDS = 0.25
#: A lag is taken out beforehand from here on, s, down to so much of it, which is left for echoes
#: that are louder than what they are echoes of.
FAR_SECONDS, KEPT_SECONDS = 2.0, 1.0
LEAST_CONFIDENCE = 0.3


def placed(pair: Pair, latency_samples: float | None = None) -> Pair:
    """Return a pair whose recordings begin together, split where something sounds.

    Args:
        pair: made by `comparable`
        latency_samples: as given by the user

    Returns:
        the same pair where the recordings begin at about the same time with sound
    """
    rate = pair.dry.sample_rate
    begin, _ = sounding_span(pair.dry.samples, rate)
    waits = max(begin, sounding_span(pair.wet.samples, rate)[0]) >= LEAST_SECONDS * rate
    apart = abs(pair.dry.length - pair.wet.length) >= LEAST_SECONDS * rate
    if not waits and not apart:
        return pair
    offset = _offset(pair, latency_samples)
    if not offset and begin < LEAST_SECONDS * rate:
        return pair
    begin = max(0, begin - round(BEFORE_SECONDS * rate)) if begin >= LEAST_SECONDS * rate else 0
    samples = moved(pair.wet.samples, offset)
    # What the wet does not reach is no part of the take either.
    first = max(begin, max(0, -offset))
    parts = split(pair.dry.samples, samples, rate, min(first, samples.shape[1] - 1))
    waited = begin if begin > max(0, -offset) else 0
    said = [*_about_offset(pair, offset), *_about_begin(pair, waited), *split_warnings(parts, rate)]
    return replace(
        pair,
        wet=replace(pair.wet, samples=samples),
        split=parts,
        offset=offset,
        begin=begin,
        warnings=(*(each for each in pair.warnings if each not in _of_split(pair)), *said),
    )


def moved(wet: np.ndarray, offset: int) -> np.ndarray:
    """Return a recording without its first samples, or with zeros before them.

    Args:
        wet: (channels, samples)
        offset: how many are left out; negative: how many zeros
    """
    return wet[:, offset:] if offset >= 0 else np.pad(wet, ((0, 0), (-offset, 0)))


def _offset(pair: Pair, latency_samples: float | None) -> int:
    """Return how many samples of the wet lie before the take of the dry."""
    rate = pair.dry.sample_rate
    if latency_samples is None:
        found = coarse_lag(pair.dry.samples, pair.wet.samples, rate)
        if found.confidence < LEAST_CONFIDENCE:
            return 0
        seconds = found.seconds
    else:
        seconds = latency_samples / rate
    return round((seconds - KEPT_SECONDS) * rate) if abs(seconds) >= FAR_SECONDS else 0


def _of_split(pair: Pair) -> list[str]:
    return split_warnings(pair.split, pair.dry.sample_rate)


def _about_offset(pair: Pair, offset: int) -> list[str]:
    """Say that one recording was begun long before the other."""
    if not offset:
        return []
    early, other = (pair.wet, "dry") if offset > 0 else (pair.dry, "wet")
    seconds = abs(offset / pair.dry.sample_rate + KEPT_SECONDS)
    return [
        f"{Path(early.name).name}: it was begun about {seconds:.1f} s before the {other} "
        "recording; what lies before is left out"
    ]


def _about_begin(pair: Pair, begin: int) -> list[str]:
    """Say that nothing sounds at the beginning of the dry."""
    if not begin:
        return []
    return [
        f"{Path(pair.dry.name).name}: nothing sounds in the first "
        f"{begin / pair.dry.sample_rate:.1f} s; they are left out"
    ]
