"""Every optimizer: never worse than its start, finds a bowl's bottom, repeats, stays inside."""

from collections.abc import Callable

import numpy as np
import pytest

from fxchain.optim.base import Budget
from fxchain.optim.evolution import evolve
from fxchain.optim.gradient import adam
from fxchain.optim.second_order import damped_step, levenberg_marquardt


class BowlSlopes:
    def __init__(self, residual: np.ndarray, columns: np.ndarray) -> None:
        self.columns, self.loss = columns, float(residual @ residual)
        self.gauss_newton_hessian, self.slope = columns @ columns.T, columns @ residual

    def project(self, residual: np.ndarray) -> np.ndarray:
        return self.columns @ residual


class Bowl:
    """A sum of squares with a bent floor; its bottom may lie outside the cube."""

    def __init__(self, bottom: np.ndarray) -> None:
        self.bottom = bottom
        self.matrix = np.random.default_rng(0).normal(size=(30, len(bottom)))

    def residual(self, cube: np.ndarray) -> np.ndarray:
        moved = cube - self.bottom
        return self.matrix @ (moved + 0.3 * moved**2)

    def jacobian(self, cube: np.ndarray, index: np.ndarray) -> np.ndarray:
        moved = cube - self.bottom
        return (self.matrix * (1.0 + 0.6 * moved)).T[index]

    def linearize(self, cube: np.ndarray, index: np.ndarray) -> "BowlSlopes":
        return BowlSlopes(self.residual(cube), self.jacobian(cube, index))

    def losses(self, population: np.ndarray) -> np.ndarray:
        return np.array([float(np.sum(self.residual(cube) ** 2)) for cube in population])

    def gradient(self, cube: np.ndarray) -> tuple[float, np.ndarray]:
        everything = np.arange(len(cube))
        slopes = self.linearize(cube, everything)
        return slopes.loss, 2.0 * slopes.slope


Search = Callable[[Bowl, np.ndarray, np.ndarray, Budget], np.ndarray]


def _second_order(bowl: Bowl, cube: np.ndarray, index: np.ndarray, meter: Budget) -> np.ndarray:
    return levenberg_marquardt(bowl, cube, index, meter).cube


def _bold(bowl: Bowl, cube: np.ndarray, index: np.ndarray, meter: Budget) -> np.ndarray:
    return levenberg_marquardt(bowl, cube, index, meter, bold=True).cube


def _gradient(bowl: Bowl, cube: np.ndarray, index: np.ndarray, meter: Budget) -> np.ndarray:
    return adam(bowl, cube, index, meter, steps=200)


def _evolution(bowl: Bowl, cube: np.ndarray, index: np.ndarray, meter: Budget) -> np.ndarray:
    return evolve(bowl, cube, index, meter, seed=1, population=16, generations=60)[0]


SEARCHES = [
    pytest.param(_second_order, 1e-8, id="second order"),
    pytest.param(_gradient, 1e-2, id="gradient"),
    pytest.param(_bold, 1e-6, id="bold"),
    pytest.param(_evolution, 1e-2, id="evolution"),
]


@pytest.mark.parametrize(("search", "tolerance"), SEARCHES)
def test_finds_the_bottom(search: Search, tolerance: float) -> None:
    bottom = np.array([0.3, 0.7, 0.5, 0.2])
    bowl, start = Bowl(bottom), np.full(4, 0.9)
    found = search(bowl, start, np.arange(4), Budget(steps=1_000))
    assert bowl.losses(found[None])[0] < tolerance * bowl.losses(start[None])[0]


@pytest.mark.parametrize(("search", "tolerance"), SEARCHES)
def test_stays_inside_when_the_bottom_is_outside(search: Search, tolerance: float) -> None:
    bowl, start = Bowl(np.array([-0.4, 1.3, 0.5])), np.full(3, 0.5)
    found = search(bowl, start, np.arange(3), Budget(steps=1_000))
    assert np.all((found >= 0.0) & (found <= 1.0))
    assert bowl.losses(found[None])[0] < bowl.losses(start[None])[0]


@pytest.mark.parametrize(("search", "tolerance"), SEARCHES)
def test_moves_only_what_it_may(search: Search, tolerance: float) -> None:
    bowl, start = Bowl(np.array([0.3, 0.7, 0.5, 0.2])), np.full(4, 0.9)
    found = search(bowl, start, np.array([1, 3]), Budget(steps=50))
    assert np.array_equal(found[[0, 2]], start[[0, 2]])
    assert not np.array_equal(found[[1, 3]], start[[1, 3]])


@pytest.mark.parametrize(("search", "tolerance"), SEARCHES)
def test_repeats(search: Search, tolerance: float) -> None:
    bowl, start = Bowl(np.array([0.3, 0.7, 0.5, 0.2])), np.full(4, 0.9)
    first = search(bowl, start, np.arange(4), Budget(steps=20))
    again = search(bowl, start, np.arange(4), Budget(steps=20))
    assert np.array_equal(first, again)
    assert np.array_equal(start, np.full(4, 0.9))


@pytest.mark.parametrize(("search", "tolerance"), SEARCHES)
def test_stops_with_the_budget(search: Search, tolerance: float) -> None:
    budget = Budget(steps=2)
    search(Bowl(np.full(4, 0.3)), np.full(4, 0.9), np.arange(4), budget)
    assert budget.taken == 2
    assert budget.over


def test_bold_steps_need_fewer_slopes() -> None:
    bowl, start = Bowl(np.array([0.3, 0.7, 0.5, 0.2])), np.full(4, 0.9)
    plain, bold = (
        levenberg_marquardt(bowl, start, np.arange(4), Budget(steps=4), bold=each)
        for each in (False, True)
    )
    assert bold.loss < 0.1 * plain.loss


def test_a_step_leaves_out_walls_it_pushes_against() -> None:
    gauss_newton_hessian = np.array([[2.0, 1.0], [1.0, 2.0]])
    step = damped_step(np.array([0.0, 0.5]), gauss_newton_hessian, np.array([1.0, 0.1]), 0.0, 0.0)
    assert step[0] == 0.0
    assert step[1] == pytest.approx(-0.05)


def test_a_suggestion_is_tried() -> None:
    bottom = np.array([0.3, 0.7])
    _, loss = evolve(
        Bowl(bottom), np.full(2, 0.9), np.arange(2), Budget(steps=1), seed=0, generations=1,
        suggestions=(bottom,),
    )  # fmt: skip
    assert loss < 1e-20


class _Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_budget_in_seconds_follows_its_clock() -> None:
    clock = _Clock()
    budget = Budget(seconds=10.0, clock=clock)
    half = budget.portion(0.5)
    clock.now = 104.9
    assert not half.over
    clock.now = 105.0
    assert half.over and not budget.over
    half.step("here", 0.25)
    assert budget.history == [{"phase": "here", "loss": 0.25, "step": 1, "seconds": 5.0}]
    clock.now = 110.0
    assert budget.over


def test_progress_is_told_the_share() -> None:
    told: list[tuple[str, float, float]] = []
    budget = Budget(steps=4, progress=lambda phase, loss, share: told.append((phase, loss, share)))
    budget.step("a", 1.0)
    budget.step("b", 0.5)
    assert told == [("a", 1.0, 0.25), ("b", 0.5, 0.5)]


def test_work_between_steps_is_no_part_of_their_length() -> None:
    now = [0.0]
    budget = Budget(seconds=10.0, clock=lambda: now[0])
    budget.begin()
    now[0] = 1.0
    budget.step("one", 1.0)
    now[0] = 8.0  # seven seconds of other work
    budget.portion(1.0).begin()
    now[0] = 9.0
    budget.step("two", 1.0)
    assert not budget.over
    now[0] = 9.6
    assert budget.over


def test_a_report_is_told_but_is_no_step() -> None:
    clock, told = _Clock(), []
    budget = Budget(
        seconds=10.0, clock=clock, progress=lambda phase, loss, share: told.append((phase, share))
    )
    clock.now = 104.0
    budget.report("judge", 0.5)
    assert budget.taken == 0 and told == [("judge", 0.4)]
    assert budget.history == [{"phase": "judge", "loss": 0.5, "step": 0, "seconds": 4.0}]
    assert budget.seconds_left == 6.0 and Budget(steps=3).seconds_left == np.inf
