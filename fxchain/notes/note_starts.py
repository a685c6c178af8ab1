"""When a note of known pitch begins, and whether a pitch is played again."""

import numpy as np

from fxchain.notes.spectra import Spectra

#: Harmonics whose amplitudes are added.
_HARMONICS = 6
#: A note has begun where it has this share of what it reaches soon after, s.
_BEGUN, _SOON_SECONDS = 0.1, 0.12
#: A harmonic is new where it had at most this share of what it reaches.
_NEW = 0.3
#: It may begin so much earlier than an onset was found, s.
_EARLIER_SECONDS = 0.12
#: A pitch is played again where all harmonics that have this share of the largest rise by this
#: factor from a valley (1.5 dB), and reach this share of what they were.
_HEARD, _RISE, _AGAIN = 0.05, 1.19, 0.3


def harmonic_level(spectra: Spectra, pitch: float, first: int, last: int) -> np.ndarray:
    """Return the amplitude of each of the first harmonics of a pitch, (frames, harmonics)."""
    hertz = 440.0 * 2.0 ** ((pitch - 69.0) / 12.0)
    found = []
    for number in range(1, _HARMONICS + 1):
        low = round(number * hertz * 0.97 / spectra.spacing_hz)
        high = round(number * hertz * 1.03 / spectra.spacing_hz) + 1
        if high < spectra.amplitudes.shape[1]:
            found.append(spectra.amplitudes[first:last, low:high].max(axis=1))
    return np.stack(found, axis=1)


def note_start(spectra: Spectra, pitch: float, seconds: float, earliest: float) -> float:
    """Return when the harmonics of a note begin to grow, s.

    Args:
        spectra: with short frames
        pitch: MIDI number
        seconds: where its onset was found
        earliest: it begins no earlier
    """
    begin = spectra.frame(max(seconds - _EARLIER_SECONDS, earliest))
    at, end = spectra.frame(seconds), spectra.frame(seconds + _SOON_SECONDS)
    levels = harmonic_level(spectra, pitch, begin, end + 1)
    new = levels[0] < _NEW * levels[at - begin :].max(axis=0)
    if not new.any():
        return seconds
    grown = np.clip(levels - levels[: at - begin + 1].min(axis=0), 0.0, None)[:, new].sum(axis=1)
    top = at - begin + int(np.argmax(grown[at - begin :]))
    below = np.flatnonzero(grown[: top + 1] <= _BEGUN * grown[top])
    return float((begin + int(below[-1])) * spectra.hop_seconds) if len(below) else seconds


def played_again(spectra: Spectra, pitch: float, seconds: float, before: float) -> bool:
    """Tell whether the harmonics of a pitch stop falling and rise together.

    Detuned oscillators beat: each harmonic fades and returns at a rate of its own.

    Args:
        spectra: with short frames
        pitch: MIDI number
        seconds: where an onset was found
        before: where the note before begins, s
    """
    begun = spectra.frame(before)
    levels = harmonic_level(spectra, pitch, begun, spectra.frame(seconds + 0.1) + 1)
    at, near, far = (spectra.frame(seconds - each) - begun for each in (0.0, 0.04, 0.09))
    valley = levels[max(near, 0) : at + spectra.frame(0.01) + 1].min(axis=0)
    left = levels[max(far, 0) : max(near, 1)].max(axis=0)
    right = levels[at:].max(axis=0)
    heard = right > _HEARD * right.max()
    if not (right > _RISE * valley)[heard].all() or not (left >= valley)[heard].all():
        return False
    return bool(right.sum() > _AGAIN * levels[: at + 1].sum(axis=1).max())
