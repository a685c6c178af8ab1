"""Numbers and texts as the player reads them: little-endian, texts with their lengths first."""

import struct


def text_data(words: str) -> bytes:
    """Return a text, as UTF-8."""
    return whole_data(len(words.encode())) + words.encode()


def whole_data(number: int) -> bytes:
    """Return an unsigned number of four bytes."""
    return struct.pack("<I", number)


def real_data(*numbers: float) -> bytes:
    """Return numbers of eight bytes."""
    return struct.pack(f"<{len(numbers)}d", *numbers)
