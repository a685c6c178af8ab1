"""Two recordings become a pair: one sample rate, equal channels, a held-out part, aligned."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from fxchain.alignment.align import Alignment, align, apply_alignment, whole
from fxchain.errors import MatchError
from fxchain.files.audio_input import Audio, resample, to_channels
from fxchain.recordings.held_out_split import SHARE, Split, split
from fxchain.recordings.latency_fallback import LEAST_CONFIDENCE, latency_or_fallback
from fxchain.recordings.load_recording import SHORTEST_SECONDS, clipped_share, load, one_channel
from fxchain.recordings.one_sided_stereo import sounding_channels
from fxchain.recordings.problem import Problem

#: Below this the polarity is little more than a guess.
LEAST_POLARITY_CONFIDENCE = 0.15


@dataclass(frozen=True, eq=False)
class Pair:
    """Two recordings of one sample rate and equally many channels, not yet aligned.

    Attributes:
        dry: all of the dry recording
        wet: all of the wet recording
        split: what is fitted and what is held out, in samples of the dry
        warnings: sentences about what was done to them
    """

    dry: Audio
    wet: Audio
    split: Split
    warnings: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class AlignedPair:
    """An aligned pair.

    Attributes:
        read: the recordings before they were aligned
        problem: the fitted part, all that a fit may see
        dry: (channels, samples), all of it
        wet: (channels, samples) on the dry's time, as far as it goes
        fitted: first sample and end of what is compared in the fitted part
        held_out: first sample and end of the held-out part, or None
        alignment: how the wet lay against the dry
        doubts: sentences about how sure the alignment is, and whether this is a pair at all
        warnings: all sentences for the user, the doubts among them
        condition: figures that tell whether the pair is one, see `fxchain.recordings.pair_check`
    """

    read: Pair
    problem: Problem
    dry: np.ndarray
    wet: np.ndarray
    fitted: tuple[int, int]
    held_out: tuple[int, int] | None
    alignment: Alignment
    doubts: tuple[str, ...]
    warnings: tuple[str, ...]
    condition: Mapping[str, float | None] = field(default_factory=dict)

    def spans(self) -> dict[str, list[int] | None]:
        """Return the fitted and the held-out part as they are reported: first sample and end."""
        return {
            "fitted_samples": list(self.fitted),
            "held_out_samples": None if self.held_out is None else list(self.held_out),
        }


def read_pair(
    dry: Any, wet: Any, sample_rate: float | None = None, dry_channel: int | None = None
) -> Pair:
    """Read two recordings and make them comparable.

    The sample rate of the dry rules. A mono dry is copied to both channels for a stereo wet; a
    stereo dry is mixed to mono for a mono wet, since a mono device heard its two channels as one.

    Args:
        dry: a path, or (samples,) or (channels, samples)
        wet: the same
        sample_rate: Hz, of the arrays; None when both are paths
        dry_channel: the channel of the dry to take, counted from 0; None: as it is

    Raises:
        AudioError: a recording cannot be read or used as audio.
        MatchError: a recording is silent or too short, or has no such channel.
    """
    first = one_channel(load(dry, sample_rate, "dry"), dry_channel)
    return comparable(first, load(wet, sample_rate, "wet"))


def comparable(
    first: Audio, second: Audio, sample_rate: int | None = None, mono: bool = False
) -> Pair:
    """Bring two recordings to one sample rate and equally many channels; see `read_pair`.

    Args:
        first: the dry
        second: the wet
        sample_rate: Hz, of both afterwards, when several pairs are matched; None: that of the dry
        mono: mix a stereo wet to mono, because another one is mono

    Raises:
        MatchError: a recording is silent when it is mixed to mono.
    """
    warnings = []
    places, share = clipped_share(second)
    if places:
        warnings.append(
            f"{_bare(second)}: cut off at full scale in {places} places ({share:.2%} of its "
            "samples); what was there cannot be matched"
        )
    first, second, said = sounding_channels(first, second)
    warnings += said
    if sample_rate is not None and first.sample_rate != sample_rate:
        warnings.append(
            f"{_bare(first)}: resampled from {first.sample_rate} to {sample_rate} Hz, the sample "
            "rate of the first dry recording"
        )
        first = resample(first, sample_rate)
    if second.sample_rate != first.sample_rate:
        warnings.append(
            f"{_bare(second)}: resampled from {second.sample_rate} to {first.sample_rate} Hz, the "
            "sample rate of the dry recording"
        )
        second = resample(second, first.sample_rate)
    if mono and second.channels > 1:
        warnings.append(
            f"{_bare(second)}: stereo, mixed to mono because another wet recording is mono"
        )
        second = to_channels(second, 1)
        _check_mixed(second)
    if first.channels < second.channels:
        warnings.append(f"{_bare(first)}: mono, used for both channels of the stereo wet recording")
        first = to_channels(first, second.channels)
    elif first.channels > second.channels:
        warnings.append(f"{_bare(first)}: stereo, mixed to mono because the wet recording is mono")
        first = to_channels(first, second.channels)
        _check_mixed(first)
    warnings += _length_warnings(first, second)
    parts = split(first.samples, second.samples, first.sample_rate)
    return Pair(first, second, parts, (*warnings, *_split_warnings(parts, first.sample_rate)))


def align_pair(
    pair: Pair, latency_samples: float | None = None, polarity: int | None = None
) -> AlignedPair:
    """Align a pair by its fitted part alone.

    Args:
        pair: made by `read_pair`
        latency_samples: taken as given instead of searched, in samples of the dry's rate
        polarity: +1 or -1, taken as given instead of searched

    Raises:
        MatchError: the fitted part is silent, or the latency leaves too little in common.
    """
    rate, end = pair.dry.sample_rate, pair.split.fitted
    dry, wet = pair.dry.samples[:, :end], pair.wet.samples[:, :end]
    _check_sound(dry, pair.dry.name)
    _check_sound(wet, pair.wet.name)
    alignment = align(dry, wet, rate, latency_samples=latency_samples, polarity=polarity)
    if latency_samples is None:
        alignment = latency_or_fallback(dry, wet, rate, alignment, polarity)
    doubts = (
        *_latency_warnings(alignment, latency_samples),
        *_polarity_warnings(alignment, polarity),
    )
    return _aligned(pair, alignment, doubts, latency_samples is not None)


def with_latency_shift(aligned: AlignedPair, samples: float) -> AlignedPair:
    """Return a pair aligned anew with a latency that is greater by a fraction of a sample."""
    latency = whole(round(aligned.alignment.latency_samples + samples, 4))
    alignment = replace(aligned.alignment, latency_samples=latency)
    moved = _aligned(aligned.read, alignment, aligned.doubts, True)
    return replace(moved, condition=aligned.condition)


def _aligned(
    pair: Pair, alignment: Alignment, doubts: tuple[str, ...], latency_known: bool
) -> AlignedPair:
    rate, end = pair.dry.sample_rate, pair.split.fitted
    shifted = apply_alignment(pair.dry.samples, pair.wet.samples, alignment)
    first_valid = shifted.first_valid
    lag = round(alignment.latency_samples)
    fitted_end = min(end, end - lag, shifted.wet.shape[1])
    if fitted_end - first_valid < SHORTEST_SECONDS * rate:
        raise MatchError(
            f"a latency of {alignment.latency_samples} samples leaves less than "
            f"{SHORTEST_SECONDS:g} s in common; give the right one with --latency-samples"
        )
    held_out, lost = _still_there(pair.split.held_out, shifted.wet.shape[1])
    fitted = slice(0, fitted_end)  # of the whole: long recordings are not kept twice
    problem = Problem(
        pair.dry.samples[:, fitted],
        shifted.wet[:, fitted],
        first_valid,
        rate,
        alignment.polarity,
        latency_known=latency_known,
    )
    return AlignedPair(
        read=pair,
        problem=problem,
        dry=pair.dry.samples,
        wet=shifted.wet,
        fitted=(first_valid, fitted_end),
        held_out=held_out,
        alignment=alignment,
        doubts=doubts,
        warnings=(*pair.warnings, *lost, *doubts),
    )


def _bare(audio: Audio) -> str:
    """Return a recording's name without its folder: reports do not depend on where files lie."""
    return Path(audio.name).name


def _still_there(
    held_out: tuple[int, int] | None, length: int
) -> tuple[tuple[int, int] | None, list[str]]:
    """Cut the held-out part to what the shifted wet still reaches, and say so when none is."""
    if held_out is None:
        return None, []
    start, end = held_out[0], min(held_out[1], length)
    if end - start < (held_out[1] - start) / 2:
        return None, ["the wet recording ends before the held-out part: all is scored on the fit"]
    return (start, end), []


def _check_mixed(audio: Audio) -> None:
    """Refuse two channels that cancel each other."""
    if not np.any(audio.samples):
        raise MatchError(f"{audio.name}: silent when its two channels are mixed to mono")


def _check_sound(samples: np.ndarray, name: str) -> None:
    """Refuse a recording whose fitted part is silent."""
    if not np.any(samples):
        raise MatchError(f"{name}: the part that would be fitted is silent; cut the file")


def _length_warnings(dry: Audio, wet: Audio) -> list[str]:
    """Say when the recordings are not equally long."""
    longer, shorter = (dry, wet) if dry.length > wet.length else (wet, dry)
    seconds = longer.seconds - shorter.seconds
    if seconds < 0.01:
        return []
    return [f"{_bare(longer)}: {seconds:.2f} s longer than the other; the common part is compared"]


def _split_warnings(parts: Split, rate: int) -> list[str]:
    """Say when there is no held-out part, or where it was moved to."""
    if parts.held_out is None:
        return [
            "nothing is held out (shorter than 4 s, or too little sound at its end): the figures "
            "are those of the part that was fitted"
        ]
    start, end = (at / rate for at in parts.held_out)
    if not parts.moved:
        return []
    return [
        f"the last {SHARE:.0%} are nearly silent: {start:.2f} to {end:.2f} s are held out, only "
        "what lies before is fitted"
    ]


def _latency_warnings(alignment: Alignment, given: float | None) -> list[str]:
    """Say when the latency is little more than a guess."""
    if given is not None or alignment.confidence >= LEAST_CONFIDENCE:
        return []
    if alignment.latency_samples == 0:
        return [
            f"no latency stands out (confidence {alignment.confidence:.2f}): the recordings are "
            "compared as they lie; give it with --latency-samples if you know it"
        ]
    return [
        f"the latency of {alignment.latency_samples} samples is uncertain (confidence "
        f"{alignment.confidence:.2f}); give it with --latency-samples if you know it"
    ]


def _polarity_warnings(alignment: Alignment, given: int | None) -> list[str]:
    """Say when the polarity is little more than a guess."""
    if given is not None or alignment.polarity_confidence >= LEAST_POLARITY_CONFIDENCE:
        return []
    sign = "+" if alignment.polarity > 0 else "-"
    return [
        f"the polarity ({sign}) is uncertain (confidence {alignment.polarity_confidence:.2f}); "
        "give it with --polarity if you know it"
    ]
