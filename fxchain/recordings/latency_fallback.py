"""Latencies of low confidence: kept only where they explain more than no latency does.

The output of a plate or spring reverb alone has no direct sound: the highest peak of the
correlation is one of its reflections, and a wet shifted to it has lost what came before. A filter
of a second contains a delay of up to a second, but is causal: it cannot make up for a shift that
is too large. So where the confidence of a lag is low, the latency is 0, unless the shift leaves
clearly less error.
"""

from dataclasses import replace

import numpy as np

from fxchain.alignment.align import ECHO_CONFIDENCE, Alignment, align, apply_alignment
from fxchain.alignment.aligned_audio import AlignedAudio
from fxchain.fir.cross_validation import CrossValidation
from fxchain.fir.impulse_response_fit import LENGTHS, LONGEST_SHARE, RIDGES

#: A lag with less confidence is doubted in words; with less than the second, where three of four
#: are wrong, it is compared with no latency.
LEAST_CONFIDENCE, DOUBTFUL = 0.5, 0.25
#: Ridge of the filters that compare both; the error without a latency may be so many times larger.
RIDGE, TOLERATED = RIDGES[-1], 1.1


def latency_or_fallback(
    dry: np.ndarray,
    wet: np.ndarray,
    sample_rate: int,
    found: Alignment,
    polarity: int | None = None,
) -> Alignment:
    """Return the found alignment, or one without latency where that leaves hardly more error.

    Args:
        dry: (channels, samples)
        wet: (channels, samples)
        sample_rate: Hz
        found: what the aligner found between them
        polarity: +1 or -1, if it was given
    """
    if found.confidence >= DOUBTFUL or found.latency_samples == 0:
        return found
    if found.unheard is not None and found.confidence >= DOUBTFUL * ECHO_CONFIDENCE:
        return found  # in doubt with another latency, not with none
    still = align(dry, wet, sample_rate, latency_samples=0, polarity=polarity)
    errors = [_unexplained(dry, wet, sample_rate, each) for each in (found, still)]
    return (
        replace(still, confidence=found.confidence) if errors[1] <= TOLERATED * errors[0] else found
    )


def _unexplained(dry: np.ndarray, wet: np.ndarray, sample_rate: int, alignment: Alignment) -> float:
    """Return the least cross-validated ESR of filters of several lengths."""
    aligned = apply_alignment(dry, wet, alignment)
    judge = CrossValidation(
        [AlignedAudio(aligned.dry, aligned.wet, aligned.first_valid)], sample_rate
    )
    room = LONGEST_SHARE * (aligned.wet.shape[-1] - aligned.first_valid)
    return min(judge.error(taps, RIDGE) for taps in LENGTHS if taps <= max(room, LENGTHS[0]))
