"""Latencies that do not stand out.

What a plate or a spring alone makes of a note has no direct sound: the highest peak of the
correlation is any of its echoes, and a wet recording moved to it has lost what came before. A
filter of a second can wait by itself, but cannot begin before the dry does. So where no lag stands
out, the recordings are left as they lie, unless that explains clearly less.
"""

from dataclasses import replace

import numpy as np

from fxchain.alignment.align import Alignment, align, apply_alignment
from fxchain.alignment.aligned_audio import AlignedAudio
from fxchain.fir.cross_validation import CrossValidation
from fxchain.fir.impulse_response_fit import LENGTHS, LONGEST_SHARE, RIDGES

#: Below this what the aligner found is little more than a guess.
LEAST_CONFIDENCE = 0.5
#: The ridge with which both are judged, and how much more the recordings may leave as they lie.
RIDGE, LENIENT = RIDGES[-1], 1.1


def latency_or_fallback(
    dry: np.ndarray,
    wet: np.ndarray,
    sample_rate: int,
    found: Alignment,
    polarity: int | None = None,
) -> Alignment:
    """Return an alignment, without its latency where that is a guess that hardly explains more.

    Args:
        dry: (channels, samples)
        wet: (channels, samples)
        sample_rate: Hz
        found: what the aligner found between them
        polarity: +1 or -1, if it was given
    """
    if found.confidence >= LEAST_CONFIDENCE or found.latency_samples == 0:
        return found
    still = align(dry, wet, sample_rate, latency_samples=0, polarity=polarity)
    errors = [_unexplained(dry, wet, sample_rate, each) for each in (found, still)]
    return (
        replace(still, confidence=found.confidence) if errors[1] <= LENIENT * errors[0] else found
    )


def _unexplained(dry: np.ndarray, wet: np.ndarray, sample_rate: int, alignment: Alignment) -> float:
    """Return the ESR that the best of some filters leaves on what it was not solved from."""
    aligned = apply_alignment(dry, wet, alignment)
    judge = CrossValidation(
        [AlignedAudio(aligned.dry, aligned.wet, aligned.first_valid)], sample_rate
    )
    room = LONGEST_SHARE * (aligned.wet.shape[-1] - aligned.first_valid)
    return min(judge.error(taps, RIDGE) for taps in LENGTHS if taps <= max(room, LENGTHS[0]))
