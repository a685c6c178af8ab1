"""The sound of a file behind a new header, where its own header cannot be used."""

import io
import struct
from pathlib import Path
from typing import Any, BinaryIO

from fxchain.files.sound_layout import SoundLayout

_MOST_BYTES = 2**32 - 2**16  # what sizes of 32 bits can count, with room for a header


def sound_window(path: Path, layout: SoundLayout) -> "SoundWindow | None":
    """Return a file with a new header and the sound of another, without a copy of it.

    Args:
        path: the other file
        layout: of its sound; all whole samples are taken from its start to the announced end, or
            to the end of the file where that is sooner or was not known

    Returns:
        the file, or None where the format is none of WAV, W64, AIFF, AIFC, AU and plain CAF, or
        there is no sound, or too much
    """
    announced = layout.there if layout.announced is None else layout.announced
    size = min(announced, layout.there)
    size -= size % layout.frame_bytes
    if not 0 < size <= _MOST_BYTES:
        return None
    header = _header(layout, size)
    return None if header is None else SoundWindow(path, header, layout.start, size)


class SoundWindow(io.RawIOBase):
    """A header and a part of a file, one after the other.

    Args:
        path: the file
        header: what comes first
        start: where the part begins, bytes
        size: its length, bytes
    """

    def __init__(self, path: Path, header: bytes, start: int, size: int) -> None:
        self._file: BinaryIO = path.open("rb")
        self._header, self._start = header, start
        self._end = len(header) + size
        self._at = 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the position, bytes."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a position and return it, bytes."""
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._end}[whence]
        self._at = max(0, origin + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer with the next bytes, and return how many there were."""
        wanted = min(len(buffer), self._end - self._at)
        if wanted <= 0:
            return 0
        if self._at < len(self._header):
            found = self._header[self._at : self._at + wanted]
        else:
            self._file.seek(self._start + self._at - len(self._header))
            found = self._file.read(wanted)
        self._at += len(found)
        buffer[: len(found)] = found
        if len(found) < wanted and found:
            return len(found) + self.readinto(memoryview(buffer)[len(found) :])
        return len(found)

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()


def _header(layout: SoundLayout, size: int) -> bytes | None:
    """Return the header of a file with so many bytes of sound; what follows is the sound."""
    if layout.family == "wave":
        count = f"{layout.order}I"
        form = b"fmt " + struct.pack(count, len(layout.format)) + layout.format
        form += b"\0" * (len(layout.format) % 2)
        body = b"WAVE" + form + b"data" + struct.pack(count, size)
        name = b"RIFF" if layout.order == "<" else b"RIFX"
        return name + struct.pack(count, len(body) + size) + body
    if layout.family == "aiff":
        frames = struct.pack(">I", size // layout.frame_bytes)
        common = layout.format[:2] + frames + layout.format[6:]
        common = b"COMM" + struct.pack(">I", len(common)) + common + b"\0" * (len(common) % 2)
        kind = b"AIFF" if len(layout.format) < 22 else b"AIFC"
        body = kind + common + b"SSND" + struct.pack(">I8x", size + 8)
        return b"FORM" + struct.pack(">I", len(body) + size) + body
    if layout.family == "au":
        fields = struct.unpack(f"{layout.order}3I", layout.format[12:24])
        return layout.format[:4] + struct.pack(f"{layout.order}5I", 24, size, *fields)
    if layout.family == "caf":
        form = b"desc" + struct.pack(">q", len(layout.format)) + layout.format
        return b"caff\0\1\0\0" + form + b"data" + struct.pack(">qI", size + 4, 0)
    return None
