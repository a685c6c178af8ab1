"""Several searches at the same time, each with its part of one budget."""

import math
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import TypeVar

import torch

from fxchain.optim.budget import Budget, BudgetPortion, Entry
from fxchain.optim.threads import use_threads

Found = TypeVar("Found")


@dataclass
class BudgetShare:
    """What one of several searches may use of a budget.

    Args:
        budget: the whole
        until: the share of the whole's seconds at which this one ends
        most: how many steps it may take, or None
    """

    budget: Budget
    until: float
    most: int | None
    taken: int = 0
    history: list[Entry] = field(default_factory=list)
    _began: float = field(default=0.0, init=False)
    _last: float = field(default=0.0, init=False)
    _length: float = field(default=0.0, init=False)

    def enter(self) -> None:
        """Let its time begin."""
        self._began = self.budget.elapsed
        self._last = self.budget.clock()

    @property
    def used(self) -> float:
        """Return the share of its own time or steps that is used up."""
        shares = [0.0 if self.most is None else self.taken / max(self.most, 1)]
        if self.budget.seconds is not None:
            whole = self.until * self.budget.seconds - self._began
            spent = self.budget.elapsed - self._began
            shares.append(spent / whole if whole > 0.0 else 1.0)
        return max(shares)

    @property
    def over(self) -> bool:
        """Tell whether another step would not fit any more; see `Budget.over`."""
        if self.budget.halted or (self.most is not None and self.taken >= self.most):
            return True
        seconds = self.budget.seconds
        if seconds is None:
            return False
        return self.budget.elapsed + self._length / 2.0 >= self.until * seconds

    def begin(self) -> None:
        """Let the length of the next step count from now on."""
        self._last = self.budget.clock()

    def step(self, phase: str, loss: float) -> None:
        """Count a step, here and in the whole budget."""
        self.taken += 1
        now = self.budget.clock()
        self._length, self._last = now - self._last, now
        self.history.append(self.budget.count(phase, loss))

    def portion(self, until: float) -> BudgetPortion:
        """Return a view of this share that is over when the share `until` of it is used up."""
        return BudgetPortion(self, until)


def run_parallel(
    searches: Sequence[Callable[[BudgetShare], Found]], budget: Budget, until: float
) -> list[Found]:
    """Run several searches, as many at a time as torch has threads.

    A single one has all threads. What each finds depends on its number of steps alone; budgets in
    steps are shared out equally beforehand, so that they repeat.

    Args:
        searches: each is given its part of the budget
        budget: the whole; its history is continued by that of the shares, one after the other
        until: the share of the whole that may be used up

    Returns:
        what they found, in their order. After Ctrl-C the budget is over, all end after their
        present step, and those that were stopped inside it are missing.

    Raises:
        Exception: what a search raised.
    """
    threads = torch.get_num_threads()
    at_once = min(threads, len(searches))
    shares = _shares(len(searches), at_once, budget, until)
    try:
        with ThreadPoolExecutor(
            at_once, initializer=use_threads, initargs=(threads // at_once,)
        ) as pool:
            pairs = zip(searches, shares, strict=True)
            running = [pool.submit(_entered, search, share) for search, share in pairs]
            return _gathered(running, budget)
    finally:
        torch.set_num_threads(threads)
        budget.begin()
        for share in shares:
            budget.history += share.history


def _entered(search: Callable[[BudgetShare], Found], share: BudgetShare) -> Found:
    share.enter()
    return search(share)


def _gathered(futures: Sequence[Future[Found]], budget: Budget) -> list[Found]:
    """Wait for all; an interruption, here or in a search, lets the others end early."""
    waiting = list(futures)
    while waiting:
        try:
            done, _ = wait(waiting, return_when=FIRST_EXCEPTION)
        except KeyboardInterrupt:
            budget.halted = True
            continue
        budget.halted |= any(future.exception() is not None for future in done)
        waiting = [future for future in waiting if future not in done]
    found: list[Found] = []
    for future in futures:
        if not isinstance(future.exception(), KeyboardInterrupt):
            found.append(future.result())
    return found


def _shares(count: int, at_once: int, budget: Budget, until: float) -> list[BudgetShare]:
    waves = -(-count // at_once)
    begin = min(budget.used, until)
    ends = [begin + (until - begin) * (at // at_once + 1) / waves for at in range(count)]
    if budget.steps is None:
        return [BudgetShare(budget, end, None) for end in ends]
    left = max(math.ceil(round(budget.steps * until, 6)) - budget.taken, 0)
    return [BudgetShare(budget, ends[at], (left + at) // count) for at in range(count)]
