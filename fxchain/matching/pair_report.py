"""What `metrics.json` says about each pair."""

import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from fxchain.alignment.displaced import find_displaced
from fxchain.matching.scoring.pair_scores import PairScores, mean_figures
from fxchain.oscillator_alignment.oscillators import heard, oscillators
from fxchain.preset import Preset
from fxchain.recordings.file_names import matched_files
from fxchain.recordings.mended_pair import listed
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


def displaced_warnings(aligned: AlignedPairs, matched: Sequence[np.ndarray]) -> list[str]:
    """Say where a wet lies at another lag for a moment against what the found chain plays.

    Behind a drive a short stretch between two jumps is not told by a filter from dry to wet, as it
    is sought before the search; against the output of the chain it is.

    Args:
        aligned: the pairs
        matched: of each, (channels, samples), its whole dry recording through the chain
    """
    said = []
    for pair, made in zip(aligned.pairs, matched, strict=True):
        rate, wet = pair.problem.sample_rate, pair.wet
        made = made[:, : wet.shape[1]].astype(np.float32, copy=False)
        places = [
            f"{begin / rate:.2f} to {end / rate:.2f} s"
            for begin, end in find_displaced(made, wet, rate, 0)
            if not any(begin < stop and start < end for start, stop in pair.gaps)
        ]
        if places:
            said.append(
                f"{Path(pair.read.wet.name).name}: the recording jumps for a moment, "
                f"{listed(places)} after the beginning of the dry recording: what lies there is "
                "earlier or later than the chain that was found plays it; it was compared all the "
                "same, and without it the match would be nearer"
            )
    return said


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
