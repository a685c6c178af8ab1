"""Signals and searches."""

import os
import signal
import threading

import pytest

from fxchain.optim.budget import Budget
from fxchain.optim.halting import halted_by_signals


def interrupt(stop: signal.Signals = signal.SIGINT) -> None:
    os.kill(os.getpid(), stop)


def test_the_first_signal_ends_the_budget_and_raises_nothing() -> None:
    before = signal.getsignal(signal.SIGINT)
    budget = Budget(steps=5)
    with halted_by_signals(budget):
        assert not budget.over
        interrupt()
        assert budget.over
    assert signal.getsignal(signal.SIGINT) is before


def test_the_second_does_what_it_would_have_done() -> None:
    with pytest.raises(KeyboardInterrupt), halted_by_signals(Budget(steps=5)):
        interrupt()
        interrupt()


def test_a_signal_that_is_ignored_or_deadly_stays_so() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        budget = Budget(steps=5)
        with halted_by_signals(budget):
            assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
            interrupt()
        assert not budget.over
    finally:
        signal.signal(signal.SIGINT, before)


def test_another_thread_leaves_signals_alone() -> None:
    seen: list[object] = []

    def elsewhere() -> None:
        with halted_by_signals(Budget(steps=5)):
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert seen == [signal.getsignal(signal.SIGINT)]
