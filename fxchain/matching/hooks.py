"""What a match calls and writes while it runs."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from fxchain.matching.search.checkpoint import Checkpoint
from fxchain.optim.budget import Clock, Progress

#: Called with a sentence for the user.
Notice = Callable[[str], None]


@dataclass(frozen=True)
class Hooks:
    """Callbacks of a match, its clock, and its checkpoint.

    Attributes:
        progress: called after each step with the phase, the best loss so far, and the used share
            of the budget, 0 to 1; before the first step the loss is NaN
        notice: called with each sentence about the recordings before the search begins
        checkpoint: the file that holds the state of the search
        clock: returns the time, s
    """

    progress: Progress | None = None
    notice: Notice | None = None
    checkpoint: str | Path | Checkpoint | None = None
    clock: Clock = time.monotonic

    def report(self, phase: str, loss: float, share: float) -> None:
        """Call `progress`, if there is one."""
        if self.progress is not None:
            self.progress(phase, loss, share)

    def tell(self, sentences: Sequence[str]) -> None:
        """Call `notice` with each sentence, if there is one."""
        if self.notice is not None:
            for sentence in sentences:
                self.notice(sentence)

    def checkpoint_file(self) -> Checkpoint | None:
        """Return the checkpoint, if there is one."""
        if self.checkpoint is None or isinstance(self.checkpoint, Checkpoint):
            return self.checkpoint
        return Checkpoint(Path(self.checkpoint))
