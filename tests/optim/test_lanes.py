"""Several searches with one budget."""

import threading

import pytest
import torch

from fxchain.optim.base import Budget
from fxchain.optim.lanes import Lane, side_by_side


@pytest.fixture
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def _spend(lane: Lane) -> int:
    while not lane.over:
        lane.step("search", 1.0)
    return lane.taken


@pytest.mark.usefixtures("two_threads")
@pytest.mark.parametrize(("count", "expected"), [(1, [8]), (2, [4, 4]), (3, [2, 3, 3])])
def test_steps_are_shared_out_beforehand(count: int, expected: list[int]) -> None:
    budget = Budget(steps=10)
    assert side_by_side([_spend] * count, budget, 0.8) == expected
    assert budget.taken == 8 and not budget.over
    assert sorted(entry["step"] for entry in budget.history) == list(range(1, 9))


@pytest.mark.usefixtures("two_threads")
def test_two_run_at_the_same_time_with_a_thread_each() -> None:
    meeting = threading.Barrier(2)

    def meet(lane: Lane) -> int:
        meeting.wait(timeout=30)
        return torch.get_num_threads()

    assert side_by_side([meet, meet], Budget(steps=4), 1.0) == [1, 1]
    assert torch.get_num_threads() == 2
    assert side_by_side([lambda lane: torch.get_num_threads()], Budget(steps=4), 1.0) == [2]


@pytest.mark.usefixtures("two_threads")
def test_the_history_keeps_the_order_of_the_lanes() -> None:
    first_may_go = threading.Event()

    def late(lane: Lane) -> None:
        first_may_go.wait(timeout=30)
        lane.step("late", 2.0)

    def early(lane: Lane) -> None:
        lane.step("early", 1.0)
        first_may_go.set()

    budget = Budget(steps=4)
    side_by_side([late, early], budget, 1.0)
    assert [entry["phase"] for entry in budget.history] == ["late", "early"]


@pytest.mark.usefixtures("two_threads")
def test_an_interruption_ends_all_and_keeps_what_was_found() -> None:
    def stopped(lane: Lane) -> str:
        raise KeyboardInterrupt

    def endless(lane: Lane) -> str:
        while not lane.over:
            lane.step("search", 1.0)
        return "found"

    budget = Budget(seconds=1e9)
    assert side_by_side([stopped, endless], budget, 1.0) == ["found"]
    assert budget.halted and budget.over


@pytest.mark.usefixtures("two_threads")
def test_a_failure_is_not_hidden() -> None:
    def failing(lane: Lane) -> None:
        raise ValueError("a bug")

    with pytest.raises(ValueError, match="a bug"):
        side_by_side([failing, _spend], Budget(seconds=1e9), 1.0)


class _Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_lane_in_seconds_ends_with_its_share() -> None:
    clock = _Clock()
    lane = Lane(Budget(seconds=100.0, clock=clock), until=0.5, most=None)
    clock.now = 10.0
    lane.enter()
    half = lane.share(0.5)
    clock.now = 29.0
    assert lane.used == pytest.approx(19 / 40) and not half.over
    clock.now = 30.0
    assert half.over and not lane.over
    lane.begin()
    clock.now = 40.0
    lane.step("search", 1.0)  # of 10 s
    clock.now = 44.0
    assert not lane.over
    clock.now = 45.0  # a step as long as the last one would end more than half of it late
    assert lane.over


@pytest.mark.usefixtures("two_threads")
def test_what_another_thread_sets_is_its_own() -> None:
    """Torch would take it over at its first use in a lane."""

    def disturbed(lane: Lane) -> int:
        other = threading.Thread(target=torch.set_num_threads, args=(3,))
        other.start()
        other.join()
        return torch.get_num_threads()

    assert side_by_side([disturbed] * 2, Budget(steps=2), 1.0) == [1, 1]


def test_one_after_the_other_share_the_time() -> None:
    clock = _Clock()
    before = torch.get_num_threads()
    torch.set_num_threads(1)

    def until_over(lane: Lane) -> float:
        while not lane.over:
            clock.now += 1.0
        return clock.now

    try:
        ends = side_by_side([until_over] * 2, Budget(seconds=100.0, clock=clock), 0.4)
    finally:
        torch.set_num_threads(before)
    assert ends == [20.0, 40.0]
