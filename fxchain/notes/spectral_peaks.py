"""Peaks of short-time spectra on a logarithmic frequency axis."""

from dataclasses import dataclass

import numpy as np

from fxchain.notes.spectra import Spectra

#: Entries of the frequency axis to an octave, and its ends, Hz.
STEPS_PER_OCTAVE = 60
LOWEST_HZ, HIGHEST_HZ = 20.0, 6_000.0
#: A peak stands out from the lower quartile of its surroundings by so much (12 dB), and from the
#: largest one of its frame it is at most so far away (−50 dB); ratios of amplitudes.
_ABOVE_SURROUNDINGS, _BELOW_LARGEST = 4.0, 10.0 ** (-50.0 / 20.0)
#: Width of the surroundings, Hz.
_SURROUNDINGS_HZ = 300.0


@dataclass(frozen=True, eq=False)
class SpectralPeaks:
    """The peaks of a recording.

    Attributes:
        strength: (frames, steps) root of the amplitude relative to the largest of the frame; 0
            where there is no peak
        level: (frames,) amplitude of the largest peak
        tonality: (frames,) share of the power that lies in peaks, 0 to 1
    """

    strength: np.ndarray
    level: np.ndarray
    tonality: np.ndarray


def frequencies_hz() -> np.ndarray:
    """Return the frequency axis, (steps,)."""
    count = int(STEPS_PER_OCTAVE * np.log2(HIGHEST_HZ / LOWEST_HZ))
    return LOWEST_HZ * 2.0 ** (np.arange(count) / STEPS_PER_OCTAVE)


def spectral_peaks(spectra: Spectra, counted: np.ndarray | None = None) -> SpectralPeaks:
    """Return the peaks of spectra.

    Args:
        spectra: of the recording
        counted: (frames, bins) where peaks count; None: everywhere

    Frequency and amplitude of a peak follow from a parabola through the logarithms of three bins.

    Source:
        Smith and Serra 1987 (PARSHL)
    """
    spacing_hz = spectra.spacing_hz
    amplitudes = spectra.amplitudes[:, : int(1.05 * HIGHEST_HZ / spacing_hz) + 1]
    around = _surroundings(amplitudes, round(_SURROUNDINGS_HZ / spacing_hz))
    largest = amplitudes.max(axis=1, keepdims=True) + 1e-30
    middle = amplitudes[:, 1:-1]
    peak = (middle > amplitudes[:, :-2]) & (middle >= amplitudes[:, 2:])
    peak &= middle > np.maximum(_ABOVE_SURROUNDINGS * around[:, 1:-1], _BELOW_LARGEST * largest)
    if counted is not None:
        peak &= counted[:, 1 : amplitudes.shape[1] - 1]
    frame, place = np.nonzero(peak)
    logs = np.log(amplitudes[frame[:, None], place[:, None] + np.arange(3)] + 1e-30)
    bend = logs[:, 0] - 2.0 * logs[:, 1] + logs[:, 2]
    away = 0.5 * (logs[:, 0] - logs[:, 2]) / np.where(np.abs(bend) < 1e-12, -1e-12, bend)
    hertz = (place + 1 + np.clip(away, -0.5, 0.5)) * spacing_hz
    high = np.exp(logs[:, 1] - 0.25 * (logs[:, 0] - logs[:, 2]) * np.clip(away, -0.5, 0.5))
    step = np.round(STEPS_PER_OCTAVE * np.log2(np.maximum(hertz, 1.0) / LOWEST_HZ)).astype(int)
    strength = np.zeros((len(amplitudes), len(frequencies_hz())))
    inside = (step >= 0) & (step < strength.shape[1])
    above = np.maximum(high - _ABOVE_SURROUNDINGS * around[frame, place + 1], 0.0)
    values = np.sqrt(above / largest[frame, 0])
    np.maximum.at(strength, (frame[inside], step[inside]), values[inside])
    power = np.square(high)
    in_peaks = np.bincount(frame, power, len(amplitudes))
    # a Hann window spreads a sine of amplitude 1 over bins whose powers add to 1.5 bins' worth
    spread = 1.5 / (spectra.frame_seconds * spacing_hz)
    total = np.square(amplitudes).sum(axis=1) + 1e-30
    level = np.zeros(len(amplitudes))
    np.maximum.at(level, frame, high)
    return SpectralPeaks(strength, level, np.clip(spread * in_peaks / total, 0.0, 1.0))


def _surroundings(amplitudes: np.ndarray, width: int) -> np.ndarray:
    """Return the lower quartile in blocks of bins, interpolated to every bin; as `amplitudes`."""
    blocks = max(amplitudes.shape[1] // width, 1)
    parts = np.array_split(amplitudes, blocks, axis=1)
    quartiles = np.stack([np.percentile(part, 25, axis=1) for part in parts], axis=1)
    ends = np.cumsum([part.shape[1] for part in parts])
    centres = ends - 0.5 * np.array([part.shape[1] for part in parts])
    bins = np.arange(amplitudes.shape[1])
    return np.stack([np.interp(bins, centres, row) for row in quartiles])
