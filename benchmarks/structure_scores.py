"""The scores of `structure.py`: two chains in canonical form, compared."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.stats
from scipy.optimize import linear_sum_assignment

from fxchain.parameter import ParameterSpec
from fxchain.preset.effects import Placed
from fxchain.stage import WEIGHT
from fxchain.structure.boxes import EQUALIZER, MIX, Box, boxes, flattened
from fxchain.structure.candidate import Candidate

#: The kinds of effects that are drawn.
_DRAWN = (
    *(EQUALIZER, "distortion", "clipping", "compressor", "gain", "delay", "reverb"),
    *("highpass_filter", "lowpass_filter"),
)
#: Share of its range within which a knob counts as found.
CLOSE = 0.05
#: Half the range of a knob that counts as uncertain, in the unit cube.
UNCERTAIN = 0.1
#: Distance of a knob whose effect was not found.
_MISSED = 1.0


def form(drawn: Sequence[Box]) -> str:
    """Return boxes as text: `reverb > (– ‖ clipping) > equalizer`; `nothing` without any."""
    return _form(drawn) or "nothing"


def structure_scores(true: Candidate, found: Candidate) -> dict[str, Any]:
    """Compare two candidates in canonical form.

    Returns:
        true, found: as text
        set: the same boxes, however often each
        order: what both have stands in the same order; not where they have nothing in common
        parallel: the same arrangement of branches, whatever is in them
        all: the same boxes at the same places
        selection: share of the kinds of effects whose presence is right
        order_correlation: Spearman's, of the places of the effects that both have; None where
            there are fewer than two
        distances: of each true knob from the one found, in the unit cube; 1 where there is none
    """
    truth, other = (boxes(each.stage, each.values) for each in (true, found))
    kinds = [[box.kind for box in flattened(drawn)] for drawn in (truth, other)]
    common = sum((Counter(kinds[0]) & Counter(kinds[1])).values())
    pairs = _aligned(*(list(flattened(drawn)) for drawn in (truth, other)))
    return {
        "true": form(truth),
        "found": form(other),
        "set": Counter(kinds[0]) == Counter(kinds[1]),
        "order": len(pairs) == common and (common > 0 or not any(kinds)),
        "parallel": _branching(truth) == _branching(other),
        "all": form(truth) == form(other),
        "selection": float(np.mean([(k in kinds[0]) == (k in kinds[1]) for k in _DRAWN])),
        "order_correlation": _order_correlation(*kinds),
        "distances": _distances(truth, pairs),
    }


def _order_correlation(true: Sequence[str], found: Sequence[str]) -> float | None:
    """Return the rank correlation of the first places of the effects that both have."""
    common = [kind for kind in dict.fromkeys(true) if kind in found and kind != MIX]
    if len(common) < 2:
        return None
    places = [(true.index(kind), found.index(kind)) for kind in common]
    return float(scipy.stats.spearmanr(*zip(*places, strict=True)).statistic)


def knob_count(candidate: Candidate, channels: int = 1) -> int:
    """Return the number of knobs that change something with so many channels."""
    return sum(not (slot.spec.stereo_only and channels == 1) for slot in candidate.stage.slots())


def uncertain_count(stage_knobs: Sequence[dict[str, Any]], specs: Sequence[ParameterSpec]) -> int:
    """Return how many audible knobs of a match have a wide range, or one that is not known.

    Args:
        stage_knobs: `knobs` of its metrics
        specs: of the same knobs
    """
    return sum(_uncertain(knob, spec) for knob, spec in zip(stage_knobs, specs, strict=True))


def _uncertain(knob: dict[str, Any], spec: ParameterSpec) -> bool:
    if knob["fixed"] or not knob["audible"]:
        return False
    if knob["low"] is None:
        return True
    return spec.normalize(knob["high"]) - spec.normalize(knob["low"]) > 2.0 * UNCERTAIN


def _form(drawn: Sequence[Box]) -> str:
    texts = []
    for box in drawn:
        parts = (_form(branch.boxes) or "–" for branch in box.branches)
        texts.append(f"({' ‖ '.join(parts)})" if box.branches else box.kind)
    return " > ".join(texts)


def _branching(drawn: Sequence[Box]) -> list[Any]:
    """Return the mixes as nested lists."""
    return [[_branching(branch.boxes) for branch in box.branches] for box in drawn if box.branches]


@dataclass(frozen=True)
class _Pair:
    true: Box
    found: Box


def _aligned(truth: Sequence[Box], other: Sequence[Box]) -> list[_Pair]:
    """Return the longest common subsequence of kinds, the closest of equally long ones."""
    best: list[list[tuple[float, list[_Pair]]]] = [
        [(0.0, [])] * (len(other) + 1) for _ in range(len(truth) + 1)
    ]
    for i, one in enumerate(truth):
        for j, two in enumerate(other):
            options = [best[i][j + 1], best[i + 1][j]]
            if one.kind == two.kind:
                score, pairs = best[i][j]
                near = float(np.mean(_box_distances(one, two) or [0.0]))
                options.append((score + 1.0 - 1e-3 * near, [*pairs, _Pair(one, two)]))
            best[i + 1][j + 1] = max(options, key=lambda option: option[0])
    return best[-1][-1][1]


def _distances(truth: Sequence[Box], pairs: Sequence[_Pair]) -> list[float]:
    """Return the distance of every true knob from the one found, in the unit cube."""
    partners = {id(pair.true): pair.found for pair in pairs}
    return [
        distance
        for box in flattened(truth)
        for distance in _box_distances(box, partners.get(id(box)))
    ]


def _box_distances(true: Box, found: Box | None) -> list[float]:
    weights = [branch.weight for branch in true.branches]
    others = [branch.weight for branch in found.branches] if found else []
    away = [
        abs(WEIGHT.normalize(one) - WEIGHT.normalize(two)) if len(weights) == len(others) else 1.0
        for one, two in zip(
            weights, others if len(weights) == len(others) else weights, strict=True
        )
    ]
    return away + _band_distances(true.effects, found.effects if found else ())


def _band_distances(true: Sequence[Placed], found: Sequence[Placed]) -> list[float]:
    """Return the distances of effects' knobs, each effect compared with its nearest of a kind."""
    table = np.full((len(true), len(found)), _MISSED)
    for i, one in enumerate(true):
        for j, two in enumerate(found):
            if one.effect.primitive is two.effect.primitive:
                table[i, j] = np.mean(_knob_distances(one, two) or [0.0])
    partners = dict(zip(*linear_sum_assignment(table), strict=True))
    return [
        distance
        for i, one in enumerate(true)
        for distance in _knob_distances(one, found[partners[i]] if i in partners else None)
    ]


def _knob_distances(true: Placed, found: Placed | None) -> list[float]:
    specs = true.effect.primitive.parameters
    heard = [at for at, spec in enumerate(specs) if not spec.stereo_only]
    if found is None or found.effect.primitive is not true.effect.primitive:
        return [_MISSED] * len(heard)
    return [
        abs(
            specs[at].normalize(float(true.values[at]))
            - specs[at].normalize(float(found.values[at]))
        )
        for at in heard
    ]
