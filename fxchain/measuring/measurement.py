"""A measurement: from the recording of a sweep signal to the figures of the device."""

import math
from dataclasses import dataclass

import numpy as np
import scipy.fft

from fxchain.alignment.clock_drift import without_drift
from fxchain.errors import AudioError
from fxchain.files.audio_input import Audio
from fxchain.measuring.background import Background, background
from fxchain.measuring.direct_sound import direct_sound
from fxchain.measuring.hum_removal import without_hum
from fxchain.measuring.located import locate
from fxchain.measuring.marker import MARKER_SAMPLES
from fxchain.measuring.responses import HIGHEST_ORDER, Responses
from fxchain.measuring.sweep import (
    GAP_SECONDS,
    LEAD_SECONDS,
    LEVELS_DBFS,
    MARKER_GAP_SECONDS,
    SweepSignal,
)

#: Frequencies of all curves: so many to an octave, from the first, Hz, to a share of the rate.
LOWEST_HZ, PER_OCTAVE, HIGHEST_SHARE_OF_RATE = 20.0, 24, 0.46
HIGHEST_HZ = 20_000.0
#: A smaller drift is not taken out, parts per million: a hundredth of a sample in a sweep.
_LEAST_PPM = 0.02
#: A harmonic is known where it stands so far out of the noise, dB.
ABOVE_NOISE_DB = 6.0
#: Near the first frequency of a sweep the responses of the orders overlap: what is so far below the
#: strongest harmonic there is not known, dB.
_LEAKAGE_BELOW_HZ, _LEAKAGE_DB = 60.0, 25.0
_SILENT_DBFS = -90.0
#: Left out at both ends of a silence, and of the silence behind a sweep, s.
_MARGIN_SECONDS = 0.05
#: Weights of the three quietest responses, each at twice the level of the one before, that give the
#: response at no level, where it is a polynomial of the squared level (Richardson extrapolation).
_TO_NO_LEVEL = (64.0 / 45.0, -20.0 / 45.0, 1.0 / 45.0)
#: Samples of the linear response before the direct sound.
BEFORE_DIRECT_SOUND = 32
#: A linear response ends where nothing later exceeds this, relative to its peak, dB.
_END_DB = -70.0


@dataclass(frozen=True, eq=False)
class Level:
    """What the device did at one level of the sweep.

    Attributes:
        input_dbfs: peak of the sweep
        gain_db: of the fundamental at each frequency, (frequencies,)
        harmonics_db: for each order from 2 the level of the harmonic relative to the sweep, by the
            frequency that was played, (frequencies,); not a number where it is not known
        noise_db: how much noise a gain of the fundamental has, relative to the sweep
    """

    input_dbfs: float
    gain_db: np.ndarray
    harmonics_db: dict[int, np.ndarray]
    noise_db: np.ndarray


@dataclass(frozen=True, eq=False)
class Measurement:
    """The figures of a device.

    Attributes:
        name: of the recording
        signal: what was played
        latency_samples: where the first sample of the signal is heard, samples of the recording
        polarity: +1 or -1
        drift_ppm: parts per million by which the recording is longer than the signal
        background: the silence before the sweeps
        frequencies_hz: of all curves, (frequencies,)
        levels: from the quietest
        linear_response: (samples,) at the quietest level, the direct sound behind
            `BEFORE_DIRECT_SOUND` samples
        notes: sentences about the recording
    """

    name: str
    signal: SweepSignal
    latency_samples: float
    polarity: int
    drift_ppm: float
    background: Background
    frequencies_hz: np.ndarray
    levels: tuple[Level, ...]
    linear_response: np.ndarray
    notes: tuple[str, ...] = ()


def measure(audio: Audio, channel: int | None = None) -> Measurement:
    """Measure a device by a recording of what `SweepSignal.samples` became in it.

    Args:
        audio: the recording
        channel: which one, counted from 0; None: the only one or the louder of two

    Raises:
        AudioError: there is no such channel, it is silent, clipped or cut off, was made for another
            sample rate, or its markers are lost.
    """
    recording, notes = _channel(audio, channel)
    located = locate(recording, audio)
    signal, start = located.signal, located.start
    if abs(located.drift_ppm) > _LEAST_PPM:
        straight = without_drift(recording[None].astype(np.float32), located.drift_ppm)
        recording = straight[0].astype(np.float64)
        start /= 1.0 + 1e-6 * located.drift_ppm
    first = round(start)
    span = _silence(first, signal)
    quiet_part = background(recording[slice(*span)], signal.sample_rate)
    if quiet_part.hum is not None:
        spans = [span, *_silences_behind(len(recording), first, signal)]
        recording = without_hum(recording, quiet_part.hum, spans, signal.sample_rate)
    silence = recording[slice(*span)]
    frequencies = _frequencies(signal.sample_rate)
    responses = [_responses(recording, first, number, signal) for number in range(len(LEVELS_DBFS))]
    fundamentals = [each.impulse_response(1) for each in responses[: len(_TO_NO_LEVEL)]]
    undriven = np.tensordot(_TO_NO_LEVEL, fundamentals, axes=1)
    direct = direct_sound(undriven, LOWEST_HZ / signal.sample_rate, HIGHEST_SHARE_OF_RATE)
    levels = tuple(
        _level(found, level_dbfs, frequencies, silence)
        for found, level_dbfs in zip(responses, LEVELS_DBFS, strict=True)
    )
    return Measurement(
        audio.name,
        signal,
        first + direct.delay_samples,
        direct.polarity,
        located.drift_ppm,
        quiet_part,
        frequencies,
        levels,
        _trimmed(fundamentals[0], direct.delay_samples),
        tuple(notes),
    )


def _channel(audio: Audio, channel: int | None) -> tuple[np.ndarray, list[str]]:
    """Return the channel that is measured, and sentences about the choice."""
    if channel is not None and not 0 <= channel < audio.channels:
        raise AudioError(
            f"{audio.name}: there is no channel {channel}; give 0 to {audio.channels - 1}"
        )
    notes = list(audio.notes)
    power = np.square(audio.samples, dtype=np.float64).mean(axis=1)
    chosen = int(np.argmax(power)) if channel is None else channel
    if channel is None and audio.channels > 1 and power.min() > 0.0:
        notes.append(f"of two channels the louder one, {chosen}, is measured; see --channel")
    if 10.0 * math.log10(max(power[chosen], 1e-30)) < _SILENT_DBFS:
        raise AudioError(f"{audio.name}: silent; check the cables and the level")
    return audio.samples[chosen].astype(np.float64), notes


def _silence(first: int, signal: SweepSignal) -> tuple[int, int]:
    """Return the silence before the first marker; where there is none, the one behind it."""
    margin = round(_MARGIN_SECONDS * signal.sample_rate)
    end = first + signal.marker_starts[0] - margin
    begin = max(0, end + margin - round(LEAD_SECONDS * signal.sample_rate))
    if end - begin > margin:
        return begin, end
    half = round(MARKER_GAP_SECONDS * signal.sample_rate / 2)
    behind = first + signal.marker_starts[0] + MARKER_SAMPLES + half
    return behind, behind + half - margin


def _silences_behind(length: int, first: int, signal: SweepSignal) -> list[tuple[int, int]]:
    """Return the second half of each silence behind a sweep, where what it left has decayed."""
    half = round(GAP_SECONDS * signal.sample_rate / 2)
    margin = round(_MARGIN_SECONDS * signal.sample_rate)
    ends = [*signal.sweep_starts[1:], signal.marker_starts[1]]
    return [(first + end - half, min(first + end - margin, length)) for end in ends]


def _responses(recording: np.ndarray, first: int, number: int, signal: SweepSignal) -> Responses:
    """Return the responses to one of the sweeps."""
    rate = signal.sample_rate
    begin = first + signal.sweep_starts[number]
    gap = round((GAP_SECONDS - _MARGIN_SECONDS) * rate)
    part = recording[max(0, begin) : begin + signal.seconds * rate + gap]
    part = np.pad(part, (max(0, -begin), 0))
    return Responses.of(part, 10.0 ** (LEVELS_DBFS[number] / 20.0), signal)


def _level(
    found: Responses, level_dbfs: float, frequencies_hz: np.ndarray, silence: np.ndarray
) -> Level:
    """Return the curves of one level."""
    signal, gain = found.signal, 10.0 ** (level_dbfs / 20.0)
    quiet = Responses.of(silence, gain, signal)
    share = (signal.seconds + GAP_SECONDS) * signal.sample_rate / max(1, len(silence))
    noise = 10.0 * np.log10(share) + _smoothed(_curve(quiet, 1, frequencies_hz))
    fundamental = _curve(found, 1, frequencies_hz)
    harmonics = {}
    highest = HIGHEST_SHARE_OF_RATE * signal.sample_rate
    for order in range(2, HIGHEST_ORDER + 1):
        played = order * frequencies_hz
        level = _curve(found, order, np.minimum(played, highest))
        floor = np.interp(played, frequencies_hz, noise)
        known = (played <= highest) & (level > floor + ABOVE_NOISE_DB)
        harmonics[order] = np.where(known, level, np.nan)
    strongest = np.nanmax([np.full(len(noise), -np.inf), *harmonics.values()], axis=0)
    for curve in harmonics.values():
        leaked = (frequencies_hz < _LEAKAGE_BELOW_HZ) & (curve < strongest - _LEAKAGE_DB)
        curve[leaked] = np.nan
    return Level(level_dbfs, fundamental, harmonics, noise)


def _curve(found: Responses, order: int, frequencies_hz: np.ndarray) -> np.ndarray:
    """Return the level of a response at some frequencies, dB."""
    response = found.impulse_response(order)
    magnitude = np.abs(scipy.fft.rfft(response))
    grid = np.arange(len(magnitude)) * found.signal.sample_rate / len(response)
    at = np.interp(frequencies_hz, grid, magnitude)
    return 20.0 * np.log10(np.maximum(at, 1e-12))


def _smoothed(levels_db: np.ndarray) -> np.ndarray:
    """Return the mean power over half an octave to either side, dB."""
    width = PER_OCTAVE + 1
    padded = np.pad(10.0 ** (levels_db / 10.0), width // 2, mode="edge")
    return 10.0 * np.log10(np.convolve(padded, np.ones(width) / width, mode="valid"))


def _frequencies(sample_rate: int) -> np.ndarray:
    highest = min(HIGHEST_HZ, HIGHEST_SHARE_OF_RATE * sample_rate)
    count = math.floor(PER_OCTAVE * math.log2(highest / LOWEST_HZ)) + 1
    return LOWEST_HZ * 2.0 ** (np.arange(count) / PER_OCTAVE)


def _trimmed(response: np.ndarray, delay_samples: float) -> np.ndarray:
    """Return a response from shortly before its direct sound until it has decayed."""
    turned = np.roll(response, BEFORE_DIRECT_SOUND - round(delay_samples))
    turned = turned[: len(response) // 2]
    loud = np.flatnonzero(np.abs(turned) > 10.0 ** (_END_DB / 20.0) * np.abs(turned).max())
    return turned[: int(loud[-1]) + 1]
