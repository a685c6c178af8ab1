"""How long and on how many threads to search, checked."""

import math
from dataclasses import dataclass
from typing import Any

from fxchain.errors import MatchError
from fxchain.optim.budget import Budget, Clock, Progress


@dataclass(frozen=True, kw_only=True)
class SearchLimits:
    """The limit of a search, and what it repeats with.

    Attributes:
        seconds: how long, s
        iterations: how many steps instead
        seed: of the random numbers
        threads: of torch
    """

    seconds: float | None = 60.0
    iterations: int | None = None
    seed: int = 0
    threads: int = 2

    def check_limits(self) -> None:
        """Refuse what cannot be done.

        Raises:
            MatchError: naming the option.
        """
        if self.iterations is None and not (self.seconds and 0 < self.seconds < math.inf):
            raise MatchError(f"--seconds {self.seconds}: give more than 0 seconds")
        if self.iterations is not None and self.iterations < 1:
            raise MatchError(f"--iterations {self.iterations}: give at least 1")
        if self.seed < 0:
            raise MatchError(f"--seed {self.seed}: give 0 or more")
        if self.threads < 1:
            raise MatchError(f"--threads {self.threads}: give at least 1")

    def limit(self) -> dict[str, Any]:
        """Return the limit as it is reported: iterations or seconds."""
        if self.iterations is not None:
            return {"iterations": self.iterations}
        return {"seconds": self.seconds}

    def budget(self, clock: Clock, progress: Progress | None) -> Budget:
        """Return the limit of the search; its time begins now."""
        return Budget(
            seconds=self.seconds if self.iterations is None else None,
            steps=self.iterations,
            clock=clock,
            progress=progress,
        )
