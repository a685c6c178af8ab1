"""What `metrics.json` says about each pair."""

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from fxchain.matching.scoring.pair_scores import PairScores, mean_figures
from fxchain.oscillator_alignment.oscillators import heard, oscillators
from fxchain.preset import Preset
from fxchain.recordings.file_names import matched_files
from fxchain.recordings.several_pairs import AlignedPairs

#: An ESR that is worth a sentence: what was found is no match.
POOR_ESR = 0.5


def pair_rows(
    aligned: AlignedPairs, scores: Sequence[PairScores], presets: Sequence[Preset]
) -> list[dict[str, Any]]:
    """Return the figures of each pair, its alignment, how it was split, and what moves in it.

    Args:
        aligned: the pairs
        scores: of each
        presets: what played each
    """
    files = matched_files([source.id for source in aligned.sources])
    return [
        {
            "id": source.id,
            "file": file,
            **one.figures,
            "baselines": one.baselines,
            "latency_samples": pair.alignment.latency_samples,
            "polarity": pair.alignment.polarity,
            "alignment_confidence": pair.alignment.confidence,
            "condition": dict(pair.condition),
            "flutter": None if pair.read.flutter is None else pair.read.flutter.metrics(),
            "gain_db": 20.0 * math.log10(one.gain),
            "oscillators": [
                asdict(heard(each, preset.values)) for each in oscillators(preset.stage)
            ],
            **pair.spans(),
        }
        for source, pair, one, file, preset in zip(
            aligned.sources, aligned.pairs, scores, files, presets, strict=True
        )
    ]


def level_warnings(aligned: AlignedPairs, scores: Sequence[PairScores]) -> list[str]:
    """Say which pairs were compared at a level of their own, and whose level the preset has."""
    free = [
        f"{source.id} {20.0 * math.log10(one.gain):+.2f} dB"
        for source, pair, one in zip(aligned.sources, aligned.pairs, scores, strict=True)
        if pair.problem.gain_free
    ]
    if not free:
        return []
    whose = "the pairs without a gain of their own"
    if aligned.anchor is not None:
        whose = f"pair {aligned.sources[aligned.anchor].id}"
    return [f"compared with a gain of their own: {', '.join(free)}; the level is that of {whose}"]


def poor_match_warnings(scores: Sequence[PairScores]) -> list[str]:
    """Say in words where most of the wet is not explained, by the mean ESR of the pairs."""
    figures = mean_figures([one.figures for one in scores])
    esr = {**(figures["fitted"] or {}), **(figures["held_out"] or {})}["esr"]
    if esr < POOR_ESR:
        return []
    share = f"{esr:.0%} of the power" if esr <= 1.0 else "all"
    return [
        f"{share} of the wet recording is not explained by the chain that was found: search longer "
        "(--seconds), or listen whether both recordings are the same performance"
    ]
