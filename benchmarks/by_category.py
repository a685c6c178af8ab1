"""Counts of pairs whose match is as good as the best linear filter, by category of effect."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from other_clip import mean_esr

Row = Mapping[str, Any]
Esrs = tuple[float, float]

#: Time-invariant effects: no oscillator whose phase differs from clip to clip.
STEADY = frozenset(
    ("drive", "fuzz", "overdrive", "amp", "preamp", "compressor", "limiter", "delay", "reverb")
)


def is_steady(category: str) -> bool:
    """Tell whether a category of effect is time-invariant."""
    return bool(STEADY & set(re.findall(r"\w+", category)))


def print_by_category(rows: Sequence[Row]) -> None:
    """Print the number of pairs with at most the ESR of the filter, and at most half of it."""
    steady = [row for row in rows if is_steady(row["category"])]
    if not steady:
        return
    print("\npairs whose match has at most the ESR of the linear filter, and at most half of it")
    print("(other clip: what was found on one clip, scored on all of another one of the device;")
    print("chain, filter and dry each with one gain of its own there, by least squares, because")
    print("clips are normalised one by one; of either sign only where the polarities differ)")
    heads = f"{'pairs':>8}{'<= linear':>11}{'<= half':>9}"
    print(f"{'':<22}{'held-out fifth':^28}{'other clip':^43}")
    print(f"{'category':<22}{heads}{heads}{'<= dry x gain':>15}")
    for category in dict.fromkeys(row["category"] for row in steady):
        print(_line(category, [row for row in steady if row["category"] == category]))
    print(_line("all of these", steady))
    _print_alignment_differences(rows)


def _line(name: str, rows: Sequence[Row]) -> str:
    held_out, other = _counts(map(_held_out, rows)), _counts(_other(row, "linear") for row in rows)
    beside_dry = filter(None, (_other(row, "dry") for row in rows))
    over_dry = sum(match <= dry for match, dry in beside_dry)
    return f"{name[:21]:<22}{held_out}{other}{over_dry:>15}"


def _counts(each: Iterable[Esrs | None]) -> str:
    """Return the columns of one part, given the ESR of match and filter on each pair."""
    judged = [esrs for esrs in each if esrs is not None]
    good = sum(match <= linear for match, linear in judged)
    half = sum(match <= linear / 2 for match, linear in judged)
    return f"{len(judged):>8}{good:>11}{half:>9}"


def _other(row: Row, beside: str) -> Esrs | None:
    """Return the mean ESR of the match and of a comparison on the other clips."""
    match, other = mean_esr(row, "match"), mean_esr(row, beside)
    return None if match is None or other is None else (match, other)


def _held_out(row: Row) -> Esrs | None:
    if row["held_out"] is None:
        return None
    return row["held_out"]["esr"], row["baselines"]["best_linear_filter"]["held_out"]["esr"]


def _print_alignment_differences(rows: Sequence[Row]) -> None:
    """Print the clips whose latency or polarity differs from the first clip of their device."""
    moved, turned, failed = [], [], []
    for row in rows:
        for other in row["others"]:
            name = f"{row['case']} on {other['id']}"
            if "error" in other:
                failed.append(f"{name} ({other['error']})")
                continue
            if shift := other["latency_samples"] - row["latency_samples"]:
                moved.append(f"{name} ({shift:+g})")
            if other["polarity"] != row["polarity"]:
                turned.append(name)
    print(f"other clip at another latency, samples: {', '.join(moved) or 'none'}")
    print(f"other clip of opposite polarity, gain of either sign: {', '.join(turned) or 'none'}")
    if failed:
        print(f"other clip not scored: {', '.join(failed)}")
