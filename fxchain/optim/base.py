"""What a search needs to know: an objective over the unit cube, and a budget.

Nothing here knows about audio.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

Clock = Callable[[], float]

#: Called after each step with the phase's name, the current best loss, and the share of the
#: budget that is used up (0 to 1).
Progress = Callable[[str, float, float], None]


class Objective(Protocol):
    """What is to be made small.

    A cube is a vector of positions in [0, 1].
    """

    def losses(self, population: np.ndarray) -> np.ndarray:
        """Return the losses (population,) of cubes (population, dimension)."""
        ...


class SlopedObjective(Objective, Protocol):
    """An objective with a gradient of its (possibly different, smoother) loss."""

    def gradient(self, cube: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the loss and its gradient (dimension,)."""
        ...


class SquaresObjective(Objective, Protocol):
    """An objective that is a sum of squares, for second-order steps."""

    def residual(self, cube: np.ndarray) -> np.ndarray:
        """Return the residual, (samples,); its squared norm is the loss."""
        ...

    def columns(self, cube: np.ndarray, index: np.ndarray) -> np.ndarray:
        """Return the residual's slope along the coordinates `index`, (len(index), samples)."""
        ...

    def normal(self, cube: np.ndarray, index: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Return the loss, columns · columnsᵀ and columns · residual in one pass."""
        ...


class Meter(Protocol):
    """A budget, or a part of one."""

    @property
    def over(self) -> bool:
        """Tell whether it is used up."""
        ...

    def begin(self) -> None:
        """Say that a step begins now: what was done before is no part of its length."""
        ...

    def step(self, phase: str, loss: float) -> None:
        """Count and report a step."""
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
    """

    seconds: float | None = None
    steps: int | None = None
    clock: Clock = time.monotonic
    started: float | None = None
    taken: int = 0
    progress: Progress | None = None
    history: list[dict[str, float | str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.started = self.clock() if self.started is None else self.started
        self._last, self._length = self.clock(), 0.0

    @property
    def elapsed(self) -> float:
        """Return the time since the budget began, s."""
        return self.clock() - (self.started or 0.0)

    @property
    def used(self) -> float:
        """Return the share that is used up, 0 to 1 and beyond."""
        shares = [0.0]
        if self.seconds is not None:
            shares.append(self.elapsed / self.seconds)
        if self.steps is not None:
            shares.append(self.taken / self.steps)
        return max(shares)

    @property
    def over(self) -> bool:
        """Tell whether another step would not fit any more.

        Of seconds, a step as long as the last one may end at most half its length too late.
        """
        if self.seconds is not None and self.elapsed + self._length / 2.0 >= self.seconds:
            return True
        return self.steps is not None and self.taken >= self.steps

    def begin(self) -> None:
        """Let the length of the next step count from now on."""
        self._last = self.clock()

    def step(self, phase: str, loss: float) -> None:
        """Count a step and report it."""
        self.taken += 1
        now = self.clock()
        self._length, self._last = now - self._last, now
        self.history.append(
            {
                "phase": phase,
                "loss": float(loss),
                "step": self.taken,
                "seconds": now - (self.started or 0.0),
            }
        )
        if self.progress is not None:
            self.progress(phase, float(loss), min(self.used, 1.0))

    def share(self, until: float) -> "Slice":
        """Return a view of this budget that is over when the share `until` is used up."""
        return Slice(self, until)


@dataclass
class Slice:
    """The part of a budget up to a share of it."""

    budget: Budget
    until: float

    @property
    def over(self) -> bool:
        """Tell whether this part is used up."""
        return self.budget.over or self.budget.used >= self.until

    def begin(self) -> None:
        """Let the length of the next step count from now on, in the whole budget."""
        self.budget.begin()

    def step(self, phase: str, loss: float) -> None:
        """Count a step in the whole budget."""
        self.budget.step(phase, loss)
