"""High-gain devices drawn at random, and what they play, for `drives.py`.

One to three stages: a coupling high-pass, a tone filter, gain, a curve that is soft or hard and
need not be symmetric, with a bias that follows the level; behind them a tone filter, and in half of
the cases a loudspeaker: a band with eight resonances. The output has noise. They play five seconds
of a guitar or a bass, or single notes that decay.
"""

from dataclasses import dataclass

import numpy as np
import pedalboard
from numpy.typing import NDArray
from recorded_pairs import data_folder, read_sources
from scipy.signal import lfilter, resample_poly

from fxchain.data.presets import hidden_rng
from fxchain.files.audio_input import read_audio, to_channels

Array = NDArray[np.float32]

#: Changed when the same numbers begin to give other devices.
STREAM = 29
SECONDS, OVERSAMPLING = 5.0, 8
KINDS = ("guitar", "bass", "notes")
#: Of all stages together, at a peak of 1; of the noise, below the output.
GAIN_DB, NOISE_DB = (25.0, 60.0), (-80.0, -50.0)
RESONANCES = 8


@dataclass(frozen=True)
class HighGainCase:
    """A hidden device and what it plays.

    Attributes:
        number: seeds both
    """

    number: int

    def pair(self) -> tuple[Array, Array, int]:
        """Return dry and wet (samples,), and their sample rate, Hz."""
        rng = hidden_rng([STREAM, self.number])
        kind = KINDS[self.number % len(KINDS)]
        dry, rate = _notes(rng) if kind == "notes" else _phrase(kind, rng)
        dry *= np.float32(0.5 / max(float(np.abs(dry).max()), 1e-9))
        return dry, high_gain(dry, rate, rng), rate


def high_gain(dry: Array, sample_rate: int, rng: np.random.Generator) -> Array:
    """Play (samples,) through a device that is drawn; it peaks at 0.5."""
    stages = int(rng.integers(1, 4))
    gains = rng.dirichlet(np.full(stages, 3.0)) * rng.uniform(*GAIN_DB)
    fast = OVERSAMPLING * sample_rate
    audio = resample_poly(2.0 * dry.astype(np.float64), OVERSAMPLING, 1)
    for gain_db in gains:
        before = [
            pedalboard.HighpassFilter(rng.uniform(10.0, 300.0)),
            pedalboard.HighShelfFilter(rng.uniform(500.0, 3_000.0), rng.uniform(-10.0, 10.0)),
        ]
        audio = pedalboard.Pedalboard(before)(audio.astype(np.float32), fast).astype(np.float64)
        audio = _curve(10.0 ** (gain_db / 20.0) * audio, fast, rng)
    audio = resample_poly(audio, 1, OVERSAMPLING).astype(np.float32)
    played = pedalboard.Pedalboard(_behind(rng))(audio, sample_rate)
    played *= 0.5 / max(float(np.abs(played).max()), 1e-9)
    level = 10.0 ** (rng.uniform(*NOISE_DB) / 20.0) * float(np.sqrt(np.mean(played**2)))
    found: Array = (played + level * rng.standard_normal(len(played))).astype(np.float32)
    return found


def _curve(loud: np.ndarray, sample_rate: int, rng: np.random.Generator) -> np.ndarray:
    """Return a limit of audio whose halves differ, with a bias that follows the level."""
    if rng.random() < 0.4:
        share = -np.expm1(-1.0 / (sample_rate * rng.uniform(0.005, 0.05)))
        level = lfilter([share], [1.0, share - 1.0], np.minimum(np.abs(loud), 3.0))
        loud = loud - rng.uniform(0.0, 0.4) * level
    bias, lower = rng.uniform(0.0, 0.3) * (rng.random() < 0.5), rng.uniform(0.5, 1.0)
    sharp = rng.uniform(1.0, 6.0)
    driven = loud + bias
    bound = np.where(driven > 0.0, 1.0, lower)
    found: np.ndarray = driven / (1.0 + np.abs(driven / bound) ** sharp) ** (1.0 / sharp)
    return found - bias / (1.0 + bias**sharp) ** (1.0 / sharp)


def _behind(rng: np.random.Generator) -> list[pedalboard.Plugin]:
    """Return the tone filter, and in half of the cases a loudspeaker."""
    found: list[pedalboard.Plugin] = [
        pedalboard.HighpassFilter(rng.uniform(10.0, 60.0)),
        pedalboard.LowShelfFilter(rng.uniform(80.0, 300.0), rng.uniform(-8.0, 8.0)),
        pedalboard.PeakFilter(rng.uniform(300.0, 1_500.0), rng.uniform(-10.0, 6.0), 0.7),
        pedalboard.LowpassFilter(rng.uniform(3_000.0, 9_000.0)),
    ]
    if rng.random() < 0.5:
        found += [
            pedalboard.HighpassFilter(rng.uniform(60.0, 120.0)),
            pedalboard.LowpassFilter(rng.uniform(3_500.0, 6_000.0)),
            pedalboard.LowpassFilter(rng.uniform(3_500.0, 6_000.0)),
        ]
        for _ in range(RESONANCES):
            hertz = float(np.exp(rng.uniform(np.log(90.0), np.log(5_000.0))))
            found.append(
                pedalboard.PeakFilter(hertz, rng.uniform(-8.0, 8.0), rng.uniform(1.0, 6.0))
            )
    return found


def _phrase(kind: str, rng: np.random.Generator) -> tuple[Array, int]:
    """Return some seconds of a recording, from a place that is drawn."""
    source = read_sources(data_folder(), "dry", kind)[0]
    audio = to_channels(read_audio(source.file), 1)
    length = round(SECONDS * audio.sample_rate)
    begin = int(rng.integers(audio.samples.shape[1] - length))
    return audio.samples[0, begin : begin + length].copy(), audio.sample_rate


def _notes(rng: np.random.Generator, sample_rate: int = 44_100) -> tuple[Array, int]:
    """Return two or three plucked strings one after the other, which decay."""
    length = round(SECONDS * sample_rate)
    audio, count = np.zeros(length), int(rng.integers(2, 4))
    for number in range(count):
        size = length // count
        times = np.arange(size) / sample_rate
        root, place = 82.4 * 2.0 ** (rng.integers(36) / 12.0), rng.uniform(0.08, 0.3)
        note = np.zeros(size)
        for k in range(1, int(0.4 * sample_rate / root)):
            hertz = root * k * np.sqrt(1.0 + 1e-4 * k**2)
            if hertz > 0.4 * sample_rate:
                break
            decay = np.exp(-times * (0.8 + 0.25 * k))
            phase = rng.uniform(0.0, 2.0 * np.pi)
            loud = np.sin(np.pi * k * place) / k**1.3
            note += loud * decay * np.sin(2.0 * np.pi * hertz * times + phase)
        note *= np.minimum(times / 0.003, 1.0) * np.minimum((times[-1] - times) / 0.01, 1.0)
        audio[number * size : (number + 1) * size] += note * 10.0 ** (-rng.uniform(0.0, 8.0) / 20.0)
    return audio.astype(np.float32), sample_rate
