"""Whether a WAV or AIFF file is complete: its header has the announced length."""

import struct
from pathlib import Path

# Sizes that programs write when they do not know the length, as into a pipe.
_UNKNOWN_FROM = 0x7FFF_0000
_MOST_CHUNKS = 1_000


def missing_share(path: Path) -> float:
    """Return which share of the announced sound is not in a file, 0 … 1.

    Args:
        path: any file; one that is neither WAV nor AIFF counts as complete, as does one whose
            header does not know the length
    """
    with path.open("rb") as file:
        head = file.read(12)
        forms = {(b"RIFF", b"WAVE"): ("<", b"data"), (b"FORM", b"AIFF"): (">", b"SSND")}
        order, sound = forms.get((head[:4], head[8:12]), ("", b""))
        if not order:
            return 0.0
        length = path.stat().st_size
        for _ in range(_MOST_CHUNKS):
            chunk = file.read(8)
            if len(chunk) < 8:
                return 0.0
            name, size = struct.unpack(f"{order}4sI", chunk)
            if name == sound:
                there = length - file.tell()
                known = 0 < size < _UNKNOWN_FROM
                return max(0.0, 1.0 - there / size) if known else 0.0
            file.seek(size + size % 2, 1)
    return 0.0
