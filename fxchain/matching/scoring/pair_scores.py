"""The figures of one chain and of the baselines: of each pair, and the mean over all."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from fxchain.alignment.aligned_audio import AlignedAudio
from fxchain.baselines.linear import (
    Renderer,
    best_gain,
    joint_gain,
    joint_linear_filter,
)
from fxchain.metrics.scores import scores
from fxchain.recordings.aligned_pair import AlignedPair

#: `fitted` and `held_out` (None without one), each with esr, mr_stft and loudness_error_db.
Figures = dict[str, dict[str, float] | None]

#: Least gain of a pair whose level is free: below it output and wet have nothing in common.
LEAST_GAIN = 1e-6


@dataclass(frozen=True)
class PairScores:
    """The figures of a chain on one pair.

    Attributes:
        figures: of the chain
        baselines: the same of each baseline
        gain: factor of the chain's output in the comparison; 1 where the level of the pair is not
            free
    """

    figures: Figures
    baselines: dict[str, Figures]
    gain: float


def score_pairs(pairs: Sequence[AlignedPair], estimates: Sequence[np.ndarray]) -> list[PairScores]:
    """Score a chain on every pair, beside baselines that are fitted to all of them together.

    Where a pair's level is free, the chain and the fitted baselines alike get one gain of their
    own, the least-squares one of the fitted part.

    Args:
        pairs: aligned
        estimates: (channels, samples) for each, rendered from the first sample of its dry
    """
    gains = [_gain(pair, made) for pair, made in zip(pairs, estimates, strict=True)]
    baselines = _baselines(pairs, gains)
    rows = zip(pairs, estimates, gains, strict=True)
    return [_scored(pair, made, gain, baselines) for pair, made, gain in rows]


def mean_figures(each: Sequence[Figures]) -> Figures:
    """Return the mean of every figure over the pairs; of the held-out parts over those there are.

    Returns:
        `fitted` and `held_out` (None when no pair has one)
    """
    return {part: _mean([figures[part] for figures in each]) for part in ("fitted", "held_out")}


def _scored(
    pair: AlignedPair, made: np.ndarray, gain: float, baselines: Mapping[str, Renderer]
) -> PairScores:
    """Score one pair; the spectra of its wet are computed once for all estimates."""
    played = {name: renderer(pair.dry) for name, renderer in baselines.items()}
    levelled = [audio * np.float32(_gain(pair, audio)) for audio in played.values()]
    estimates = [made * np.float32(gain), pair.dry, *levelled]
    spans = {"fitted": pair.fitted, "held_out": pair.held_out}
    parts = {name: _scores(pair, estimates, span) for name, span in spans.items()}
    first, *others = [
        {name: part[at] for name, part in parts.items()} for at in range(len(estimates))
    ]
    return PairScores(first, dict(zip(("unprocessed", *played), others, strict=True)), gain)


def _scores(
    pair: AlignedPair, estimates: Sequence[np.ndarray], span: tuple[int, int] | None
) -> Sequence[dict[str, Any] | None]:
    """Score one part, from its first sample to its end, of several estimates."""
    if span is None:
        return [None] * len(estimates)
    part = slice(*span)
    parts = [_where_known(pair, estimate)[:, part] for estimate in estimates]
    found = scores(pair.wet[:, part], parts, pair.problem.sample_rate)
    return [asdict(each) for each in found]


def _where_known(pair: AlignedPair, estimate: np.ndarray) -> np.ndarray:
    """Return an estimate that equals the wet where that is not known: in gaps nothing counts."""
    if not pair.gaps:
        return estimate
    made = estimate.copy()
    for begin, end in pair.gaps:
        made[:, begin:end] = pair.wet[:, begin : min(end, made.shape[1])]
    return made


def _mean(each: Sequence[Mapping[str, float] | None]) -> dict[str, Any] | None:
    """Return the mean of every figure, or None where there are none."""
    there = [figures for figures in each if figures is not None]
    if not there:
        return None
    return {name: float(np.mean([figures[name] for figures in there])) for name in there[0]}


def _gain(pair: AlignedPair, estimate: np.ndarray) -> float:
    """Return the gain of an estimate on a pair: 1 where the level is not free."""
    problem = pair.problem
    if not problem.gain_free:
        return 1.0
    first_valid, end = pair.fitted
    best = best_gain(estimate[:, :end], problem.wet, first_valid=first_valid)
    return max(best.factor, LEAST_GAIN)


def _baselines(pairs: Sequence[AlignedPair], gains: Sequence[float]) -> dict[str, Renderer]:
    """Fit one gain and one filter to the fitted parts of all pairs.

    Each of several pairs counts by its error-to-signal ratio, so dry and wet are scaled to a wet
    of energy 1; a wet whose level is free is scaled to the chain's level before.
    """
    parts = []
    for pair, gain in zip(pairs, gains, strict=True):
        problem = pair.problem
        wet = (problem.wet / gain).astype(np.float32)
        scale = np.float32(1.0)
        if len(pairs) > 1:
            energy = float(np.square(wet[:, problem.first_valid :], dtype=np.float64).sum())
            scale = np.float32(max(energy, 1e-20) ** -0.5)
        levelled = AlignedAudio(
            problem.dry * scale, wet * scale, problem.first_valid, gaps=problem.gaps
        )
        parts.append(levelled.largest_known())
    return {"best_gain": joint_gain(parts), "best_linear_filter": joint_linear_filter(parts)}
