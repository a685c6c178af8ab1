"""One note."""

from dataclasses import dataclass


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
