"""A wet recording that lost, repeated or did not get samples, on one time axis again.

What follows a jump is moved to where it belongs, so that each piece has its own latency. What was
lost, and where the place is uncertain, is a gap: it is played but not compared.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from fxchain.alignment.displaced import find_displaced, merged
from fxchain.alignment.dropouts import find_dropouts
from fxchain.alignment.jumps import Jump, find_jumps
from fxchain.recordings.pair import Pair
from fxchain.wording import counted

Gaps = list[tuple[int, int]]

#: Left out on either side of a gap, s: converters ring.
BESIDE_SECONDS = 0.001
#: So many places are named.
_MOST_NAMED = 6


def mended(pair: Pair, lag: int) -> Pair:
    """Return a pair whose wet has one latency throughout, that of its first piece.

    Args:
        pair: not yet aligned
        lag: of the wet against the dry, samples; of any piece

    Returns:
        the pair with gaps and sentences about them; the same where nothing is wrong
    """
    rate, name = pair.dry.sample_rate, Path(pair.wet.name).name
    jumps = find_jumps(pair.dry.samples, pair.wet.samples, rate, lag)
    samples, gaps, first = pair.wet.samples, [], lag
    if jumps:
        samples, gaps, first = without_jumps(samples, jumps), gaps_of(jumps), jumps[0].before
    silent = find_dropouts(pair.dry.samples, samples, rate, first)
    known = [span for span in silent if not any(_overlap(span, gap) for gap in gaps)]
    displaced = find_displaced(pair.dry.samples, samples, rate, first)
    if not gaps and not known and not displaced:
        return pair
    beside = round(BESIDE_SECONDS * rate)
    spans = merged([(begin - beside, end + beside) for begin, end in [*gaps, *known, *displaced]])
    said = [*_about_jumps(jumps, name, rate), *_about_dropouts(known, name, rate)]
    said += _about_displaced(displaced, name, rate)
    wet = replace(pair.wet, samples=samples) if jumps else pair.wet
    return replace(pair, wet=wet, gaps=tuple(spans), warnings=(*pair.warnings, *said))


def without_jumps(wet: np.ndarray, jumps: Sequence[Jump]) -> np.ndarray:
    """Return a recording with zeros for lost samples and without repeated ones.

    Args:
        wet: (channels, samples)
        jumps: in their order

    Returns:
        (channels, other samples)
    """
    parts, begin = [], 0
    for jump in jumps:
        parts.append(wet[:, begin : jump.at])
        parts.append(np.zeros((len(wet), max(jump.lost, 0)), np.float32))
        begin = jump.at + max(-jump.lost, 0)
    return np.concatenate([*parts, wet[:, begin:]], axis=1)


def gaps_of(jumps: Sequence[Jump]) -> Gaps:
    """Return where the recording without its jumps is not known."""
    found, moved = [], 0
    for jump in jumps:
        low, high = jump.unsure
        # Before its place the earlier lag holds, behind it the later one.
        found.append((low + moved, high + moved + max(jump.lost, 0)))
        moved += jump.lost
    return found


def _overlap(span: tuple[int, int], gap: tuple[int, int]) -> bool:
    return span[0] < gap[1] and gap[0] < span[1]


def _about_jumps(jumps: Sequence[Jump], name: str, rate: int) -> list[str]:
    """Say where how many samples are lost or too many."""
    if not jumps:
        return []
    places = [
        f"{counted(abs(jump.lost), 'sample')} ({1e3 * abs(jump.lost) / rate:.1f} ms) "
        f"{_excess(jump.lost)} at {jump.at / rate:.3f} s"
        for jump in jumps
    ]
    return [
        f"{name}: the recording jumps: {listed(places)}; each piece is matched with a latency of "
        "its own, and what is lost is left out"
    ]


def _excess(lost: int) -> str:
    """Return what is said of samples: lost, or repeated where the number is negative."""
    if lost < 0:
        return "too many"
    return "is lost" if lost == 1 else "are lost"


def _about_dropouts(spans: Sequence[tuple[int, int]], name: str, rate: int) -> list[str]:
    """Say where nothing was recorded."""
    if not spans:
        return []
    total = 1e3 * sum(end - begin for begin, end in spans) / rate
    places = [f"{begin / rate:.3f} s" for begin, _ in spans]
    what = "a dropout" if len(spans) == 1 else f"{len(spans)} dropouts"
    return [
        f"{name}: {what} without any signal ({total:.0f} ms in all) at {listed(places)}, while "
        "the dry recording goes on; left out"
    ]


def _about_displaced(spans: Sequence[tuple[int, int]], name: str, rate: int) -> list[str]:
    """Say where something lies at another lag for a moment."""
    if not spans:
        return []
    places = [f"{begin / rate:.3f} to {end / rate:.3f} s" for begin, end in spans]
    return [
        f"{name}: the recording jumps for a moment, {listed(places)}: what lies there is earlier "
        "or later than before and after; left out"
    ]


def listed(places: Sequence[str]) -> str:
    """Return places of a recording as a list, the first few named."""
    more = len(places) - _MOST_NAMED
    return ", ".join(places[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
