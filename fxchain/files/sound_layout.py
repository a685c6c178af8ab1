"""Where the sound lies in a file by its header, and whether all of it is there.

Read from the chunks of WAV (RIFF, RIFX, RF64, BW64), W64, AIFF, AIFC, 8SVX and CAF, and from the
head of AU.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from fxchain.files.chunks import Chunk, Syntax, chunk_at, chunks, search_chunk

# Sizes in 32 bits that programs write when they do not know the length, as into a pipe.
_UNKNOWN_FROM, _UNKNOWN_32 = 0x7FFF_0000, 0xFFFF_FFFF
# Lengths of the descriptions of the samples, bytes.
_SHORTEST_FORMAT, _SHORTEST_COMM, _AU_HEAD, _LONGEST_FORMAT = 16, 18, 24, 4_096
# Of CAF: the length of the description, bytes, and encodings that have one size for all samples.
_CAF_FORMAT, _CAF_PLAIN = 32, (b"lpcm", b"ulaw", b"alaw")
# Bytes of a sample in each encoding of AU.
_AU_SAMPLE_BYTES = {1: 1, 2: 1, 3: 2, 4: 3, 5: 4, 6: 4, 7: 8, 27: 1}
_FORMS = {b"RIFF", b"RIFX", b"RF64", b"BW64", b"riff", b"FORM", b"caff"}
_TAGS, _FILLING_BYTES = (b"ID3", b"TAG", b"APETAGEX", b"LYRICSBEGIN"), 65_536
_RIFF = Syntax("<I")
_BIG_ENDIAN = Syntax(">I")
_W64 = Syntax("<Q", name_bytes=16, counts_itself=True, alignment=8)
_CAF = Syntax(">q", alignment=1)


@dataclass(frozen=True)
class SoundLayout:
    """What a header says of the sound in its file.

    Attributes:
        family: `wave`, `aiff`, `au` or `caf`, which `sound_window` can write, or another
        order: of bytes, as `struct` calls it
        format: the content of the chunk that describes the samples; of AU all of its head
        start: where the sound begins, bytes from the start of the file
        announced: how long it is by the header, bytes; None: the program that wrote it did not know
        end: the length of the file, bytes
        frame_bytes: of one sample of all channels
        file_is_whole: the header says how long the whole file is, and so much is there
        finished: False where the header says that there is no sound, but something follows
        rest: bytes after the announced end of the sound that are no chunk, tag or zeros
    """

    family: str
    order: str
    format: bytes
    start: int
    announced: int | None
    end: int
    frame_bytes: int
    file_is_whole: bool = False
    finished: bool = True
    rest: int = 0

    @property
    def there(self) -> int:
        """Return how many bytes there are from the start of the sound to the end of the file."""
        return max(0, self.end - self.start)

    @property
    def missing(self) -> int:
        """Return how many of the announced bytes are not there, but for a last part of a sample."""
        lacking = 0 if self.announced is None else self.announced - self.there
        return lacking if lacking >= self.frame_bytes else 0

    @property
    def is_cut(self) -> bool:
        """Return whether the file was cut, and the header is not merely a few bytes off."""
        return self.missing > 0 and not self.file_is_whole


def read_layout(path: Path) -> SoundLayout | None:
    """Return the layout of a file, None where it has no chunks, or none with sound.

    Args:
        path: any file that can be read
    """
    end = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(40)
        form, kind = head[:4], head[8:12]
        if kind == b"WAVE" and form in (b"RIFF", b"RF64", b"BW64"):
            return _wave(file, end, _RIFF, 12, _size(head[4:8], "<I") + 8)
        if kind == b"WAVE" and form == b"RIFX":
            return _wave(file, end, _BIG_ENDIAN, 12, _size(head[4:8], ">I") + 8)
        if form == b"riff" and head[24:28] == b"wave":
            return _wave(file, end, _W64, 40, _size(head[16:24], "<Q"))
        if form == b"FORM" and kind in (b"AIFF", b"AIFC", b"8SVX", b"16SV"):
            return _iff(file, end, kind, _size(head[4:8], ">I") + 8)
        if form == b"caff":
            return _caf(file, end)
        if form in (b".snd", b"dns."):
            return _au(file, end, ">" if form == b".snd" else "<")
    return None


def has_chunks(path: Path) -> bool:
    """Return whether a file begins as one that is made of chunks."""
    with path.open("rb") as file:
        return file.read(4) in _FORMS


def _wave(
    file: BinaryIO, end: int, syntax: Syntax, first: int, stated_end: int
) -> SoundLayout | None:
    found = _by_name(chunks(file, syntax, first), b"data")
    form, sound = found.get(b"fmt "), found.get(b"data")
    if form is None or not _SHORTEST_FORMAT <= form.size < _LONGEST_FORMAT:
        return None
    if sound is None:
        sound = search_chunk(file, syntax, b"data", form.start + form.size, end)
    content = _content(file, form)
    if sound is None or len(content) < _SHORTEST_FORMAT:
        return None
    size = sound.size if syntax == _W64 else _known(sound.size)
    if (wide := found.get(b"ds64")) is not None and sound.size == _UNKNOWN_32:
        stated, size = struct.unpack("<QQ", _content(file, wide)[:16].ljust(16, b"\0"))
        stated_end = stated + 8
    order = syntax.size_format[0]
    channels, block_bytes, bits = struct.unpack(f"{order}2xH8x2H", content[:16])
    frame_bytes = min(max(1, channels * -(-bits // 8)), max(1, block_bytes))
    layout = SoundLayout("wave", order, content, sound.start, size, end, frame_bytes)
    return _judged(file, layout, syntax, stated_end)


def _iff(file: BinaryIO, end: int, kind: bytes, stated_end: int) -> SoundLayout | None:
    aiff = kind.startswith(b"AIF")
    name = b"SSND" if aiff else b"BODY"
    found = _by_name(chunks(file, _BIG_ENDIAN, 12), name)
    sound, common = found.get(name), found.get(b"COMM")
    if sound is None:
        return None
    if not aiff:
        layout = SoundLayout("svx", ">", b"", sound.start, _known(sound.size), end, 1)
        return _judged(file, layout, _BIG_ENDIAN, stated_end)
    if common is None or not _SHORTEST_COMM <= common.size < _LONGEST_FORMAT:
        return None
    content = _content(file, common)
    if len(content) < _SHORTEST_COMM:
        return None
    channels, bits = struct.unpack(">H4xH", content[:8])
    file.seek(sound.start)
    skipped = 8 + _size(file.read(4), ">I")
    size = None if _known(sound.size) is None else sound.size - skipped
    frame_bytes = max(1, channels * -(-bits // 8))
    layout = SoundLayout("aiff", ">", content, sound.start + skipped, size, end, frame_bytes)
    return _judged(file, layout, _BIG_ENDIAN, stated_end)


def _caf(file: BinaryIO, end: int) -> SoundLayout | None:
    found = _by_name(chunks(file, _CAF, 8), b"data")
    sound, form = found.get(b"data"), found.get(b"desc")
    if sound is None or form is None or form.size != _CAF_FORMAT:
        return None
    content = _content(file, form)
    family = "caf" if content[8:12] in _CAF_PLAIN else "caf, compressed"
    packet_bytes = max(1, _size(content[16:20], ">I"))
    size = sound.size - 4 if sound.size >= 0 else None  # after the number of edits
    layout = SoundLayout(family, ">", content, sound.start + 4, size, end, packet_bytes)
    return _judged(file, layout, _CAF, 0)


def _au(file: BinaryIO, end: int, order: str) -> SoundLayout | None:
    file.seek(0)
    head = file.read(_AU_HEAD)
    if len(head) < _AU_HEAD:
        return None
    start, size, encoding, _, channels = struct.unpack(f"{order}5I", head[4:])
    frame_bytes = max(1, channels * _AU_SAMPLE_BYTES.get(encoding, 1))
    layout = SoundLayout("au", order, head, start, _known(size), end, frame_bytes)
    return _judged(file, layout, None, 0)


def _judged(
    file: BinaryIO, layout: SoundLayout, syntax: Syntax | None, stated_end: int
) -> SoundLayout:
    """Return a layout with what follows from the other sizes in the file.

    Args:
        file: open for reading
        layout: with the announced size as it is written
        syntax: of the chunks; None: there are none
        stated_end: the length of the whole file by its header, bytes; 0: it does not say
    """
    if layout.announced is None:
        return layout
    size = max(0, layout.announced)
    after = layout.start + size
    ends_well = after >= layout.end or (
        syntax is not None and _chunk_follows(file, syntax, after, layout.end)
    )
    if size == 0 and layout.there >= layout.frame_bytes and not ends_well:
        return replace(layout, announced=None, finished=False)
    return replace(
        layout,
        announced=size,
        file_is_whole=layout.start < stated_end <= layout.end,
        rest=0 if ends_well or _is_filling(file, after) else layout.end - after,
    )


def _chunk_follows(file: BinaryIO, syntax: Syntax, place: int, end: int) -> bool:
    """Return whether a chunk that is all there begins at a place, or at the next aligned one."""
    places = (place, place + -place % syntax.alignment)
    found = (chunk_at(file, syntax, each) for each in places)
    return any(chunk is not None and chunk.start + chunk.size <= end + 1 for chunk in found)


def _is_filling(file: BinaryIO, place: int) -> bool:
    """Return whether tags begin at a place, or zeros with which a recorder fills its last block."""
    file.seek(place)
    content = file.read(_FILLING_BYTES)
    return content.startswith(_TAGS) or not any(content)


def _known(size: int) -> int | None:
    """Return a size of 32 bits, None where it stands for one that was not known."""
    return size if size < _UNKNOWN_FROM else None


def _by_name(found: Iterable[Chunk], last: bytes) -> dict[bytes, Chunk]:
    """Return the first chunk of each name, up to the one of the sound."""
    named: dict[bytes, Chunk] = {}
    for chunk in found:
        named.setdefault(chunk.name, chunk)
        if chunk.name == last:
            break
    return named


def _content(file: BinaryIO, chunk: Chunk) -> bytes:
    file.seek(chunk.start)
    return file.read(chunk.size)


def _size(content: bytes, code: str) -> int:
    return int(struct.unpack(code, content)[0]) if len(content) == struct.calcsize(code) else 0
