"""Characteristic curves of effects: frequency response, static curve, decay time."""

from dataclasses import dataclass

import numpy as np
import scipy.signal
import torch

from fxchain.dsp.capture import capture
from fxchain.player import Playback
from fxchain.stage import Effect
from fxchain.structure.filter_response import responses

_LEAST = 1e-12

#: Levels of a static curve, dBFS.
STATIC_DB = np.arange(-60.0, 0.5, 1.5)
_SETTLING_SECONDS = 0.6
_STATIC_RATE = 16_000

#: Bands of the decay time, centre frequencies, Hz.
BANDS_HZ = (125.0, 250.0, 500.0, 1_000.0, 2_000.0, 4_000.0, 8_000.0)
#: A decay is measured between these levels below its start, dB (T20).
_DECAY_DB = (-5.0, -25.0)


def filter_response(
    effect: Effect, values: np.ndarray, frequencies_hz: np.ndarray, sample_rate: float
) -> np.ndarray:
    """Return the complex response of an effect with second-order sections, (frequencies,)."""
    if effect.primitive.sections is None:
        return np.ones(len(frequencies_hz), dtype=complex)
    rows = np.array(values, dtype=np.float64)[None]
    return responses(effect.primitive, rows, frequencies_hz, sample_rate)[0]


def decibels(response: np.ndarray) -> np.ndarray:
    """Return the level of a response, dB."""
    return 20.0 * np.log10(np.maximum(np.abs(response), _LEAST))


def process(
    effect: Effect, values: np.ndarray, audio: np.ndarray, sample_rate: float
) -> np.ndarray:
    """Play (batch, 1, samples) through an effect, each item on its own."""
    with torch.no_grad():
        rows = torch.from_numpy(np.array(values, dtype=np.float64))[None]
        given = torch.from_numpy(np.ascontiguousarray(audio, np.float32))
        return effect.process(given, Playback(sample_rate), rows.expand(len(given), -1)).numpy()


def transfer(effect: Effect, values: np.ndarray, inputs: np.ndarray) -> np.ndarray:
    """Return the output of a memoryless effect for single samples (samples,)."""
    return process(effect, values, inputs[None, None, :], 44_100.0)[0, 0]


def static_curve(effect: Effect, values: np.ndarray) -> np.ndarray:
    """Return the output levels, dBFS, for the steady input levels STATIC_DB."""
    held = np.ones((len(STATIC_DB), 1, round(_SETTLING_SECONDS * _STATIC_RATE)))
    held *= 10.0 ** (STATIC_DB / 20.0)[:, None, None]
    return decibels(process(effect, values, held, _STATIC_RATE)[:, 0, -1])


def impulse_response(
    effect: Effect, values: np.ndarray, seconds: float, sample_rate: float
) -> np.ndarray:
    """Return the impulse response of a linear effect of pedalboard's, (samples,), of the left."""
    plugin = effect.plugin(Playback(sample_rate), values)
    return capture(plugin, 1, round(seconds * sample_rate), sample_rate, cross_channel=False)[0]


def envelope_db(response: np.ndarray, columns: int) -> np.ndarray:
    """Return the peak level of equal parts of a response, (columns,), dB."""
    edges = np.linspace(0, len(response), columns + 1).astype(int)
    starts = np.minimum(edges[:-1], len(response) - 1)
    return decibels(np.maximum.reduceat(np.abs(response), starts))


@dataclass(frozen=True)
class Decay:
    """The decay time of a response in one band.

    Attributes:
        centre_hz: of an octave
        seconds: RT60 extrapolated from −5 to −25 dB (T20); None: the decay is shorter or longer
            than can be measured
    """

    centre_hz: float
    seconds: float | None


def decay_times(response: np.ndarray, sample_rate: float) -> list[Decay]:
    """Return the decay time in each octave.

    Args:
        response: (samples,), an impulse response without its direct sound
        sample_rate: Hz

    Source:
        M. R. Schroeder, "New method of measuring reverberation time", 1965: backward
        integration of the energy; ISO 3382-1 reads T20 from −5 to −25 dB.
    """
    found = []
    for centre in BANDS_HZ:
        if centre * np.sqrt(2.0) >= 0.49 * sample_rate:
            continue
        ends = (centre / np.sqrt(2.0), centre * np.sqrt(2.0))
        sections = scipy.signal.butter(4, ends, "bandpass", fs=sample_rate, output="sos")
        band = scipy.signal.sosfilt(sections, response)
        found.append(Decay(centre, _decay_seconds(band, sample_rate)))
    return found


def _decay_seconds(band: np.ndarray, sample_rate: float) -> float | None:
    left = np.cumsum(band[::-1] ** 2)[::-1]
    if not left[0] > 0.0:
        return None
    level = 10.0 * np.log10(np.maximum(left / left[0], 1e-20))
    first, last = (int(np.argmax(level <= bound)) for bound in _DECAY_DB)
    if level[last] > _DECAY_DB[1] or last - first < 8:
        return None
    times = np.arange(first, last) / sample_rate
    slope = np.polyfit(times, level[first:last], 1)[0]
    return float(-60.0 / slope) if slope < 0.0 else None
