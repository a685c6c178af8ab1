"""Stereo recordings of which only one side sounds."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from fxchain.files.audio_input import Audio
from fxchain.recordings.load_recording import SILENT_DBFS

#: A side so far below the other is crosstalk or noise, dB.
CROSSTALK_DB = 70.0

_NAMES = ("left", "right")


def sounding_channels(dry: Audio, wet: Audio) -> tuple[Audio, Audio, list[str]]:
    """Return a pair without sides that are silent, and sentences about what was left out.

    Where the wet has one sounding side, that side of a stereo dry is what the device heard.

    Args:
        dry: one or two channels, not silent
        wet: one or two channels, not silent
    """
    said = []
    heard = only_sounding_channel(wet)
    if heard is not None:
        wet, sentence = _side(wet, heard)
        said.append(sentence)
    played = only_sounding_channel(dry)
    if played is not None:
        dry, sentence = _side(dry, played)
        said.append(sentence)
    elif heard is not None and dry.channels > 1:
        dry = replace(dry, samples=dry.samples[heard : heard + 1])
        said.append(f"{Path(dry.name).name}: its {_NAMES[heard]} side alone is used, as of the wet")
    return dry, wet, said


def only_sounding_channel(audio: Audio) -> int | None:
    """Return the only side that sounds; None where both do, or there is just one channel."""
    if audio.channels == 1:
        return None
    peaks = np.abs(audio.samples).max(axis=1)
    loud = int(np.argmax(peaks))
    silent = max(10 ** (SILENT_DBFS / 20), float(peaks[loud]) * 10 ** (-CROSSTALK_DB / 20))
    return loud if peaks[1 - loud] < silent else None


def _side(audio: Audio, side: int) -> tuple[Audio, str]:
    other = float(np.abs(audio.samples[1 - side]).max())
    level = "digital silence" if other == 0.0 else f"peak {20 * np.log10(other):.0f} dBFS"
    sentence = (
        f"{Path(audio.name).name}: its {_NAMES[1 - side]} side is silent ({level}); the "
        f"{_NAMES[side]} one is used alone, as mono"
    )
    return replace(audio, samples=audio.samples[side : side + 1]), sentence
