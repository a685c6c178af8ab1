"""How a search for a patch talks to its caller."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from fxchain.optim.budget import Clock, Progress

Notice = Callable[[str], None]


@dataclass(frozen=True)
class Hooks:
    """How a search talks to its caller.

    Attributes:
        progress: called after each step: phase, loss, share of the budget
        notice: called with each sentence about recording and notes
        clock: returns seconds
    """

    progress: Progress | None = None
    notice: Notice | None = None
    clock: Clock = time.monotonic
