"""Several searches with one budget."""

import threading

import pytest
import torch

from fxchain.optim.budget import Budget
from fxchain.optim.parallel import BudgetShare, run_parallel


@pytest.fixture
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def _spend(share: BudgetShare) -> int:
    while not share.over:
        share.step("search", 1.0)
    return share.taken


@pytest.mark.usefixtures("two_threads")
@pytest.mark.parametrize(("count", "expected"), [(1, [8]), (2, [4, 4]), (3, [2, 3, 3])])
def test_steps_are_shared_out_beforehand(count: int, expected: list[int]) -> None:
    budget = Budget(steps=10)
    assert run_parallel([_spend] * count, budget, 0.8) == expected
    assert budget.taken == 8 and not budget.over
    assert sorted(entry["step"] for entry in budget.history) == list(range(1, 9))


@pytest.mark.usefixtures("two_threads")
def test_two_run_at_the_same_time_with_a_thread_each() -> None:
    meeting = threading.Barrier(2)

    def meet(share: BudgetShare) -> int:
        meeting.wait(timeout=30)
        return torch.get_num_threads()

    assert run_parallel([meet, meet], Budget(steps=4), 1.0) == [1, 1]
    assert torch.get_num_threads() == 2
    assert run_parallel([lambda share: torch.get_num_threads()], Budget(steps=4), 1.0) == [2]


@pytest.mark.usefixtures("two_threads")
def test_the_history_keeps_the_order_of_the_lanes() -> None:
    first_may_go = threading.Event()

    def late(share: BudgetShare) -> None:
        first_may_go.wait(timeout=30)
        share.step("late", 2.0)

    def early(share: BudgetShare) -> None:
        share.step("early", 1.0)
        first_may_go.set()

    budget = Budget(steps=4)
    run_parallel([late, early], budget, 1.0)
    assert [entry["phase"] for entry in budget.history] == ["late", "early"]


@pytest.mark.usefixtures("two_threads")
def test_an_interruption_ends_all_and_keeps_what_was_found() -> None:
    def stopped(share: BudgetShare) -> str:
        raise KeyboardInterrupt

    def endless(share: BudgetShare) -> str:
        while not share.over:
            share.step("search", 1.0)
        return "found"

    budget = Budget(seconds=1e9)
    assert run_parallel([stopped, endless], budget, 1.0) == ["found"]
    assert budget.halted and budget.over


@pytest.mark.usefixtures("two_threads")
def test_a_failure_is_not_hidden() -> None:
    def failing(share: BudgetShare) -> None:
        raise ValueError("a bug")

    with pytest.raises(ValueError, match="a bug"):
        run_parallel([failing, _spend], Budget(seconds=1e9), 1.0)


class _Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_lane_in_seconds_ends_with_its_share() -> None:
    clock = _Clock()
    share = BudgetShare(Budget(seconds=100.0, clock=clock), until=0.5, most=None)
    clock.now = 10.0
    share.enter()
    half = share.portion(0.5)
    clock.now = 29.0
    assert share.used == pytest.approx(19 / 40) and not half.over
    clock.now = 30.0
    assert half.over and not share.over
    share.begin()
    clock.now = 40.0
    share.step("search", 1.0)  # of 10 s
    clock.now = 44.0
    assert not share.over
    clock.now = 45.0  # a step as long as the last one would end more than half of it late
    assert share.over


@pytest.mark.usefixtures("two_threads")
def test_what_another_thread_sets_is_its_own() -> None:
    """Torch would take it over at its first use in a lane."""

    def disturbed(share: BudgetShare) -> int:
        other = threading.Thread(target=torch.set_num_threads, args=(3,))
        other.start()
        other.join()
        return torch.get_num_threads()

    assert run_parallel([disturbed] * 2, Budget(steps=2), 1.0) == [1, 1]


def test_one_after_the_other_share_the_time() -> None:
    clock = _Clock()
    before = torch.get_num_threads()
    torch.set_num_threads(1)

    def until_over(share: BudgetShare) -> float:
        while not share.over:
            clock.now += 1.0
        return clock.now

    try:
        ends = run_parallel([until_over] * 2, Budget(seconds=100.0, clock=clock), 0.4)
    finally:
        torch.set_num_threads(before)
    assert ends == [20.0, 40.0]
