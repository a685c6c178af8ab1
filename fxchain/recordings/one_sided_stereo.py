"""Stereo recordings of which one channel is silent."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from fxchain.files.audio_input import Audio
from fxchain.recordings.load_recording import SILENT_DBFS

#: A channel so far below the other is crosstalk or noise, dB.
CROSSTALK_DB = 70.0

_NAMES = ("left", "right")


def sounding_channels(dry: Audio, wet: Audio) -> tuple[Audio, Audio, list[str]]:
    """Return a pair without silent channels, and sentences about what was left out.

    Where the wet has one sounding channel, the same channel of a stereo dry is used.

    Args:
        dry: one or two channels, not silent
        wet: one or two channels, not silent
    """
    sentences = []
    wet_channel = only_sounding_channel(wet)
    if wet_channel is not None:
        wet, sentence = _only_channel(wet, wet_channel)
        sentences.append(sentence)
    dry_channel = only_sounding_channel(dry)
    if dry_channel is not None:
        dry, sentence = _only_channel(dry, dry_channel)
        sentences.append(sentence)
    elif wet_channel is not None and dry.channels > 1:
        dry = replace(dry, samples=dry.samples[wet_channel : wet_channel + 1])
        side = _NAMES[wet_channel]
        sentences.append(f"{Path(dry.name).name}: its {side} side alone is used, as of the wet")
    return dry, wet, sentences


def only_sounding_channel(audio: Audio) -> int | None:
    """Return the only channel that sounds; None where both do, or there is just one."""
    if audio.channels == 1:
        return None
    peaks = np.abs(audio.samples).max(axis=1)
    loud = int(np.argmax(peaks))
    silent = max(10 ** (SILENT_DBFS / 20), float(peaks[loud]) * 10 ** (-CROSSTALK_DB / 20))
    return loud if peaks[1 - loud] < silent else None


def _only_channel(audio: Audio, channel: int) -> tuple[Audio, str]:
    other = float(np.abs(audio.samples[1 - channel]).max())
    level = "digital silence" if other == 0.0 else f"peak {20 * np.log10(other):.0f} dBFS"
    sentence = (
        f"{Path(audio.name).name}: its {_NAMES[1 - channel]} side is silent ({level}); the "
        f"{_NAMES[channel]} one is used alone, as mono"
    )
    return replace(audio, samples=audio.samples[channel : channel + 1]), sentence
