"""The dry of a pair: an excerpt of a recording, or a signal made for it."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from fxchain.data.performances import chord_progression, drum_pattern
from fxchain.data.signals import plucked_strings
from fxchain.dataset.sources import Source
from fxchain.errors import AudioError
from fxchain.files.audio_input import Audio, read_audio, resample, to_channels

#: What is made in turn where there is no folder of recordings.
MADE = {
    "plucked_strings": plucked_strings,
    "drum_pattern": drum_pattern,
    "chord_progression": chord_progression,
}
#: The peak of a dry, drawn evenly between, dBFS.
PEAK_DBFS = (-24.0, -1.0)
#: An excerpt that does not exceed this is drawn anew, so often.
_SILENT, _TRIES = 1e-3, 20


@dataclass(frozen=True, eq=False)
class Dry:
    """The dry of a pair.

    Attributes:
        samples: (1, samples) float32
        source: what it was cut from or made by, and with which seed
        start_seconds: where it begins in its source, s
    """

    samples: np.ndarray
    source: str
    start_seconds: float


def made_dry(rng: np.random.Generator, seconds: float, sample_rate: int) -> Dry:
    """Make a signal, a source of its own.

    Args:
        rng: draws what is made, its seed and its level
        seconds: length, s
        sample_rate: Hz
    """
    name = tuple(MADE)[int(rng.integers(len(MADE)))]
    seed = int(rng.integers(2**31))
    return Dry(_levelled(MADE[name](seconds, sample_rate, seed), rng), f"{name} {seed}", 0.0)


def recorded_dry(
    rng: np.random.Generator, folder: Path, source: Source, seconds: float, sample_rate: int
) -> Dry:
    """Cut an excerpt out of a recording, mix it to one channel, and resample it.

    Args:
        rng: draws where it begins and its level
        folder: of the sources
        source: the recording
        seconds: length, s
        sample_rate: Hz, of the result

    Raises:
        AudioError: the recording cannot be read, is shorter than its header said, or silent.
    """
    audio = _recording(folder / source.file)
    size = round(seconds * audio.sample_rate)
    if audio.length < size:
        raise AudioError(f"{audio.name}: shorter than its header says; export the file again")
    for _ in range(_TRIES):
        start = int(rng.integers(audio.length - size + 1))
        part = audio.samples[:, start : start + size]
        if float(np.abs(part).max()) > _SILENT:
            break
    else:
        raise AudioError(f"{audio.name}: nearly silent; take it out of the folder")
    cut = resample(Audio(part, audio.sample_rate, audio.name), sample_rate).samples
    wanted = round(seconds * sample_rate)
    cut = np.pad(cut[:, :wanted], ((0, 0), (0, max(0, wanted - cut.shape[1]))))
    return Dry(_levelled(cut, rng), source.file, start / audio.sample_rate)


@lru_cache(maxsize=4)
def _recording(path: Path) -> Audio:
    return to_channels(read_audio(path), 1)


def _levelled(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a signal at a peak level that is drawn."""
    peak = 10.0 ** (rng.uniform(*PEAK_DBFS) / 20.0)
    return (samples * (peak / float(np.abs(samples).max()))).astype(np.float32)
