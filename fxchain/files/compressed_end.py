"""Whether compressed files end as they should."""

import os
import struct
from pathlib import Path

_ID3_HEADER = 10
#: A first frame is read so far, and its name is searched in it, bytes.
_FIRST_FRAME = 512
#: Of MP3 and of Ogg, bytes; counts of MP3 may or may not include the first frame.
_LONGEST_FRAME, _LONGEST_PAGE = 1_441, 65_307
_HAS_FRAMES, _HAS_BYTES, _LAST_PAGE = 1, 2, 4
_PAGE_HEAD = 27


def missing_mp3_bytes(path: Path) -> tuple[int, int]:
    """Return how many bytes of an MP3 are missing, and how many its encoder stored as its length.

    Encoders store it in a first frame named Xing or Info; zeros where there is none.

    Args:
        path: any file
    """
    with path.open("rb") as file:
        head, start = file.read(_ID3_HEADER), 0
        if head[:3] == b"ID3" and len(head) == _ID3_HEADER:
            size = 0
            for byte in head[6:]:
                size = size << 7 | byte & 0x7F
            start = _ID3_HEADER + size
        file.seek(start)
        frame = file.read(_FIRST_FRAME)
        end = file.seek(0, os.SEEK_END)
    if len(frame) < 2 or frame[0] != 0xFF or frame[1] & 0xE0 != 0xE0:
        return 0, 0
    at = max(frame.find(b"Xing"), frame.find(b"Info"))
    if at < 0 or len(frame) < at + 16:
        return 0, 0
    flags, first, second = struct.unpack(">3I", frame[at + 4 : at + 16])
    if not flags & _HAS_BYTES:
        return 0, 0
    announced = second if flags & _HAS_FRAMES else first
    missing = announced - (end - start)
    return (missing if missing > _LONGEST_FRAME else 0), announced


def ends_as_ogg(path: Path) -> bool:
    """Return whether the last page of an Ogg file says that it is the last, and is all there."""
    with path.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        file.seek(max(0, end - 2 * _LONGEST_PAGE))
        content = file.read()
    page = content[max(0, content.rfind(b"OggS")) :]
    if not page.startswith(b"OggS") or len(page) < _PAGE_HEAD or not page[5] & _LAST_PAGE:
        return False
    segments = page[_PAGE_HEAD : _PAGE_HEAD + page[_PAGE_HEAD - 1]]
    return len(page) >= _PAGE_HEAD + page[_PAGE_HEAD - 1] + sum(segments)
