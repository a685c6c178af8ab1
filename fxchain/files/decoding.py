"""Opens an audio file with whatever can read it, and says what is odd about it.

libsndfile reads the file as it is; where its header is not right, the sound behind a new header.
What libsndfile cannot read at all, pedalboard may.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

import numpy as np
import soundfile

from fxchain.errors import AudioError
from fxchain.files.compressed_end import ends_as_ogg, missing_mp3_bytes
from fxchain.files.other_decoder import other_decoder
from fxchain.files.sound_layout import SoundLayout, has_chunks, read_layout
from fxchain.files.sound_window import sound_window
from fxchain.wording import counted

#: Sound after the announced end is mentioned where it is longer, s.
_MENTIONED_SECONDS = 1.0
_MP3_FRAME = 1_152
#: What libsndfile says of a FLAC without a length, which it cannot read to its end.
_UNKNOWN_LENGTH = 2**62


class Decoder(Protocol):
    """What reads an open audio file: a `soundfile.SoundFile`, or what reads as it does."""

    samplerate: int
    channels: int
    frames: int
    format: str

    def tell(self) -> int:
        """Return the position, samples."""
        ...

    def read(self, frames: int, dtype: str, always_2d: bool) -> np.ndarray:
        """Return the next (samples, channels)."""
        ...


@dataclass(frozen=True)
class Opened:
    """An open file.

    Attributes:
        decoder: reads it
        notes: sentences about what is odd
        tolerance: how many samples fewer than the decoder announces may come; None: any number
    """

    decoder: Decoder
    notes: tuple[str, ...]
    tolerance: int | None


@contextmanager
def opened(path: Path, name: str) -> Iterator[Opened]:
    """Open an audio file.

    Args:
        path: a file that may be read and is not empty
        name: what messages call it

    Raises:
        AudioError: nothing can read it, or it is cut off.
    """
    layout = read_layout(path)
    if layout is not None and layout.is_cut:
        raise AudioError(cut_off(name, layout.missing, layout.announced or 1, "bytes"))
    missing, announced = missing_mp3_bytes(path)
    if missing > 0:
        raise AudioError(cut_off(name, missing, announced, "bytes"))
    with ExitStack() as stack:
        decoder = _decoder(path, name, layout, stack)
        rate, seconds = decoder.samplerate, decoder.frames / max(1, decoder.samplerate)
        notes = [] if layout is None else _layout_notes(layout, rate, seconds)
        if decoder.format == "OGG" and not ends_as_ogg(path):
            notes.append(
                f"it does not end as an Ogg file does, so it may be cut off; the {seconds:.2f} s "
                "that are there are used"
            )
        tolerances = {"FLAC": 0, "MP3": _MP3_FRAME if announced > 0 else None}
        yield Opened(decoder, tuple(notes), tolerances.get(decoder.format))


def cut_off(name: str, missing: int, announced: int, unit: str = "samples") -> str:
    """Return the sentence about a file of which a part is missing.

    Args:
        name: what messages call it
        missing: how much of it is missing
        announced: how much its header announces
        unit: of both
    """
    share = missing / max(1, announced)
    lacking = f"{share:.1%}" if share >= 0.001 else f"{missing} {unit}"
    are = "is" if lacking.endswith("%") else "are"
    return (
        f"{name}: the file is cut off ({lacking} of the announced sound {are} missing); get a "
        "complete copy of it"
    )


def _decoder(path: Path, name: str, layout: SoundLayout | None, stack: ExitStack) -> Decoder:
    """Return the first decoder that can read a file: of what it is, or behind a new header."""
    window = None if layout is None else sound_window(path, layout)
    if window is not None:
        stack.enter_context(window)
    wrong = layout is not None and (layout.missing > 0 or not layout.finished)
    files = [os.fsencode(path)] if window is None else [os.fsencode(path), window]
    for file in reversed(files) if wrong else files:
        with suppress(soundfile.SoundFileError, TypeError):
            found = soundfile.SoundFile(file)
            if found.frames < _UNKNOWN_LENGTH:
                return stack.enter_context(found)
            found.close()
    other = None
    if window is not None or not has_chunks(path):
        other = other_decoder(window or _plain(path, stack), stack)
    if other is None:
        damaged = "its header is damaged: export it again"
        advice = "convert it to WAV or FLAC" if layout is None else damaged
        raise AudioError(f"{name}: this is not an audio file that can be read; {advice}")
    return other


def _plain(path: Path, stack: ExitStack) -> BinaryIO:
    return stack.enter_context(path.open("rb"))


def _layout_notes(layout: SoundLayout, rate: int, seconds: float) -> list[str]:
    """Say what is odd about the header of a file that is played all the same."""
    if not layout.finished:
        return [
            "its header was not finished, as when a recorder stops unexpectedly; the "
            f"{seconds:.2f} s that are there are used"
        ]
    if layout.missing > 0:
        return [
            f"its header announces {counted(layout.missing, 'byte')} more sound than there are, "
            f"but the file is complete; all {seconds:.2f} s are used"
        ]
    after = layout.rest / (layout.frame_bytes * max(1, rate))
    if layout.family in ("wave", "aiff", "au") and after > _MENTIONED_SECONDS:
        return [
            f"after the {seconds:.2f} s that its header announces follow "
            f"{counted(layout.rest, 'byte')} more, which are not used; if they are "
            "sound, export the file again"
        ]
    return []
