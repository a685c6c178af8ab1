"""The tracks that a transfer's report compares."""

import numpy as np

from fxchain.files.audio_input import Audio, to_channels
from fxchain.report.content import Scene, Track
from fxchain.transferring.recordings import Recordings


def scenes_of(recordings: Recordings, matched: np.ndarray) -> tuple[Scene, ...]:
    """Return a scene for each reference: input, reference and matched; without one a single scene.

    Args:
        recordings: the input and its references
        matched: (channels, samples), the input through the chain
    """
    name, *others = recordings.files
    source = Track("input", "Input", recordings.source.samples, name)
    made = Track("matched", "Matched", matched)
    if not others:
        return (Scene("", (source, made), "input", "input"),)
    scenes = []
    for audio, file in zip(recordings.references, others, strict=True):
        reference = Track("reference", "Reference", _as_long(audio, recordings.source), file)
        named = file if len(others) > 1 else ""
        scenes.append(Scene(named, (source, reference, made), "reference", "input"))
    return tuple(scenes)


def _as_long(reference: Audio, source: Audio) -> np.ndarray:
    """Return a reference with the length and the channels of the input: cut, or over and over."""
    samples = to_channels(reference, source.channels).samples
    return np.asarray(samples[:, np.arange(source.length) % reference.length])
