"""The figures of a transfer in words."""

import math
from collections.abc import Mapping
from typing import Any

#: The recordings that are compared with the references, by their keys in `distances`.
COLUMNS = {"unprocessed": "input", "level_only": "its level changed", "matched": "this chain"}
#: Upper bounds of the content distance, and its description.
_CONTENT_WORDS = (
    (0.35, "much like sections of one recording: the references are matched closely"),
    (0.7, "somewhat different: the references are matched in part"),
    (math.inf, "of different instruments: the references are matched with caution"),
)


def is_transfer(metrics: Mapping[str, Any]) -> bool:
    """Tell whether the figures are those of a transfer."""
    return "distances" in metrics


def verdict(metrics: Mapping[str, Any]) -> str:
    """Return a sentence about the distance from the references."""
    distances = metrics.get("distances")
    if not distances:
        return ""
    before, after = (_overall(distances[key]) for key in ("unprocessed", "matched"))
    moved = "no nearer than it was" if after >= before else f"now {after:.1f}, before {before:.1f}"
    return (
        f"Distance from the references: {moved}. 1 is the distance of two sections of one "
        "recording; differences between instruments remain."
    )


def likeness(metrics: Mapping[str, Any]) -> str:
    """Return a sentence about the content distance; empty where it is unknown."""
    unlikeness = metrics.get("unlikeness")
    if unlikeness is None:
        return ""
    words = next(text for bound, text in _CONTENT_WORDS if unlikeness < bound)
    return f"The contents seem {words} (unlikeness {unlikeness:.2f})."


def rows(metrics: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """Return (loss, distances in the order of `COLUMNS`)."""
    distances = metrics.get("distances")
    if not distances:
        return []
    return [
        (loss, [f"{math.sqrt(distances[column][loss]):.2f}" for column in COLUMNS])
        for loss in distances["matched"]
    ]


def facts(metrics: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return dimensions, amount, loudness and peak, as (name, value)."""
    if not is_transfer(metrics):
        return []
    settings, loudness, peak = (metrics[key] for key in ("settings", "loudness_lufs", "peak_dbfs"))
    found = [
        ("Dimensions", ", ".join(settings["match"])),
        ("Amount", f"{settings['amount']:g} %"),
        ("Loudness", f"{_lufs(loudness['input'])} → {_lufs(loudness['matched'])} LUFS"),
    ]
    if loudness["references"]:
        levels = " and ".join(_lufs(each) for each in loudness["references"])
        found.append(("Loudness of the references", f"{levels} LUFS"))
    return [*found, ("Peak", f"{peak['input']:.1f} → {peak['matched']:.1f} dBFS")]


def _overall(distances: Mapping[str, float]) -> float:
    """Return the root of the mean of squared distances."""
    return math.sqrt(sum(distances.values()) / max(len(distances), 1))


def _lufs(level: float | None) -> str:
    return "–" if level is None else f"{level:.1f}"
