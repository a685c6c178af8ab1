"""A second decoder, pedalboard's, for files that libsndfile cannot read."""

from contextlib import ExitStack
from typing import Any

import numpy as np


class OtherDecoder:
    """pedalboard's decoder, read as a `soundfile.SoundFile` is.

    Attributes:
        samplerate: Hz
        channels: how many there are
        frames: samples of each channel
        format: empty: none that libsndfile names

    Args:
        file: an open `pedalboard.io.AudioFile`
    """

    def __init__(self, file: Any) -> None:
        self._file = file
        self.samplerate = int(file.samplerate)
        self.channels = int(file.num_channels)
        self.frames = int(file.frames)
        self.format = ""

    def tell(self) -> int:
        """Return the position, samples."""
        return int(self._file.tell())

    def read(self, frames: int, dtype: str = "float32", always_2d: bool = True) -> np.ndarray:
        """Return the next (samples, channels)."""
        left = max(0, self.frames - self.tell())
        found = self._file.read(min(frames, left)) if left else np.zeros((self.channels, 0))
        return np.ascontiguousarray(found.T, dtype=dtype)


def other_decoder(file: Any, stack: ExitStack) -> OtherDecoder | None:
    """Return pedalboard's decoder of a file, None where it cannot read it either.

    It may never return from chunks of wrong sizes, so only a file without chunks, or with a header
    that was written anew, may be given to it.

    Args:
        file: open for reading, a `BinaryIO` or a `SoundWindow`
        stack: closes the decoder
    """
    from pedalboard.io import AudioFile

    try:
        file.seek(0)
        found = OtherDecoder(stack.enter_context(AudioFile(file)))
        usable = found.frames > 0 and found.samplerate > 0 and found.channels > 0
    except (OSError, ValueError, RuntimeError, TypeError):
        return None
    return found if usable else None
