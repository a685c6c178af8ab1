"""What a transfer is asked to do, checked."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fxchain.errors import MatchError
from fxchain.optim.base import Budget, Clock, Progress
from fxchain.preset import Preset
from fxchain.transferring.amount import check_amount
from fxchain.transferring.chains import STYLE
from fxchain.transferring.dimensions import DIMENSIONS


@dataclass(frozen=True)
class TransferWishes:
    """What a transfer is asked to do; see `transfer`."""

    amount: float = 100.0
    dimensions: tuple[str, ...] = DIMENSIONS
    chain: str | Path = STYLE
    seconds: float | None = 60.0
    iterations: int | None = None
    seed: int = 0
    threads: int = 2
    preset: str | Path | Preset | None = None

    def check(self, references: int) -> None:
        """Refuse what cannot be done.

        Args:
            references: how many there are

        Raises:
            MatchError: naming the option.
        """
        check_amount(self.amount)
        if self.preset is not None and references:
            raise MatchError("--from takes over a preset: leave the references out")
        if self.preset is None and not references:
            raise MatchError("there is no reference; give one, or a preset with --from")
        if self.iterations is None and not (self.seconds and 0 < self.seconds < math.inf):
            raise MatchError(f"--seconds {self.seconds}: give more than 0 seconds")
        if self.iterations is not None and self.iterations < 1:
            raise MatchError(f"--iterations {self.iterations}: give at least 1")
        if self.seed < 0:
            raise MatchError(f"--seed {self.seed}: give 0 or more")
        if self.threads < 1:
            raise MatchError(f"--threads {self.threads}: give at least 1")

    def budget(self, clock: Clock, progress: Progress | None) -> Budget:
        """Return the limit of the search; its time begins now."""
        return Budget(
            seconds=self.seconds if self.iterations is None else None,
            steps=self.iterations,
            clock=clock,
            progress=progress,
        )

    def settings(self, chain: str) -> dict[str, Any]:
        """Return them as they are reported: names without folders, one limit."""
        limit = (
            {"iterations": self.iterations}
            if self.iterations is not None
            else {"seconds": self.seconds}
        )
        return {
            "chain": chain,
            **({} if self.preset is not None else limit),
            "amount": self.amount,
            "match": list(self.dimensions),
            "threads": self.threads,
        }
