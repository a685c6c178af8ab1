"""Generalization: a chain found on one clip of a device, scored on its other clips.

The other clip is aligned by itself, over its whole length. Clips are peak-normalised one by one,
so the chain and the filter each get one gain there, the one with the least squared error: positive,
or of either sign where the aligner finds the two clips of opposite polarity. A filter fitted to a
few notes may be worse on others than none, so the dry with one gain is compared as well.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from recorded_pairs import Pair

from fxchain import FxchainError
from fxchain.alignment.align import align, apply_alignment
from fxchain.baselines.linear import Gain, best_gain, best_linear_filter
from fxchain.files.audio_input import Audio
from fxchain.metrics.scores import esr
from fxchain.recordings.aligned_pair import align_pair
from fxchain.recordings.latency_fallback import latency_or_fallback
from fxchain.recordings.pair import comparable
from fxchain.render import render
from fxchain.session.result import Match

Recordings = tuple[Audio, Audio]
Renderer = Callable[[np.ndarray], np.ndarray]


def other_clips(pair: Pair, pairs: Sequence[Pair]) -> list[Pair]:
    """Return the other pairs of the same device at the same settings."""
    return [
        other
        for other in pairs
        if other.id != pair.id and (other.device, other.settings) == (pair.device, pair.settings)
    ]


def score_others(
    found: Match, first: Recordings, others: Sequence[Pair], read: Callable[[Pair], Recordings]
) -> list[dict[str, Any]]:
    """Score a chain on other clips, beside the best linear filter of the clip it was found on.

    Args:
        found: the match of the first clip
        first: its dry and wet; the filter is fitted on the part of it that the match was fitted on
        others: clips of the same device
        read: gives a clip's dry and wet

    Returns:
        for each its id, `match`, `linear` and `dry` (ESR and gain), latency, polarity and
        confidence; or its id and an error
    """
    if not others:
        return []
    polarity = found.metrics["polarity"]
    problem = align_pair(comparable(*first), found.metrics["latency_samples"], polarity).problem
    renderers: dict[str, Renderer] = {
        "match": lambda dry: render(found.preset, dry, problem.sample_rate),
        "linear": best_linear_filter(problem.dry, problem.wet, first_valid=problem.first_valid),
        "dry": Gain(float(polarity)),
    }
    scores = []
    for other in others:
        try:
            figures = _scores(renderers, read(other), problem.sample_rate, polarity)
        except FxchainError as error:
            figures = {"error": str(error)}
        scores.append({"id": other.id, **figures})
    return scores


def mean_esr(row: Mapping[str, Any], name: str) -> float | None:
    """Return the mean ESR over the other clips of a row; None where there are none.

    Args:
        row: of a pair, with what `score_others` returned as `others`
        name: `"match"`, `"linear"` or `"dry"`
    """
    values = [other[name]["esr"] for other in row["others"] if "error" not in other]
    return float(np.mean(values)) if values else None


def _scores(
    renderers: Mapping[str, Renderer], recordings: Recordings, sample_rate: int, polarity: int
) -> dict[str, Any]:
    """Score renderers on a whole clip.

    Args:
        renderers: take a dry recording from its first sample
        recordings: dry and wet of the clip
        sample_rate: Hz, of the clip that the renderers were found on
        polarity: of that clip
    """
    pair = comparable(*recordings, sample_rate=sample_rate)
    recorded = pair.dry.samples, pair.wet.samples, sample_rate
    alignment = latency_or_fallback(*recorded, align(*recorded))
    aligned = apply_alignment(pair.dry.samples, pair.wet.samples, alignment)
    start, wet = aligned.first_valid, aligned.wet
    figures: dict[str, Any] = {}
    for name, renderer in renderers.items():
        made = renderer(aligned.dry)
        gain = best_gain(made, wet, first_valid=start).factor
        if alignment.polarity == polarity:
            gain = max(gain, 0.0)
        error = esr(wet[:, start:], (made * np.float32(gain))[:, start:])
        figures[name] = {"esr": error, "gain": gain}
    return {
        **figures,
        "latency_samples": alignment.latency_samples,
        "polarity": alignment.polarity,
        "confidence": alignment.confidence,
    }
