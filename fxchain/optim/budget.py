"""How long an optimizer may go on: seconds by a clock, or a number of steps."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

Clock = Callable[[], float]

#: Called after each step with the phase's name, the current best loss, and the share of the
#: budget that is used up (0 to 1).
Progress = Callable[[str, float, float], None]

#: The phase of an entry that is no step: the loss is that of the best found so far, by the measure
#: that decides; what steps report may be weighted otherwise.
BEST = "best"

#: What is kept of a step: phase, loss, step, seconds.
Entry = dict[str, float | str]


class BudgetView(Protocol):
    """A budget, or a part of one."""

    @property
    def over(self) -> bool:
        """Tell whether it is used up."""
        ...

    @property
    def used(self) -> float:
        """Return the share that is used up, 0 to 1 and beyond."""
        ...

    def begin(self) -> None:
        """Say that a step begins now: what was done before is no part of its length."""
        ...

    def step(self, phase: str, loss: float) -> None:
        """Count and report a step."""
        ...

    def portion(self, until: float) -> "BudgetPortion":
        """Return a view that is over when the share `until` of this budget is used up."""
        ...


@dataclass
class Budget:
    """How long a search may go on: in seconds by a clock, or in steps.

    Every optimizer calls `step` after each of its steps and stops when `over`.

    Args:
        seconds: wall-clock limit, or None
        steps: number of steps, or None
        clock: returns seconds; a test passes its own
        started: the clock's reading when the budget began
        halted: it is over, whatever is left of it
    """

    seconds: float | None = None
    steps: int | None = None
    clock: Clock = time.monotonic
    started: float | None = None
    taken: int = 0
    progress: Progress | None = None
    history: list[Entry] = field(default_factory=list)
    halted: bool = False

    def __post_init__(self) -> None:
        self.started = self.clock() if self.started is None else self.started
        self._last, self._length = self.clock(), 0.0
        self._counting = threading.Lock()

    @property
    def elapsed(self) -> float:
        """Return the time since the budget began, s."""
        return self.clock() - (self.started or 0.0)

    @property
    def used(self) -> float:
        """Return the share that is used up, 0 to 1 and beyond."""
        shares = [0.0]
        if self.seconds is not None:
            shares.append(self.elapsed / self.seconds if self.seconds > 0.0 else 1.0)
        if self.steps is not None:
            shares.append(self.taken / self.steps if self.steps > 0 else 1.0)
        return max(shares)

    @property
    def seconds_left(self) -> float:
        """Return the time that is left, s; infinite where only steps are counted."""
        return np.inf if self.seconds is None else self.seconds - self.elapsed

    def steps_left(self, until: float = 1.0) -> float:
        """Return how many steps are left up to a share of the budget; infinitely many where only
        seconds are counted."""
        return np.inf if self.steps is None else max(np.floor(until * self.steps) - self.taken, 0.0)

    @property
    def over(self) -> bool:
        """Tell whether another step would not fit any more.

        Of seconds, a step as long as the last one may end at most half its length too late.
        """
        if self.halted:
            return True
        if self.seconds is not None and self.elapsed + self._length / 2.0 >= self.seconds:
            return True
        return self.steps is not None and self.taken >= self.steps

    def begin(self) -> None:
        """Let the length of the next step count from now on."""
        self._last = self.clock()

    def step(self, phase: str, loss: float) -> None:
        """Count a step and report it."""
        now = self.clock()
        self._length, self._last = now - self._last, now
        self.history.append(self.count(phase, loss))

    def count(self, phase: str, loss: float) -> Entry:
        """Count a step and report it to the user; return what the history keeps of it."""
        with self._counting:
            self.taken += 1
            return self._entry(phase, loss)

    def report(self, phase: str, loss: float) -> None:
        """Report work that is no step of a search, such as an evaluation."""
        self.history.append(self._entry(phase, loss))

    def _entry(self, phase: str, loss: float) -> Entry:
        if self.progress is not None:
            self.progress(phase, float(loss), min(self.used, 1.0))
        return {
            "phase": phase,
            "loss": float(loss),
            "step": self.taken,
            "seconds": self.elapsed,
        }

    def portion(self, until: float) -> "BudgetPortion":
        """Return a view of this budget that is over when the share `until` is used up."""
        return BudgetPortion(self, until)


@dataclass
class BudgetPortion:
    """The part of a budget up to a share of it."""

    whole: BudgetView
    until: float

    @property
    def over(self) -> bool:
        """Tell whether this part is used up."""
        return self.whole.over or self.whole.used >= self.until

    @property
    def used(self) -> float:
        """Return the share of this part that is used up, 0 to 1 and beyond."""
        return self.whole.used / self.until if self.until > 0.0 else 1.0

    def begin(self) -> None:
        """Let the length of the next step count from now on, in the whole."""
        self.whole.begin()

    def step(self, phase: str, loss: float) -> None:
        """Count a step in the whole."""
        self.whole.step(phase, loss)

    def portion(self, until: float) -> "BudgetPortion":
        """Return the part of this one up to a share of it."""
        return BudgetPortion(self, until)
