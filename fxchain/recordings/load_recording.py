"""A file or an array becomes a recording that can be matched."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from fxchain.errors import MatchError
from fxchain.files.audio_input import Audio, from_array, read_audio

SHORTEST_SECONDS = 0.5
SILENT_DBFS = -90.0

#: Least and most magnitude that count as full scale, and equal samples in a row in a clipped peak.
_FULL_SCALE, _BEYOND = 0.999, 1.001
_CUT_SAMPLES = 3


def load(source: Any, sample_rate: float | None, side: str) -> Audio:
    """Read a file, or copy an array, and refuse what cannot be matched.

    Args:
        source: a path, or (samples,) or (channels, samples)
        sample_rate: Hz, of an array; None for a file
        side: `"dry"` or `"wet"`, for messages about an array

    Raises:
        AudioError: it cannot be read or used as audio.
        MatchError: it is silent or shorter than 0.5 s, or an array came without a sample rate.
    """
    return checked(_opener(source, sample_rate, side)())


def checked(audio: Audio) -> Audio:
    """Return a recording that can be matched.

    Raises:
        MatchError: it is silent or shorter than 0.5 s.
    """
    if audio.seconds < SHORTEST_SECONDS:
        raise MatchError(
            f"{audio.name}: {audio.seconds:.2f} s are too short; give at least "
            f"{SHORTEST_SECONDS:g} s"
        )
    peak = float(np.abs(audio.samples).max())
    if peak < 10 ** (SILENT_DBFS / 20):
        raise MatchError(
            f"{audio.name}: silent (its peak is below {SILENT_DBFS:g} dBFS), so there is nothing "
            "to match"
        )
    return audio


def one_channel(audio: Audio, channel: int | None) -> Audio:
    """Return a recording with one of its channels alone, counted from 0; None: as it is.

    Raises:
        MatchError: there is no such channel, or it is silent.
    """
    if channel is None:
        return audio
    if not 0 <= channel < audio.channels:
        raise MatchError(
            f"{audio.name}: there is no channel {channel}, counted from 0; it has {audio.channels}"
        )
    return checked(replace(audio, samples=audio.samples[channel : channel + 1]))


def file_notes(audio: Audio) -> list[str]:
    """Return what is odd about the file of a recording, as sentences with its name."""
    return [f"{Path(audio.name).name}: {note}" for note in audio.notes]


def clipped_share(audio: Audio) -> tuple[int, float]:
    """Return the number of clipped peaks, and the share of the samples in them.

    A peak counts as clipped where three or more equal samples in a row are at full scale. In
    floating point a recording may go beyond it; then nothing was cut off there.
    """
    if float(np.abs(audio.samples).max()) > _BEYOND:
        return 0, 0.0
    loud = np.greater_equal(np.abs(audio.samples), _FULL_SCALE)
    held = loud[:, 1:] & np.equal(audio.samples[:, 1:], audio.samples[:, :-1])
    runs = held.copy()
    for further in range(1, _CUT_SAMPLES - 1):
        runs = runs[:, :-1] & held[:, further:]
    begins = np.diff(runs.astype(np.int8), axis=1, prepend=0) == 1
    share = float((runs.sum() + (_CUT_SAMPLES - 1) * begins.sum()) / audio.samples.size)
    return int(begins.sum()), share


def _opener(source: Any, sample_rate: float | None, side: str) -> Callable[[], Audio]:
    """Return what reads a path or takes an array."""
    if isinstance(source, str | os.PathLike):
        return lambda: read_audio(Path(source))
    if sample_rate is None:
        raise MatchError(f"the {side} array: say its sample rate (sample_rate=, in Hz)")
    return lambda: from_array(source, sample_rate, f"the {side} array")
