"""The input and its references: one sample rate, as many channels as the input has."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fxchain.errors import MatchError
from fxchain.files.audio_input import Audio, resample, to_channels
from fxchain.recordings.load_recording import clipped_share, file_notes, load
from fxchain.session.command_line import file_name
from fxchain.wording import counted


@dataclass(frozen=True, eq=False)
class Recordings:
    """The recordings of a transfer.

    Attributes:
        source: the input, unchanged
        references: at the input's sample rate, with as many channels or fewer
        warnings: sentences about what was done to them
        files: names of the input and of the references, without their folders
    """

    source: Audio
    references: tuple[Audio, ...]
    warnings: tuple[str, ...]
    files: tuple[str, ...]


def read_recordings(
    source: Any, references: Sequence[Any], sample_rate: float | None
) -> Recordings:
    """Read the input and its references.

    A stereo reference is mixed to mono for a mono input. A mono reference of a stereo input stays
    mono: it says nothing about width.

    Args:
        source: a path, or (samples,) or (channels, samples)
        references: the same, each
        sample_rate: Hz, of the arrays; None where all are paths

    Raises:
        AudioError: a recording cannot be read or used as audio.
        MatchError: a recording is silent or too short.
    """
    first = load(source, sample_rate, "input")
    found, warnings, files = [], file_notes(first), [file_name(source, "input.wav")]
    for number, each in enumerate(references, start=1):
        name = "reference" if len(references) == 1 else f"reference {number}"
        files.append(file_name(each, f"{name.replace(' ', '-')}.wav"))
        reference = load(each, sample_rate, name)
        bare = Path(reference.name).name
        warnings += file_notes(reference)
        if places := clipped_share(reference)[0]:
            warnings.append(f"{bare}: cut off at full scale in {counted(places, 'place')}")
        if reference.sample_rate != first.sample_rate:
            reference = resample(reference, first.sample_rate)
        if reference.channels > first.channels:
            reference = to_channels(reference, first.channels)
            if not np.any(reference.samples):
                raise MatchError(f"{reference.name}: silent when its channels are mixed to mono")
            warnings.append(f"{bare}: stereo, mixed to mono because the input is mono")
        elif reference.channels < first.channels:
            warnings.append(f"{bare}: mono, so it says nothing about width")
        found.append(reference)
    return Recordings(first, tuple(found), tuple(warnings), tuple(files))
