"""Audio output: a file appears under its name when it is complete, or not at all.

Samples are written as they are: a format that would clip them refuses instead.
"""

import math
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import soundfile

from fxchain.errors import OutputError
from fxchain.files.atomic import check_file_target, replacing
from fxchain.wording import counted

BLOCK_SAMPLES = 65_536

# What a written file becomes, by its extension: libsndfile's format and sample encoding.
FORMATS = {
    ".flac": ("FLAC", "PCM_24"),
    ".mp3": ("MP3", "MPEG_LAYER_III"),
    ".ogg": ("OGG", "VORBIS"),
    ".w64": ("W64", "FLOAT"),
    ".wav": ("WAV", "FLOAT"),
}
_UNLIMITED_ENCODINGS = {"FLOAT", "DOUBLE"}  # they hold samples beyond full scale
LARGEST_WAV_BYTES = 2**32 - 4096  # the header counts in 32 bits
_SAMPLE_BYTES = {"DOUBLE": 8, "PCM_24": 3, "PCM_16": 2}  # the others take 4 or are not counted


def write_audio(
    path: str | Path,
    samples: np.ndarray,
    sample_rate: int,
    force: bool = False,
    encoding: str | None = None,
) -> None:
    """Write a whole file, completely or not at all.

    Args:
        path: where; the extension chooses the format, see `FORMATS`
        samples: (samples,) or (channels, samples)
        sample_rate: Hz
        force: overwrite a file that exists
        encoding: libsndfile's name of the sample encoding, e.g. `"PCM_16"`, when not the usual one

    Raises:
        OutputError: see `create_audio`.
    """
    samples = np.atleast_2d(samples)
    with create_audio(path, sample_rate, samples.shape[0], force, encoding) as writer:
        writer.write(samples)


class AudioWriter:
    """A file being written in blocks; made by `create_audio`."""

    def __init__(self, file: soundfile.SoundFile, name: str) -> None:
        self._file = file
        self._name = name
        self._limited = file.subtype not in _UNLIMITED_ENCODINGS
        self._sample_bytes = _SAMPLE_BYTES.get(file.subtype, 4)
        self._bytes_written = 0

    def write(self, block: np.ndarray) -> None:
        """Append one block.

        Args:
            block: (channels, samples) of any length

        Raises:
            OutputError: wrong number of channels, not finite, beyond full scale in a format that
                would clip, too long for WAV, or the disk is full.
        """
        if block.ndim != 2 or block.shape[0] != self._file.channels:
            raise OutputError(
                f"{self._name}: a block of shape {block.shape} does not fit a file "
                f"of {counted(self._file.channels, 'channel')}"
            )
        for start in range(0, block.shape[1], BLOCK_SAMPLES):
            self._write_part(block[:, start : start + BLOCK_SAMPLES].astype(np.float32, copy=False))

    def _write_part(self, part: np.ndarray) -> None:
        """Check and append (channels, at most BLOCK_SAMPLES)."""
        if not np.isfinite(part).all():
            raise OutputError(f"{self._name}: the result is not finite, so it is not written")
        peak = float(np.abs(part).max())
        if self._limited and peak > 1.0:
            raise OutputError(
                f"{self._name}: the result peaks {20 * math.log10(peak):.2f} dB above full scale, "
                "which this format would clip; write a .wav file or lower the level"
            )
        self._bytes_written += part.size * self._sample_bytes
        if self._file.format == "WAV" and self._bytes_written > LARGEST_WAV_BYTES:
            raise OutputError(f"{self._name}: longer than a WAV file can be; write a .w64 file")
        try:
            self._file.write(part.T)
        except (soundfile.SoundFileError, OSError) as error:
            raise OutputError(f"{self._name}: cannot be written ({_reason(error)})") from error


@contextmanager
def create_audio(
    path: str | Path,
    sample_rate: int,
    channels: int,
    force: bool = False,
    encoding: str | None = None,
) -> Iterator[AudioWriter]:
    """Open a file to write in blocks; it appears under its name when the block ends well.

    Equal samples give equal bytes in WAV, W64, FLAC and MP3 (Ogg numbers its streams at random).

    Args:
        path: where; the extension chooses the format, see `FORMATS`
        sample_rate: Hz
        channels: one or two
        force: overwrite a file that exists
        encoding: libsndfile's name of the sample encoding, when not the usual one

    Raises:
        OutputError: the extension is unknown, the file exists and `force` is off, or the format
            cannot hold this.
    """
    format_name, usual_encoding = check_audio_target(path, force)
    with replacing(path, force) as temporary:
        try:
            file = soundfile.SoundFile(
                os.fsencode(temporary),  # a name need not be UTF-8
                "w",
                samplerate=sample_rate,
                channels=channels,
                format=format_name,
                subtype=encoding or usual_encoding,
            )
        except (soundfile.SoundFileError, ValueError) as error:
            raise OutputError(
                f"{path}: {format_name} cannot hold {counted(channels, 'channel')} at "
                f"{sample_rate} Hz as {encoding or usual_encoding} ({_reason(error)}); "
                "write a .wav file"
            ) from error
        with file:
            yield AudioWriter(file, str(path))
        if format_name == "WAV":
            _clear_peak_time(temporary)


def check_audio_target(path: str | Path, force: bool = False) -> tuple[str, str]:
    """Refuse an audio file that could not be written, before any work is done.

    Returns:
        libsndfile's names of the format and its usual sample encoding

    Raises:
        OutputError: the extension is unknown, the file exists and `force` is off, or its folder
            is missing or read-only.
    """
    extension = Path(path).suffix.lower()
    if extension not in FORMATS:
        raise OutputError(
            f"{path}: audio cannot be written as '{extension}'; use one of {', '.join(FORMATS)}"
        )
    check_file_target(path, force)
    return FORMATS[extension]


def _clear_peak_time(path: Path) -> None:
    """Zero the time of writing that libsndfile stores in the PEAK chunk of float WAV files."""
    with path.open("r+b") as file:
        file.seek(12)
        while len(header := file.read(8)) == 8:
            name, size = struct.unpack("<4sI", header)
            if name == b"data":
                return
            if name == b"PEAK":
                file.seek(4, os.SEEK_CUR)
                file.write(bytes(4))
                return
            file.seek(size + size % 2, os.SEEK_CUR)


def _reason(error: Exception) -> str:
    """Return the message of a library without its prefixes and full stop."""
    return str(error).removeprefix("Error : ").strip().rstrip(".")
