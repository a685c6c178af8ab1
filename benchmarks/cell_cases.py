"""Drives drawn at random, of filters, curves and bias that follows the level, for `cells.py`."""

from dataclasses import dataclass

import numpy as np
import pedalboard
from numpy.typing import NDArray
from recorded_pairs import data_folder, read_sources
from recovery import first_seconds
from scipy.signal import lfilter, resample_poly

from fxchain.data.presets import hidden_rng
from fxchain.files.audio_input import read_audio, to_channels

Array = NDArray[np.float32]

#: Changed when the same numbers begin to give other drives.
STREAM = 28
#: Curves are played at this multiple of the sample rate; bias follows the level so slowly, s.
OVERSAMPLING, BIAS_SECONDS = 4, 0.02


@dataclass(frozen=True)
class DriveCase:
    """A hidden drive and the recording that it plays.

    Attributes:
        number: seeds the drive
    """

    number: int

    def pair(self) -> tuple[Array, Array, int]:
        """Return dry and wet (samples,), and their sample rate, Hz."""
        kind = ("guitar", "bass")[self.number % 2]
        sources = read_sources(data_folder(), "dry", kind)
        source = sources[self.number // 2 % len(sources)]
        audio = to_channels(first_seconds(read_audio(source.file)), 1)
        dry = audio.samples[0] * np.float32(0.5 / max(float(np.abs(audio.samples).max()), 1e-9))
        return (
            dry,
            drive(dry, audio.sample_rate, hidden_rng([STREAM, self.number])),
            (audio.sample_rate),
        )


def drive(dry: Array, sample_rate: int, rng: np.random.Generator) -> Array:
    """Play (samples,) through one or two stages of filters and a curve, then through filters."""
    audio = dry
    for _ in range(int(rng.integers(1, 3))):
        before: list[pedalboard.Plugin] = [
            pedalboard.HighpassFilter(rng.uniform(30.0, 400.0)),
            pedalboard.PeakFilter(
                rng.uniform(300.0, 2_000.0), rng.uniform(-6.0, 12.0), rng.uniform(0.4, 1.5)
            ),
            pedalboard.LowpassFilter(rng.uniform(2_000.0, 9_000.0)),
        ]
        kept = before if rng.random() < 0.5 else before[:2]
        audio = _curve(pedalboard.Pedalboard(kept)(audio, sample_rate), sample_rate, rng)
    behind: list[pedalboard.Plugin] = [
        pedalboard.LowShelfFilter(rng.uniform(80.0, 300.0), rng.uniform(-8.0, 8.0)),
        pedalboard.HighShelfFilter(rng.uniform(1_500.0, 5_000.0), rng.uniform(-12.0, 6.0)),
        pedalboard.LowpassFilter(rng.uniform(3_000.0, 7_000.0)),
    ]
    kept = behind if rng.random() < 0.5 else behind[:2]
    played: Array = pedalboard.Pedalboard(kept)(audio, sample_rate)
    return played


def _curve(audio: Array, sample_rate: int, rng: np.random.Generator) -> Array:
    """Return a soft or hard limit of audio, with a bias that is constant and one that is not."""
    loud = 10.0 ** (rng.uniform(5.0, 30.0) / 20.0) * resample_poly(audio, OVERSAMPLING, 1)
    bias = rng.uniform(0.0, 0.3) * (rng.random() < 0.5)
    if rng.random() < 0.4:
        share = -np.expm1(-1.0 / (OVERSAMPLING * sample_rate * BIAS_SECONDS))
        loud = loud - 0.3 * rng.random() * lfilter([share], [1.0, share - 1.0], np.abs(loud))
    if rng.random() < 0.6:
        made = np.tanh(loud + bias) - np.tanh(bias)
    else:
        made = np.clip(loud + bias, -1.0, 1.0) - bias
    return np.asarray(resample_poly(made, 1, OVERSAMPLING), np.float32)
