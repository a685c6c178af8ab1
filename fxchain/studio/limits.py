"""The limits of uploads."""

import math
from dataclasses import dataclass

from fxchain.errors import FxchainError


@dataclass(frozen=True)
class Limits:
    """How large uploads may be.

    Attributes:
        megabytes: of one file
        minutes: of one recording

    Raises:
        FxchainError: one of them is not above 0, or is no number.
    """

    megabytes: float = 200.0
    minutes: float = 10.0

    def __post_init__(self) -> None:
        limits = {"--most-megabytes": self.megabytes, "--longest-minutes": self.minutes}
        for name, limit in limits.items():
            if not 0.0 < limit < math.inf:
                raise FxchainError(f"{name} {limit:g}: give a number above 0")
