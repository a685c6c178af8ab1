"""Pairwise comparison: the ratio of two methods' errors, over pairs and by kind of effect."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from fxchain.benchmarking.scores import judged

Row = Mapping[str, Any]

#: fxchain is compared with these.
RIVALS = (
    "nam",
    "nam_lite",
    "nam_standard",
    "wavenet",
    "wavenet_small",
    "lstm",
    "gru",
    "best_linear_filter",
)
OURS = ("fxchain", "only_pedalboard")
#: Figures of a part that are compared, with the names of their columns; less is better.
MEASURES = {
    "esr": "ESR",
    "pre_emphasised_esr": "pre-emphasised ESR",
    "mr_stft": "MR-STFT",
}
ALL = "all"
_LEAST = 1e-12


def comparisons(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Compare fxchain with each rival.

    Args:
        rows: measured ones

    Returns:
        for each of ours, each rival, each measure and each kind of effect (`all` first) the number
        of pairs, those that ours has the smaller figure on, their share, and the median of the
        ratio of the figures, ours / the rival's
    """
    found = []
    for ours in OURS:
        for rival in RIVALS:
            for measure in MEASURES:
                for effect, ratios in _by_effect(_ratios(rows, ours, rival, measure)).items():
                    won = sum(ratio < 1.0 for ratio in ratios)
                    found.append(
                        {
                            "method": ours,
                            "rival": rival,
                            "measure": measure,
                            "effect": effect,
                            "pairs": len(ratios),
                            "won": won,
                            "share_won": won / len(ratios),
                            "median_ratio": statistics.median(ratios),
                        }
                    )
    return found


def _by_effect(ratios: Sequence[tuple[str, float]]) -> dict[str, list[float]]:
    """Return the ratios of all pairs, then those of each kind of effect; nothing of none."""
    found: dict[str, list[float]] = {}
    for effect, ratio in ratios:
        found.setdefault(ALL, []).append(ratio)
        found.setdefault(effect, []).append(ratio)
    return found


def _ratios(rows: Sequence[Row], ours: str, rival: str, measure: str) -> list[tuple[str, float]]:
    """Return (effect, ratio of the figures) of each pair that both were measured on."""
    figures = {
        (row["case"], row["method"]): max(judged(row)[measure], _LEAST)
        for row in rows
        if "error" not in row
    }
    effects = {row["case"]: row["effect"] for row in rows}
    return [
        (effect, figures[case, ours] / figures[case, rival])
        for case, effect in effects.items()
        if (case, ours) in figures and (case, rival) in figures
    ]
