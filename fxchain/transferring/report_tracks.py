"""The tracks that a transfer's report compares."""

import numpy as np

from fxchain.files.audio_input import Audio, to_channels
from fxchain.report.content import Comparison, Track
from fxchain.transferring.recordings import Recordings


def comparisons_of(recordings: Recordings, matched: np.ndarray) -> tuple[Comparison, ...]:
    """Return a comparison for each reference: input, reference and match.

    Args:
        recordings: the input and its references
        matched: (channels, samples), the input through the chain
    """
    name, *others = recordings.files
    source = Track("input", "Input", recordings.source.samples, name)
    made = Track("matched", "Matched", matched)
    if not others:
        return (Comparison("", (source, made), "input", "input"),)
    found = []
    for audio, file in zip(recordings.references, others, strict=True):
        reference = Track("reference", "Reference", _as_long(audio, recordings.source), file)
        named = file if len(others) > 1 else ""
        found.append(Comparison(named, (source, reference, made), "reference", "input"))
    return tuple(found)


def _as_long(reference: Audio, source: Audio) -> np.ndarray:
    """Return a reference with length and channels of the input, cut or repeated."""
    samples = to_channels(reference, source.channels).samples
    return np.asarray(samples[:, np.arange(source.length) % reference.length])
