"""Recordings without the constant (DC) that a converter added."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fxchain.alignment.constant_offset import constant_offset
from fxchain.files.audio_input import Audio
from fxchain.metrics.energy import energy

#: A constant with more than this share of the power is worth a sentence.
SAID_SHARE = 1e-4
#: … and where no more than this share of it is left, the constant is all there is.
SILENT_SHARE = 1e-9
#: Zeros for so long were not sampled by a converter that adds a constant, s: a lost buffer.
UNSAMPLED_SECONDS = 0.002


def without_constant(
    dry: Audio, wet: Audio, routed: bool = False
) -> tuple[Audio, Audio, list[str], tuple[float, ...]]:
    """Return a pair without constants, and sentences about those that are large.

    What a device makes itself stays; see `fxchain.alignment.constant_offset`.

    Args:
        dry: one or two channels
        wet: the same
        routed: the preset takes the constants of the dry out, too

    Returns:
        dry, wet, the sentences, and what the preset is to subtract from each channel of the dry;
        empty: nothing
    """
    (found, of_dry, constants), (wet, of_wet, _) = _removed(dry), _removed(wet)
    also = "the preset does the same" if routed else "take it out of what you play, too"
    said = [f"{sentence}; {also}" for sentence in of_dry]
    return found, wet, [*said, *of_wet], constants


def _removed(audio: Audio) -> tuple[Audio, list[str], tuple[float, ...]]:
    offsets = [constant_offset(channel, audio.sample_rate) for channel in audio.samples]
    if not any(offsets):
        return audio, [], ()
    samples = np.stack(
        [
            np.where(_sampled(channel, audio.sample_rate), channel - np.float32(offset), channel)
            for channel, offset in zip(audio.samples, offsets, strict=True)
        ]
    )
    found = replace(audio, samples=samples)
    if energy(found.samples) <= SILENT_SHARE * energy(audio.samples):
        return audio, [], ()
    constant = audio.length * float(np.square(offsets).sum())
    if constant <= SAID_SHARE * energy(found.samples):
        return found, [], ()  # inaudible in what a preset plays
    largest = max(offsets, key=abs)
    said = (
        f"{Path(audio.name).name}: a constant of {largest:+.2g} of full scale (DC) is in it, as a "
        "converter adds it; it was taken out"
    )
    return found, [said], tuple(offsets)


def _sampled(channel: NDArray[np.float32], sample_rate: float) -> NDArray[np.bool_]:
    """Return (samples,) where a converter was at work: all but stretches of exact zeros."""
    edges = np.flatnonzero(np.diff(channel == 0.0, prepend=False, append=False))
    found = np.ones(len(channel), dtype=bool)
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        if end - begin >= UNSAMPLED_SECONDS * sample_rate:
            found[begin:end] = False
    return found
