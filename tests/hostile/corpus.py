"""Broken and strange recordings, each made from nothing, with what is said of the broken ones."""

import os
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile

from fxchain.data.signals import plucked_strings

RATE = 16_000
Maker = Callable[[Path], None]


def strings(seconds: float = 1.0, seed: int = 0) -> np.ndarray:
    """Return (samples,), plucked."""
    return plucked_strings(seconds, RATE, seed)[0]


def written(samples: np.ndarray, rate: int = RATE, subtype: str = "FLOAT") -> Maker:
    """Return what writes (samples,) or (samples, channels) as the format the name ends in."""
    return lambda path: soundfile.write(path, samples, rate, subtype=subtype)


def content(data: bytes) -> Maker:
    """Return what writes bytes."""
    return lambda path: path.write_bytes(data) and None


def wave(subtype: str = "FLOAT", format: str = "WAV", samples: np.ndarray | None = None) -> bytes:
    """Return the bytes of a healthy file."""
    import io

    file = io.BytesIO()
    soundfile.write(file, strings() if samples is None else samples, RATE, subtype, format=format)
    return file.getvalue()


def cut(data: bytes, share: float) -> Maker:
    """Return what writes the first part of a file."""
    return content(data[: int(share * len(data))])


def patched(data: bytes, *changes: tuple[int, bytes]) -> Maker:
    """Return what writes a file with other bytes in places."""
    changed = bytearray(data)
    for at, new in changes:
        changed[at : at + len(new)] = new
    return content(bytes(changed))


def with_sample(value: float, at: int = 777) -> Maker:
    """Return what writes strings with one other sample."""
    samples = strings().astype(np.float32)
    samples[at] = value
    return written(samples)


def sparse(path: Path) -> None:
    """Write a header that announces two gigabytes of sound, which are there: zeros on no disk."""
    size = 2_000_000_000
    form = struct.pack("<HHIIHH", 3, 1, RATE, 4 * RATE, 4, 32)
    head = b"RIFF" + struct.pack("<I", size + 36) + b"WAVEfmt " + struct.pack("<I", 16) + form
    with path.open("wb") as file:
        file.write(head + b"data" + struct.pack("<I", size))
        file.truncate(size + 44)


WAV, FLAC = wave(), wave("PCM_16", "FLAC")
DATA = WAV.index(b"data")

#: Broken recordings: how each is made, and what is said of it by whoever opens it.
BROKEN: dict[str, tuple[Maker, str]] = {
    "missing.wav": (lambda path: None, "there is no such file; check the name"),
    "folder.wav": (lambda path: path.mkdir(), "this is a folder; give the name of an audio file"),
    "pipe.wav": (lambda path: os.mkfifo(path), "this is a device or a pipe"),
    "circle.wav": (lambda path: path.symlink_to(path.name), "cannot be read (Too many levels"),
    "nowhere.wav": (lambda path: path.symlink_to("gone"), "there is no such file; check the name"),
    "empty.wav": (content(b""), "the file is empty"),
    "byte.wav": (content(b"R"), "this is not an audio file"),
    "text.wav": (content(b"this is text\n" * 9), "this is not an audio file"),
    "json.wav": (content(b'{"format": "fxchain-preset"}'), "this is not an audio file"),
    "zeros.wav": (content(bytes(5_000)), "this is not an audio file"),
    "noise.wav": (content(np.random.default_rng(0).bytes(5_000)), "this is not an audio file"),
    "page.mp3": (content(b"<html><body>404</body></html>"), "this is not an audio file"),
    "picture.flac": (content(b"\x89PNG\r\n\x1a\n" + bytes(99)), "this is not an audio file"),
    "head.wav": (content(WAV[:12]), "this is not an audio file"),
    "head.flac": (content(FLAC[:42]), "the file is damaged"),
    "headless.wav": (content(WAV[44:]), "this is not an audio file"),
    "half.wav": (cut(WAV, 0.5), "the file is cut off (50"),
    "nearly.wav": (cut(WAV, 0.999), "the file is cut off (0.1% of the announced sound"),
    "half.aiff": (cut(wave("PCM_16", "AIFF"), 0.5), "the file is cut off (50"),
    "half.flac": (cut(FLAC, 0.5), "the file is damaged (flac decoder lost sync)"),
    "half.ogg": (cut(wave("VORBIS", "OGG"), 0.02), "this is not an audio file"),
    "torn.flac": (patched(FLAC, (len(FLAC) // 2, bytes(900))), "the file is damaged"),
    "channels0.wav": (patched(WAV, (22, b"\0\0")), "this is not an audio file"),
    "channels99.wav": (patched(WAV, (22, b"\x63\0")), "99 channels, but only one or two"),
    "rate0.wav": (patched(WAV, (24, bytes(4))), "this is not an audio file"),
    "rate-1.wav": (patched(WAV, (24, b"\xff" * 4)), "this is not an audio file"),
    "format.wav": (patched(WAV, (20, b"\x99\x99")), "this is not an audio file"),
    "nothing.wav": (written(np.zeros((0, 1))), "there are no samples in it"),
    "nan.wav": (with_sample(np.nan), "sample 777 is not finite"),
    "inf.wav": (with_sample(np.inf), "sample 777 is not finite"),
    "minus inf.wav": (with_sample(-np.inf, 0), "sample 0 is not finite"),
    "last.wav": (with_sample(np.nan, -1), "sample 15999 is not finite"),
    "8kHz.wav": (written(strings(), 8_000), "the sample rate 8000 Hz is not a whole number from"),
    "11kHz.wav": (written(strings(), 11_025), "the sample rate 11025 Hz is not"),
    "384kHz.wav": (written(strings(), 384_000), "the sample rate 384000 Hz is not"),
    "3.wav": (written(np.ones((900, 3)) / 9), "3 channels, but only one or two can be used"),
    "6.wav": (written(np.ones((900, 6)) / 9), "6 channels, but only one or two can be used"),
    "8.wav": (written(np.ones((900, 8)) / 9), "8 channels, but only one or two can be used"),
    'it\'s "quoted" ünïcödé 🎸.wav': (content(b"x"), "this is not an audio file"),
    "two\nlines.wav": (content(b"x"), "this is not an audio file"),
    f"{'long' * 70}.wav": (lambda path: None, "cannot be read (File name too long)"),
}

#: Recordings that can be rendered but not matched.
UNMATCHABLE: dict[str, tuple[Maker, str]] = {
    "one.wav": (written(np.ones(1)), "0.00 s are too short; give at least 0.5 s"),
    "short.wav": (written(strings(0.3)), "0.30 s are too short; give at least 0.5 s"),
    "silent.wav": (written(np.zeros(RATE)), "silent (its peak is below -90 dBFS)"),
    "denormal.wav": (written(np.full(RATE, 1e-40, np.float32)), "silent (its peak is below"),
    "faint.wav": (written(1e-6 * strings()), "silent (its peak is below"),
    "opposed.wav": (written(np.stack([strings(), -strings()], 1)), "mixed to mono"),
    "huge.wav": (sparse, "longer than 25000 s, the most that is held in memory; cut it"),
}


def click() -> np.ndarray:
    samples = np.zeros(RATE)
    samples[RATE // 2] = 1.0
    return samples


#: Recordings that are strange, and fine.
STRANGE: dict[str, Maker] = {
    "8bit.wav": written(strings(), subtype="PCM_U8"),
    "16bit.wav": written(strings(), subtype="PCM_16"),
    "24bit.wav": written(strings(), subtype="PCM_24"),
    "32bit.wav": written(strings(), subtype="PCM_32"),
    "double.wav": written(strings(), subtype="DOUBLE"),
    "mulaw.wav": written(strings(), subtype="ULAW"),
    "flac.flac": written(strings(), subtype="PCM_24"),
    "vorbis.ogg": written(strings(), subtype="VORBIS"),
    "mp3.mp3": written(strings(), subtype="MPEG_LAYER_III"),
    "aiff.aiff": written(strings(), subtype="PCM_16"),
    "w64.w64": written(strings()),
    "named.mp3": content(WAV),
    "192kHz.wav": written(strings(), 192_000),
    "44100.wav": written(strings(), 44_100),
    "stereo.wav": written(np.stack([strings(), 0.5 * strings()], 1)),
    "side.wav": written(np.stack([strings(), 0.0 * strings()], 1)),
    "dc.wav": written(np.full(RATE, 0.7)),
    "offset.wav": written(strings() + 0.5),
    "square.wav": written(np.sign(np.sin(np.arange(RATE) * 0.03) + 1e-9)),
    "click.wav": written(click()),
    "loud.wav": written(1e6 * strings()),
    "quiet.wav": written(1e-3 * strings()),
    "denormals.wav": written(np.where(np.arange(RATE) % 2, strings(), 1e-40).astype(np.float32)),
    "piped.wav": patched(WAV, (4, b"\xff" * 4), (DATA + 4, b"\xff" * 4)),
    "spaces and 'quotes' \"too\" ünïcödé 🎸.wav": written(strings()),
}
