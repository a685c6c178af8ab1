"""A pair aligned: what a fit may see of it, and what is held out."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from fxchain.alignment.align import Alignment, align, apply_alignment, whole
from fxchain.alignment.fractional_delay import REACH
from fxchain.errors import MatchError
from fxchain.recordings.latency_fallback import LEAST_CONFIDENCE, latency_or_fallback
from fxchain.recordings.load_recording import SHORTEST_SECONDS
from fxchain.recordings.mended_pair import mended
from fxchain.recordings.pair import Pair
from fxchain.recordings.problem import Problem
from fxchain.wording import counted

#: A polarity with less confidence is reported as uncertain.
LEAST_POLARITY_CONFIDENCE = 0.15


@dataclass(frozen=True, eq=False)
class AlignedPair:
    """An aligned pair.

    Attributes:
        read: the recordings before they were aligned
        problem: the fitted part, all that a fit may see
        dry: (channels, samples), all of it
        wet: (channels, samples), shifted onto the dry's time axis
        fitted: first sample and end of what is compared in the fitted part
        held_out: first sample and end of the held-out part, or None
        alignment: of the wet against the dry
        alignment_warnings: sentences about the confidence of the alignment, and about whether the
            recordings are related at all
        warnings: all sentences for the user, those of the alignment among them
        condition: the measurements of `fxchain.recordings.pair_check`
        gaps: first sample and end of each stretch in which the wet is not known
    """

    read: Pair
    problem: Problem
    dry: np.ndarray
    wet: np.ndarray
    fitted: tuple[int, int]
    held_out: tuple[int, int] | None
    alignment: Alignment
    alignment_warnings: tuple[str, ...]
    warnings: tuple[str, ...]
    condition: Mapping[str, float | None] = field(default_factory=dict)
    gaps: tuple[tuple[int, int], ...] = ()

    def spans(self) -> dict[str, list[int] | None]:
        """Return the fitted and the held-out part as they are reported: first sample and end."""
        return {
            "fitted_samples": list(self.fitted),
            "held_out_samples": None if self.held_out is None else list(self.held_out),
        }


def align_pair(
    pair: Pair, latency_samples: float | None = None, polarity: int | None = None
) -> AlignedPair:
    """Align a pair by its fitted part alone.

    Args:
        pair: made by `comparable`
        latency_samples: taken as given instead of searched, in samples of the dry's rate
        polarity: +1 or -1, taken as given instead of searched

    Raises:
        MatchError: the fitted part is silent, or the latency leaves too little in common.
    """
    rate = pair.dry.sample_rate
    dry, wet = fitted_parts(pair)
    given = None if latency_samples is None else latency_samples - pair.offset
    alignment = align(dry, wet, rate, latency_samples=given, polarity=polarity)
    if given is None:
        alignment = latency_or_fallback(dry, wet, rate, alignment, polarity)
    whole_pair = mended(pair, round(alignment.latency_samples))
    if whole_pair.wet is not pair.wet:
        dry, wet = fitted_parts(whole_pair)
        alignment = align(dry, wet, rate, latency_samples=given, polarity=polarity)
    pair = whole_pair
    latency = whole(alignment.latency_samples + pair.offset)
    unheard = None if alignment.unheard is None else alignment.unheard + pair.offset
    rivals = tuple(
        replace(each, latency_samples=each.latency_samples + pair.offset)
        for each in alignment.rivals
    )
    alignment = replace(alignment, latency_samples=latency, unheard=unheard, rivals=rivals)
    alignment_warnings = (
        *([] if latency_samples is not None else latency_warnings(alignment)),
        *_polarity_warnings(alignment, polarity),
    )
    return _aligned(pair, alignment, alignment_warnings, latency_samples is not None)


def with_latency(aligned: AlignedPair, samples: float, known: bool) -> AlignedPair:
    """Return a pair aligned anew with another latency.

    Args:
        aligned: the pair
        samples: the latency, may be fractional
        known: a fit may not change it
    """
    alignment = replace(aligned.alignment, latency_samples=whole(samples))
    moved = _aligned(aligned.read, alignment, aligned.alignment_warnings, known)
    return replace(moved, condition=aligned.condition)


def _aligned(
    pair: Pair, alignment: Alignment, alignment_warnings: tuple[str, ...], latency_known: bool
) -> AlignedPair:
    rate, end = pair.dry.sample_rate, pair.split.fitted
    here = replace(alignment, latency_samples=alignment.latency_samples - pair.offset)
    shifted = apply_alignment(pair.dry.samples, pair.wet.samples, here)
    lag = round(here.latency_samples)
    first_valid = max(shifted.first_valid, pair.begin, max(-pair.offset, 0) - lag)
    fitted_end = min(end, end - lag, shifted.wet.shape[1])
    if fitted_end - first_valid < SHORTEST_SECONDS * rate:
        raise MatchError(
            f"a latency of {counted(alignment.latency_samples, 'sample')} leaves less than "
            f"{SHORTEST_SECONDS:g} s in common; give the right one with --latency-samples"
        )
    held_out, lost = _remaining(pair.split.held_out, shifted.wet.shape[1])
    gaps = tuple((begin - lag - REACH, stop - lag + REACH) for begin, stop in pair.gaps)
    gaps = tuple((max(begin, 0), stop) for begin, stop in gaps if stop > 0)
    fitted = slice(0, fitted_end)  # a view: long recordings are not stored twice
    problem = Problem(
        pair.dry.samples[:, fitted],
        shifted.wet[:, fitted],
        first_valid,
        rate,
        alignment.polarity,
        latency_known=latency_known,
        gaps=tuple(gap for gap in gaps if gap[0] < fitted_end),
    )
    return AlignedPair(
        read=pair,
        problem=problem,
        dry=pair.dry.samples,
        wet=shifted.wet,
        fitted=(first_valid, fitted_end),
        held_out=held_out,
        alignment=alignment,
        alignment_warnings=alignment_warnings,
        warnings=(*pair.warnings, *lost, *alignment_warnings),
        gaps=gaps,
    )


def _remaining(
    held_out: tuple[int, int] | None, length: int
) -> tuple[tuple[int, int] | None, list[str]]:
    """Cut the held-out part to the length of the shifted wet; say so when too little is left."""
    if held_out is None:
        return None, []
    start, end = held_out[0], min(held_out[1], length)
    if end - start < (held_out[1] - start) / 2:
        return None, ["the wet recording ends before the held-out part: all is scored on the fit"]
    return (start, end), []


def fitted_parts(pair: Pair) -> tuple[np.ndarray, np.ndarray]:
    """Return what a fit may see of the dry and of the wet, not yet aligned.

    Raises:
        MatchError: one of them is silent.
    """
    parts = []
    for audio in (pair.dry, pair.wet):
        part = audio.samples[:, pair.begin : pair.split.fitted]
        if not np.any(part):
            raise MatchError(f"{audio.name}: the part that would be fitted is silent; cut the file")
        parts.append(part)
    return parts[0], parts[1]


def latency_warnings(alignment: Alignment) -> list[str]:
    """Say when the confidence of a latency that was found is low."""
    if alignment.confidence >= LEAST_CONFIDENCE:
        return []
    if alignment.unheard is not None:
        return [
            f"the latency of {counted(alignment.latency_samples, 'sample')} is uncertain: what "
            "begins there may be the first echo of an effect that is (nearly) all wet; if so, give "
            f"--latency-samples {max(alignment.unheard, 0)}"
        ]
    if alignment.latency_samples == 0:
        return [
            f"no latency stands out (confidence {alignment.confidence:.2f}): the recordings are "
            "compared as they lie; give it with --latency-samples if you know it"
        ]
    return [
        f"the latency of {counted(alignment.latency_samples, 'sample')} is uncertain (confidence "
        f"{alignment.confidence:.2f}); give it with --latency-samples if you know it"
    ]


def _polarity_warnings(alignment: Alignment, given: int | None) -> list[str]:
    """Say when the confidence of the polarity is low."""
    if given is not None or alignment.polarity_confidence >= LEAST_POLARITY_CONFIDENCE:
        return []
    sign = "+" if alignment.polarity > 0 else "-"
    return [
        f"the polarity ({sign}) is uncertain (confidence {alignment.polarity_confidence:.2f}); "
        "give it with --polarity if you know it"
    ]
