"""The figures of a match in words."""

import math
from collections.abc import Mapping
from typing import Any

from fxchain.wording import counted

BASELINES = {
    "unprocessed": "the dry recording as it is",
    "best_gain": "the best single gain",
    "best_linear_filter": "a perfect linear filter",
}
_FILTER = BASELINES["best_linear_filter"]
#: Levels of the signal over the error, dB, and the verdict from each on.
_VERDICTS = (
    (50.0, "The difference should be inaudible"),
    (30.0, "The difference is hardly audible"),
    (15.0, "Close; the difference is audible in a direct comparison"),
    (6.0, "Similar; the difference is clearly audible"),
    (-math.inf, "Not matched"),
)
_PARTS = {"held_out": "the held-out part", "fitted": "the fitted part"}


def level_db(esr: float) -> float:
    """Return an error-to-signal ratio as a level, dB."""
    return 10.0 * math.log10(max(esr, 1e-20))


def deciding_part(metrics: Mapping[str, Any]) -> str | None:
    """Return the part whose figures count: `held_out` where there is one."""
    return next((part for part in _PARTS if metrics.get(part)), None)


def verdict(metrics: Mapping[str, Any]) -> str:
    """Return a sentence about the quality of the match."""
    part = deciding_part(metrics)
    if part is None or "esr" not in metrics[part]:
        return ""
    below = -level_db(metrics[part]["esr"])
    judged = next(text for bound, text in _VERDICTS if below >= bound)
    sentence = f"{judged}: on {_PARTS[part]}, the error lies {_below(below)}"
    filtered = _baseline(metrics, "best_linear_filter", part)
    if filtered is None:
        return f"{sentence}."
    return f"{sentence}, {_compared(-below, level_db(filtered['esr']), _FILTER)}."


def _baseline(metrics: Mapping[str, Any], key: str, part: str) -> Mapping[str, float] | None:
    """Return a baseline's figures on a part; None where there are none."""
    found = (metrics.get("baselines", {}).get(key) or {}).get(part)
    return found if found and "esr" in found else None


def _below(level: float) -> str:
    if level < 0.0:
        return f"{-level:.1f} dB above the sound"
    return f"{level:.1f} dB below the sound"


def comparisons(metrics: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each baseline and part: which is closer, and by how much."""
    sentences = []
    for part, words in _PARTS.items():
        own = metrics.get(part)
        if not own or "esr" not in own:
            continue
        said = []
        for key, name in BASELINES.items():
            other = _baseline(metrics, key, part)
            if other is not None:
                said.append(_compared(level_db(own["esr"]), level_db(other["esr"]), name))
        if said:
            sentences.append(f"On {words} it is {_listed(said)}.")
    return sentences


def _compared(own: float, other: float, name: str) -> str:
    gain = other - own
    if abs(gain) < 0.1:
        return f"as close as {name}"
    return f"{abs(gain):.1f} dB {'closer' if gain > 0 else 'further away'} than {name}"


def _listed(parts: list[str]) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def doubts(metrics: Mapping[str, Any]) -> list[str]:
    """Return warnings that follow from the figures."""
    part = deciding_part(metrics)
    if part is None or "esr" not in metrics[part]:
        return []
    own = level_db(metrics[part]["esr"])
    found = []
    filtered = _baseline(metrics, "best_linear_filter", part)
    if filtered is not None and own >= level_db(filtered["esr"]) - 0.1 and own > -40.0:
        found.append(
            "A linear filter does as well: the chain does not describe the device. Usual reasons "
            "are time-varying effects (chorus, phaser, tremolo), a wrong pair or too little time."
        )
    if own > -1.0:
        found.append(
            "Hardly anything of the wet recording is explained. Are these two recordings of the "
            "same performance?"
        )
    fitted = metrics.get("fitted")
    if part == "held_out" and fitted and own - level_db(fitted["esr"]) > 6.0:
        found.append(
            "It is much closer on the fitted part than on the held-out part: "
            "longer recordings would help."
        )
    return found


def table(metrics: Mapping[str, Any]) -> list[tuple[str, list[tuple[str, list[str]]]]]:
    """Return (part, rows of (name, cells)): the match, then the baselines."""
    found = []
    for part, words in _PARTS.items():
        if not metrics.get(part) or "esr" not in metrics[part]:
            continue
        rows = [("this chain", _cells(metrics[part]))]
        for key, name in BASELINES.items():
            figures = _baseline(metrics, key, part)
            if figures is not None:
                rows.append((name, _cells(figures)))
        found.append((words, rows))
    return found


def _cells(figures: Mapping[str, float]) -> list[str]:
    return [
        f"{level_db(figures['esr']):.1f}",
        f"{figures['esr']:.3g}",
        f"{figures['mr_stft']:.3f}",
        f"{figures['loudness_error_db']:+.2f}",
    ]


def alignment(metrics: Mapping[str, Any], sample_rate: int) -> list[tuple[str, str]]:
    """Return latency, polarity and confidence of the alignment, as (name, value)."""
    if "alignment_confidence" in metrics and metrics["alignment_confidence"] is None:
        return _exported(metrics)  # nothing was aligned
    found = []
    if "latency_samples" in metrics:
        late = metrics["latency_samples"]
        way = "late" if late >= 0 else "early"
        milliseconds = 1e3 * abs(late) / sample_rate
        found.append(("Latency", f"{counted(abs(late), 'sample')} ({milliseconds:.2f} ms) {way}"))
    if "polarity" in metrics:
        found.append(("Polarity", "the same" if metrics["polarity"] > 0 else "inverted"))
    if "alignment_confidence" in metrics:
        found.append(("Confidence of the alignment", f"{metrics['alignment_confidence']:.2f}"))
    return found + _exported(metrics)


def _exported(metrics: Mapping[str, Any]) -> list[tuple[str, str]]:
    if "null_depth_db" not in metrics:
        return []
    return [("Fit against exported board", f"{metrics['null_depth_db']:.0f} dB")]
