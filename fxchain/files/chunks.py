"""Chunks: the parts of which RIFF, AIFF, RF64, W64 and CAF files are made."""

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

_MOST_CHUNKS = 1_000
_SEARCH_BYTES = 2**20


@dataclass(frozen=True)
class Syntax:
    """How the chunks of a format are written.

    Attributes:
        size_format: of the size of a chunk, as `struct` calls it
        name_bytes: length of the name before the size; more than four are a GUID
        counts_itself: the size includes name and size
        alignment: chunks begin at multiples of it, counted from the start of the file
    """

    size_format: str
    name_bytes: int = 4
    counts_itself: bool = False
    alignment: int = 2

    @property
    def head_bytes(self) -> int:
        """Return the length of name and size."""
        return self.name_bytes + struct.calcsize(self.size_format)


@dataclass(frozen=True)
class Chunk:
    """A chunk.

    Attributes:
        name: its first four bytes
        start: where its content begins, in bytes from the start of the file
        size: of the content as its head announces it, bytes; it may not all be there, and may be
            negative where the head is damaged
    """

    name: bytes
    start: int
    size: int


def chunks(file: BinaryIO, syntax: Syntax, start: int) -> Iterator[Chunk]:
    """Yield the chunks from a place on, up to the first place where there is none.

    Some programs leave out the byte after a chunk of odd size. So where no name stands at the
    aligned place, the place without alignment is tried.

    Args:
        file: open for reading; its position is changed
        syntax: of its chunks
        start: where the first one begins, bytes from the start of the file
    """
    places = [start]
    for _ in range(_MOST_CHUNKS):
        found = next((c for at in places if (c := chunk_at(file, syntax, at)) is not None), None)
        if found is None:
            return
        yield found
        end = found.start + max(0, found.size)
        places = [end + -end % syntax.alignment, end]


def chunk_at(file: BinaryIO, syntax: Syntax, place: int) -> Chunk | None:
    """Return the chunk that begins at a place, None where no name of one is there."""
    if not 0 <= place < file.seek(0, os.SEEK_END):
        return None
    file.seek(place)
    head = file.read(syntax.head_bytes)
    if len(head) < syntax.head_bytes or not _is_name(head[:4]):
        return None
    (size,) = struct.unpack(syntax.size_format, head[syntax.name_bytes :])
    own = syntax.head_bytes if syntax.counts_itself else 0
    return Chunk(head[:4], place + syntax.head_bytes, size - own)


def search_chunk(file: BinaryIO, syntax: Syntax, name: bytes, start: int, end: int) -> Chunk | None:
    """Return the first chunk of a name that fits into the file, wherever it begins.

    For files in which the size of an earlier chunk is wrong.

    Args:
        file: open for reading; its position is changed
        syntax: of its chunks
        name: four bytes
        start: where the search begins, bytes; it ends 1 MiB later
        end: the length of the file, bytes
    """
    file.seek(start)
    content = file.read(_SEARCH_BYTES)
    at = content.find(name)
    while at >= 0:
        found = chunk_at(file, syntax, start + at)
        if found is not None and 0 <= found.size <= end - found.start:
            return found
        at = content.find(name, at + 1)
    return None


def _is_name(name: bytes) -> bool:
    """Return whether four bytes can name a chunk: printable, with a letter among them."""
    return all(32 <= byte < 127 for byte in name) and any(chr(byte).isalpha() for byte in name)
