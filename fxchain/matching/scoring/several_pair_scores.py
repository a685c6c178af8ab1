"""The figures of one chain on several pairs: each pair's, and the mean of all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fxchain.alignment.aligned_audio import AlignedAudio
from fxchain.baselines.linear import (
    Renderer,
    best_gain,
    joint_gain,
    joint_linear_filter,
)
from fxchain.matching.scoring.pair_scores import Figures, figures
from fxchain.recordings.pair import AlignedPair

#: A gain below this is held there: the output and the wet have nothing in common.
LEAST_GAIN = 1e-6


@dataclass(frozen=True)
class PairScores:
    """What a chain does on one pair.

    Attributes:
        figures: `fitted` and `held_out`, the chain's
        baselines: the same for each baseline
        gain: what the chain's output is multiplied by before it is compared; 1 where the level of
            the pair is not free
    """

    figures: Figures
    baselines: dict[str, Figures]
    gain: float


def score_pairs(pairs: Sequence[AlignedPair], estimates: Sequence[np.ndarray]) -> list[PairScores]:
    """Score a chain on every pair, beside baselines that are fitted to all of them together.

    Where a pair's level is free, chain and fitted baselines alike get one gain of their own there,
    found on the fitted part.

    Args:
        pairs: aligned
        estimates: (channels, samples) for each, rendered from the first sample of its dry
    """
    gains = [_gain(pair, made) for pair, made in zip(pairs, estimates, strict=True)]
    baselines = _baselines(pairs, gains)
    return [
        PairScores(
            figures(pair, made * np.float32(gain)),
            {"unprocessed": figures(pair, pair.dry)}
            | {name: _leveled(pair, renderer) for name, renderer in baselines.items()},
            gain,
        )
        for pair, made, gain in zip(pairs, estimates, gains, strict=True)
    ]


def mean_figures(each: Sequence[Figures]) -> Figures:
    """Return the mean of every figure over the pairs; of the held-out parts over those there are.

    Returns:
        `fitted` and `held_out` (None when no pair has one)
    """
    return {part: _mean([figures[part] for figures in each]) for part in ("fitted", "held_out")}


def _mean(each: Sequence[Mapping[str, float] | None]) -> dict[str, Any] | None:
    """Return the mean of every figure, or None where there are none."""
    there = [figures for figures in each if figures is not None]
    if not there:
        return None
    return {name: float(np.mean([figures[name] for figures in there])) for name in there[0]}


def _gain(pair: AlignedPair, estimate: np.ndarray) -> float:
    """Return the gain for an estimate on a pair: 1 where the level is not free."""
    problem = pair.problem
    if not problem.gain_free:
        return 1.0
    start, end = pair.fitted
    return max(best_gain(estimate[:, :end], problem.wet, first_valid=start).factor, LEAST_GAIN)


def _leveled(pair: AlignedPair, renderer: Renderer) -> Figures:
    """Score a baseline, at its best level where the pair's is free."""
    made = renderer(pair.dry)
    return figures(pair, made * np.float32(_gain(pair, made)))


def _baselines(pairs: Sequence[AlignedPair], gains: Sequence[float]) -> dict[str, Renderer]:
    """Fit one gain and one filter to the fitted parts of all pairs.

    Each pair counts by its error-to-signal ratio, so it is brought to the energy 1 first, dry and
    wet alike; a wet whose level is free is brought to the chain's.
    """
    parts = []
    for pair, gain in zip(pairs, gains, strict=True):
        problem = pair.problem
        wet = (problem.wet / gain).astype(np.float32)
        energy = float(np.square(wet[:, problem.first_valid :], dtype=np.float64).sum())
        scale = np.float32(max(energy, 1e-20) ** -0.5)
        parts.append(AlignedAudio(problem.dry * scale, wet * scale, problem.first_valid))
    return {"best_gain": joint_gain(parts), "best_linear_filter": joint_linear_filter(parts)}
