"""Calls in several processes return what they return in one."""

import os
import time
from dataclasses import dataclass

import pytest

from fxchain.optim import processes
from fxchain.optim.processes import Call, Processes


@pytest.fixture
def at_once(monkeypatch):
    """Let processes start without waiting until that pays."""
    monkeypatch.setattr(processes, "WORTH_SECONDS", 0.0)


def calls(count: int) -> list[Call]:
    return [Call("__add__", ((number,),)) for number in range(count)]


def test_results_stand_in_the_order_of_the_calls():
    with Processes(("a",), 1) as workers:
        assert workers.map(calls(5)) == [("a", number) for number in range(5)]


def test_other_processes_make_calls_too(at_once):
    # calls that take some time, since this process would make them all before the other has one
    with Processes(tuple(range(1_000_000)), 2) as workers:
        deadline = time.monotonic() + 100.0
        while time.monotonic() < deadline and not workers.answered:
            assert workers.map([Call("count", (-1,))] * 20) == [0] * 20
        assert workers.answered > 0


def test_what_a_call_raises_is_raised():
    with Processes(("a",), 1) as workers, pytest.raises(TypeError):
        workers.map([Call("__add__", (3,))])


def test_calls_that_did_not_begin_have_no_result():
    left = iter([False, False, True, True, True])
    with Processes(("a",), 1) as workers:
        assert workers.map(calls(5), lambda: next(left)) == [("a", 0), ("a", 1), None, None, None]


def test_what_cannot_be_sent_is_done_here(at_once):
    @dataclass
    class Local:
        process: int

        def same(self) -> bool:
            return self.process == os.getpid()

    with Processes(Local(os.getpid()), 2) as workers:
        assert workers.map([Call("same", ())] * 3) == [True] * 3


def test_a_process_that_dies_loses_no_call(at_once):
    with Processes(("a",), 2) as workers:
        workers.map(calls(2))
        for other in workers.others:
            other.process.kill()
        assert workers.map(calls(20)) == [("a", number) for number in range(20)]


def test_several_processes_end_together(at_once):
    # each of their threads waits for a task when they are told to end
    workers = Processes(tuple(range(1_000_000)), 4)
    while workers.answered < 3:
        workers.map([Call("count", (-1,))] * 40)
    others = list(workers.others)
    workers.close()
    assert len(others) == 3
    assert all(other.process.returncode is not None for other in others)


def test_a_batch_that_raised_leaves_nothing_to_the_next():
    with Processes(("a",), 1) as workers:
        with pytest.raises(TypeError):
            workers.map([Call("__add__", (3,)), *calls(5)])
        assert workers.map(calls(2)) == [("a", 0), ("a", 1)]
