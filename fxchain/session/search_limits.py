"""How long and on how many threads to search, checked."""

import math
from dataclasses import dataclass
from typing import Any, TypedDict

from fxchain.errors import MatchError
from fxchain.optim.budget import Budget, Clock, Progress


class SearchKeywords(TypedDict, total=False):
    """Keyword arguments of a search, see `SearchLimits`."""

    seconds: float
    iterations: int | None
    seed: int
    threads: int


@dataclass(frozen=True, kw_only=True)
class SearchLimits:
    """How long a search runs, and what its result depends on besides the recordings.

    Attributes:
        seconds: time for the search, from the files read to the last step, s
        iterations: number of steps instead; equal inputs then give equal results
        seed: of the random numbers
        threads: number of threads of torch; results repeat for an equal number
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
