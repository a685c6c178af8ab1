"""How well each pitch explains each frame of a recording."""

import numpy as np

from fxchain.notes.spectral_peaks import LOWEST_HZ, STEPS_PER_OCTAVE, SpectralPeaks, frequencies_hz

#: Harmonics that are looked for.
HARMONICS = 16
#: What a harmonic that is missing costs, against the peaks that are explained.
_MISSING = 0.6
#: What a peak counts as harmonic n + 1, over what it counts as harmonic n.
_NEXT = 0.92
#: A peak belongs to a harmonic up to so many steps of the frequency axis away (20 cents).
_NEAR = 1


def pitches() -> np.ndarray:
    """Return the pitch of each step of the frequency axis, MIDI numbers."""
    return 69.0 + 12.0 * np.log2(frequencies_hz() / 440.0)


def pitch_scores(peaks: SpectralPeaks, sub_oscillator: bool) -> np.ndarray:
    """Return the scores of pitches, (frames, steps).

    The score is the share of the peaks that are harmonics of a pitch, less the weighted share of
    its harmonics that are missing up to the highest peak of the frame. Frames count by their
    level and their tonality.

    Args:
        peaks: of the recording
        sub_oscillator: the instrument is taken to have a sine an octave below its notes
    """
    near = _widened(peaks.strength)
    steps = near.shape[1]
    numbers = np.arange(steps)
    highest = np.where(peaks.strength > 0.0, numbers, 0).max(axis=1)
    explained, missing, weights = (np.zeros_like(near) for _ in range(3))
    for number in range(1, HARMONICS + 1):
        shift = round(STEPS_PER_OCTAVE * np.log2(number))
        here = np.zeros_like(near)
        here[:, : steps - shift] = near[:, shift:]
        weight = number**-0.5
        inside = numbers + shift <= highest[:, None] + _NEAR
        explained += _NEXT ** (number - 1) * here
        missing += weight * (inside & (here <= 0.0))
        weights += weight * inside
    if sub_oscillator:
        below = np.zeros_like(near)
        below[:, STEPS_PER_OCTAVE:] = near[:, :-STEPS_PER_OCTAVE]
        missing += below <= 0.0
        weights += 1.0
        # a sub-oscillator accompanies other sources
        explained += np.minimum(below, explained)
    share = explained / (peaks.strength.sum(axis=1, keepdims=True) + 1e-9)
    counted = np.sqrt(peaks.level / (peaks.level.max() + 1e-30)) * peaks.tonality
    return counted[:, None] * (share - _MISSING * missing / (weights + 1e-9))


def step_of(pitch: float) -> int:
    """Return the step of the frequency axis that is nearest to a pitch."""
    hertz = 440.0 * 2.0 ** ((pitch - 69.0) / 12.0)
    return round(STEPS_PER_OCTAVE * float(np.log2(hertz / LOWEST_HZ)))


def _widened(strength: np.ndarray) -> np.ndarray:
    """Return the largest strength within `_NEAR` steps of each."""
    wide = strength.copy()
    for away in range(1, _NEAR + 1):
        wide[:, away:] = np.maximum(wide[:, away:], strength[:, :-away])
        wide[:, :-away] = np.maximum(wide[:, :-away], strength[:, away:])
    return wide
