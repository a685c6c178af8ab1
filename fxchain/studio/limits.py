"""How much the studio takes."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """How large uploads may be.

    Attributes:
        megabytes: of one file
        minutes: of one recording
    """

    megabytes: float = 200.0
    minutes: float = 10.0
