"""Audio input: every recording is checked here, once.

Arrays are numpy float32 of shape (channels, samples), the layout of pedalboard; full scale is 1.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import soxr

from fxchain.errors import AudioError
from fxchain.files.decoding import Opened, cut_off, opened
from fxchain.files.folder_contents import contents
from fxchain.files.sample_rates import HIGHEST_SAMPLE_RATE, LOWEST_SAMPLE_RATE

MOST_CHANNELS = 2
BLOCK_SAMPLES = 65_536
#: Recordings with more samples, all channels counted, are not read whole: 1.6 GB, 30 minutes of
#: stereo at 96 kHz and a little more.
MOST_SAMPLES = 400_000_000


@dataclass(frozen=True, eq=False)
class Audio:
    """A recording in memory.

    Attributes:
        samples: (channels, samples) float32, finite, one or two channels
        sample_rate: Hz
        name: what messages call it, for a file its path
        notes: sentences about what is odd about the file, without its name
    """

    samples: np.ndarray
    sample_rate: int
    name: str
    notes: tuple[str, ...] = ()

    @property
    def channels(self) -> int:
        """How many channels there are."""
        return int(self.samples.shape[0])

    @property
    def length(self) -> int:
        """How many samples each channel has."""
        return int(self.samples.shape[1])

    @property
    def seconds(self) -> float:
        """How long it lasts, s."""
        return self.length / self.sample_rate


def from_array(array: Any, sample_rate: float, name: str = "the array") -> Audio:
    """Check and copy an array.

    Args:
        array: (samples,) or (channels, samples) floating-point numbers
        sample_rate: Hz
        name: what messages call it

    Raises:
        AudioError: another shape or kind of number, empty, not finite, or an unusable rate.
    """
    rate = _checked_rate(sample_rate, name)
    given = np.asarray(array)
    if given.dtype.kind != "f":
        raise AudioError(
            f"{name}: the numbers are {given.dtype}, not floats; "
            "scale them so that full scale is 1.0 (16-bit integers: divide by 32768)"
        )
    if given.ndim not in (1, 2):
        raise AudioError(
            f"{name}: the shape {given.shape} is not (samples,) or (channels, samples)"
        )
    with np.errstate(over="ignore"):
        samples = np.array(np.atleast_2d(given), dtype=np.float32, order="C")
    if samples.size == 0:
        raise AudioError(f"{name}: there are no samples in it")
    _check_channels(samples.shape[0], name, hint=_transposition_hint(samples.shape))
    _check_finite(samples, name, first_sample=0)
    return Audio(samples, rate, name)


def read_audio(path: str | Path, most_samples: int = MOST_SAMPLES) -> Audio:
    """Read a whole file.

    Args:
        path: the file
        most_samples: all channels counted

    Raises:
        AudioError: see `open_audio`, or it has more samples.
    """
    with open_audio(path) as reader:
        _check_size(reader.announced_length * reader.channels, reader, most_samples)
        blocks, size = [], 0
        for block in reader.blocks():
            size += block.size
            _check_size(size, reader, most_samples)
            blocks.append(block)
    samples = np.concatenate(blocks, axis=1)
    return Audio(samples, reader.sample_rate, reader.name, reader.notes)


class AudioReader:
    """An open file, read from its start in blocks; made by `open_audio`.

    Attributes:
        name: the path as given
        sample_rate: Hz
        channels: one or two
        announced_length: samples per channel by the file's header; compressed files may hold fewer
        notes: sentences about what is odd about the file, without its name
    """

    def __init__(self, opened: Opened, name: str) -> None:
        self._file, self._tolerance = opened.decoder, opened.tolerance
        self.name = name
        self.notes = opened.notes
        self.sample_rate = int(self._file.samplerate)
        self.channels = int(self._file.channels)
        self.announced_length = int(self._file.frames)

    def blocks(self, block_samples: int = BLOCK_SAMPLES) -> Iterator[np.ndarray]:
        """Yield what is left of the file as (channels, block_samples) arrays.

        All have the same size but the last, which may be shorter.

        Raises:
            AudioError: the file is damaged, or a sample is not finite.
        """
        first_sample = self._file.tell()
        while len(frames := self._read(block_samples)):
            block = np.ascontiguousarray(frames.T)
            _check_finite(block, self.name, first_sample)
            first_sample += block.shape[1]
            yield block
        if first_sample == 0:
            raise AudioError(f"{self.name}: there are no samples in it")
        missing = self.announced_length - first_sample
        if self._tolerance is not None and missing > self._tolerance:
            raise AudioError(cut_off(self.name, missing, self.announced_length))

    def _read(self, block_samples: int) -> np.ndarray:
        """Return the next (samples, channels), as soundfile has them."""
        try:
            return self._file.read(block_samples, dtype="float32", always_2d=True)
        except (soundfile.SoundFileError, OSError, RuntimeError, ValueError) as error:
            raise AudioError(
                f"{self.name}: the file is damaged ({_reason(error)}); get a complete copy of it"
            ) from error


@contextmanager
def open_audio(path: str | Path) -> Iterator[AudioReader]:
    """Open a file of any length to read it in blocks.

    Raises:
        AudioError: missing, no file, unreadable, not audio, cut off, empty, not finite, a sample
            rate outside 16 to 192 kHz, or more than two channels.
    """
    name = readable(path)
    _check_readable(Path(path), name)
    with opened(Path(path), name) as found:
        file = found.decoder
        _checked_rate(file.samplerate, name)
        _check_channels(file.channels, name, hint="; mix it down to one or two first")
        if file.frames == 0:
            raise AudioError(f"{name}: there are no samples in it")
        yield AudioReader(found, name)


def resample(audio: Audio, sample_rate: int) -> Audio:
    """Return the recording at another sample rate (Hz); the same object when it has it already."""
    rate = _checked_rate(sample_rate, audio.name)
    if rate == audio.sample_rate:
        return audio
    frames = soxr.resample(audio.samples.T, audio.sample_rate, rate, quality="VHQ")
    if len(frames) == 0:
        raise AudioError(f"{audio.name}: too short to be resampled to {rate} Hz")
    samples = np.ascontiguousarray(frames.T, dtype=np.float32)
    return replace(audio, samples=samples, sample_rate=rate)


def to_channels(audio: Audio, channels: int) -> Audio:
    """Return the recording with one or two channels: copied to both, or their mean."""
    _check_channels(channels, audio.name)
    if channels == audio.channels:
        return audio
    if channels == 1:
        samples = audio.samples.mean(axis=0, keepdims=True, dtype=np.float64).astype(np.float32)
    else:
        samples = np.repeat(audio.samples, channels, axis=0)
    return replace(audio, samples=samples)


def readable(path: str | Path) -> str:
    """Return a path as text for people: bytes in it that are not UTF-8 are replaced."""
    return str(path).encode("utf-8", "replace").decode()


def _check_readable(path: Path, name: str) -> None:
    """Refuse what is not a file that may be read."""
    try:
        if path.is_dir():
            raise AudioError(
                f"{name}: this is a folder; give the name of an audio file{contents(path)}"
            )
        if path.exists() and not path.is_file():
            raise AudioError(f"{name}: this is a device or a pipe; give the name of an audio file")
        with path.open("rb") as file:
            first = file.read(1)
    except FileNotFoundError as error:
        raise AudioError(f"{name}: there is no such file; check the name") from error
    except AudioError:
        raise
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise AudioError(f"{name}: cannot be read ({reason})") from error
    if not first:
        raise AudioError(f"{name}: the file is empty")


def _check_size(samples: int, reader: AudioReader, most_samples: int) -> None:
    """Refuse what would not fit in memory."""
    if samples > most_samples:
        seconds = most_samples / (reader.channels * reader.sample_rate)
        raise AudioError(
            f"{reader.name}: longer than {seconds:.0f} s, the most that is held in memory; cut it"
        )


def _checked_rate(sample_rate: float, name: str) -> int:
    """Return the sample rate in Hz as an integer."""
    low, high = LOWEST_SAMPLE_RATE, HIGHEST_SAMPLE_RATE
    if not low <= sample_rate <= high or sample_rate != int(sample_rate):
        raise AudioError(
            f"{name}: the sample rate {sample_rate:g} Hz is not a whole number from {low} to "
            f"{high}; resample it first"
        )
    return int(sample_rate)


def _check_channels(channels: int, name: str, hint: str = "") -> None:
    """Refuse anything but mono and stereo."""
    if not 1 <= channels <= MOST_CHANNELS:
        raise AudioError(f"{name}: {channels} channels, but only one or two can be used{hint}")


def _transposition_hint(shape: tuple[int, ...]) -> str:
    """Say what to do when channels and samples look exchanged."""
    if shape[1] <= MOST_CHANNELS:
        return "; the array looks like (samples, channels): transpose it"
    return "; give an array of shape (channels, samples)"


def _check_finite(samples: np.ndarray, name: str, first_sample: int) -> None:
    """Refuse samples (channels, time) that are NaN or infinite, and say where."""
    finite = np.isfinite(samples).all(axis=0)
    if not finite.all():
        position = first_sample + int(np.argmin(finite))
        raise AudioError(
            f"{name}: sample {position} is not finite (NaN or infinite); export the file again"
        )


def _reason(error: Exception) -> str:
    """Return the message of a library without its prefixes and full stop."""
    return str(error).removeprefix("Error : ").strip().rstrip(".")
