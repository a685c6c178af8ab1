"""One note."""

from dataclasses import dataclass

_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


@dataclass(frozen=True)
class Note:
    """A note that is played.

    Attributes:
        start_seconds: when it begins, s
        duration_seconds: from its beginning to its release, s
        pitch: MIDI number, 69 = 440 Hz; may be fractional
        velocity: how hard it is played, 0 to 1
    """

    start_seconds: float
    duration_seconds: float
    pitch: float
    velocity: float


def note_name(pitch: float) -> str:
    """Return the name of the nearest MIDI number, as in C4 for 60."""
    number = round(pitch)
    return f"{_NAMES[number % 12]}{number // 12 - 1}"
