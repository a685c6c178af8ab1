"""An indexed picture as a PNG data URI."""

import base64
import struct
import zlib

import numpy as np


def data_uri(picture: np.ndarray, palette: np.ndarray) -> str:
    """Return a PNG as `data:image/png;base64,…`.

    Args:
        picture: (rows, columns), uint8, indices into the palette
        palette: (colours, 3), uint8, red, green, blue

    Source:
        W3C, "Portable Network Graphics", 2003: an indexed picture of 8 bits, rows unfiltered.
    """
    rows, columns = picture.shape
    lines = np.zeros((rows, columns + 1), dtype=np.uint8)  # a row begins with its filter, none
    lines[:, 1:] = picture
    header = struct.pack(">IIBBBBB", columns, rows, 8, 3, 0, 0, 0)
    written = (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"PLTE", palette.astype(np.uint8).tobytes())
        + _chunk(b"IDAT", zlib.compress(lines.tobytes(), 9))
        + _chunk(b"IEND", b"")
    )
    return f"data:image/png;base64,{base64.b64encode(written).decode()}"


def _chunk(name: bytes, content: bytes) -> bytes:
    check = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", check)
