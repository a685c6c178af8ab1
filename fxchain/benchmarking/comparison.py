"""Pairwise comparison: the ratio of two methods' errors, over pairs and by kind of effect."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from fxchain.benchmarking.scores import judged

Row = Mapping[str, Any]

#: fxchain is compared with these.
RIVALS = ("wavenet", "wavenet_small", "lstm", "best_linear_filter")
OURS = ("fxchain", "only_pedalboard")
ALL = "all"
_LEAST_ESR = 1e-12


def comparisons(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Compare fxchain with each rival.

    Args:
        rows: measured ones

    Returns:
        for each of ours, each rival and each kind of effect (`all` first) the number of pairs,
        those that ours has the smaller ESR on, their share, and the median of the ratio
        ESR(ours) / ESR(rival)
    """
    found = []
    for ours in OURS:
        for rival in RIVALS:
            ratios = _ratios(rows, ours, rival)
            effects = dict.fromkeys(effect for effect, _ in ratios)
            for effect in (ALL, *effects) if ratios else ():
                some = [ratio for kind, ratio in ratios if effect in (ALL, kind)]
                won = sum(ratio < 1.0 for ratio in some)
                found.append(
                    {
                        "method": ours,
                        "rival": rival,
                        "effect": effect,
                        "pairs": len(some),
                        "won": won,
                        "share_won": won / len(some),
                        "median_ratio": statistics.median(some),
                    }
                )
    return found


def _ratios(rows: Sequence[Row], ours: str, rival: str) -> list[tuple[str, float]]:
    """Return (effect, ratio of the ESRs) of each pair that both were measured on."""
    esrs = {(row["case"], row["method"]): judged(row)["esr"] for row in rows if "error" not in row}
    effects = {row["case"]: row["effect"] for row in rows}
    return [
        (effect, max(esrs[case, ours], _LEAST_ESR) / max(esrs[case, rival], _LEAST_ESR))
        for case, effect in effects.items()
        if (case, ours) in esrs and (case, rival) in esrs
    ]
