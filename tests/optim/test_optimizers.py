"""Every optimizer: never worse than its start, finds a bowl's bottom, repeats, stays inside."""

from collections.abc import Sequence

import numpy as np
import pytest

from fxchain.optim.alternating import Alternating, Repeated, Round, Step
from fxchain.optim.base import Minimum, Optimizer
from fxchain.optim.budget import Budget
from fxchain.optim.evolution import Evolution
from fxchain.optim.gradient import Adam
from fxchain.optim.second_order import LevenbergMarquardt, damped_step


class BowlSlopes:
    def __init__(self, residual: np.ndarray, columns: np.ndarray) -> None:
        self.columns, self.loss = columns, float(residual @ residual)
        self.gauss_newton_hessian, self.slope = columns @ columns.T, columns @ residual

    def project(self, residual: np.ndarray) -> np.ndarray:
        return self.columns @ residual


class Bowl:
    """A sum of squares with a bent floor; its bottom may lie outside the cube."""

    def __init__(self, bottom: np.ndarray, movable: Sequence[int] | None = None) -> None:
        self.bottom = bottom
        self.movable = np.array(range(len(bottom)) if movable is None else movable)
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

    def evolution_indices(self) -> np.ndarray:
        return self.movable

    autograd_indices = jacobian_indices = evolution_indices

    def gradient(self, cube: np.ndarray) -> tuple[float, np.ndarray]:
        everything = np.arange(len(cube))
        slopes = self.linearize(cube, everything)
        return slopes.loss, 2.0 * slopes.slope


SEARCHES = [
    pytest.param(LevenbergMarquardt(), 1e-8, id="second order"),
    pytest.param(Adam(steps=200), 1e-2, id="gradient"),
    pytest.param(LevenbergMarquardt(reuse_jacobian=True), 1e-6, id="reused Jacobian"),
    pytest.param(Evolution(seed=1, population=16, generations=60), 1e-2, id="evolution"),
    pytest.param(Repeated(Adam(steps=20), gain=1e-9, times=10), 1e-2, id="repeated"),
    pytest.param(
        Alternating((Round((Step(Adam(steps=20)),), 0.5), Round((Step(LevenbergMarquardt()),)))),
        1e-8,
        id="alternating",
    ),
]


@pytest.mark.parametrize(("search", "tolerance"), SEARCHES)
def test_finds_the_bottom(search: Optimizer, tolerance: float) -> None:
    bottom = np.array([0.3, 0.7, 0.5, 0.2])
    bowl, start = Bowl(bottom), np.full(4, 0.9)
    found = search.minimize(bowl, start, Budget(steps=1_000)).cube
    assert bowl.losses(found[None])[0] < tolerance * bowl.losses(start[None])[0]


@pytest.mark.parametrize(("search", "tolerance"), SEARCHES)
def test_stays_inside_when_the_bottom_is_outside(search: Optimizer, tolerance: float) -> None:
    bowl, start = Bowl(np.array([-0.4, 1.3, 0.5])), np.full(3, 0.5)
    found = search.minimize(bowl, start, Budget(steps=1_000)).cube
    assert np.all((found >= 0.0) & (found <= 1.0))
    assert bowl.losses(found[None])[0] < bowl.losses(start[None])[0]


@pytest.mark.parametrize(("search", "tolerance"), SEARCHES)
def test_moves_only_what_it_may(search: Optimizer, tolerance: float) -> None:
    bowl, start = Bowl(np.array([0.3, 0.7, 0.5, 0.2]), [1, 3]), np.full(4, 0.9)
    found = search.minimize(bowl, start, Budget(steps=50)).cube
    assert np.array_equal(found[[0, 2]], start[[0, 2]])
    assert not np.array_equal(found[[1, 3]], start[[1, 3]])


@pytest.mark.parametrize(("search", "tolerance"), SEARCHES)
def test_repeats(search: Optimizer, tolerance: float) -> None:
    bowl, start = Bowl(np.array([0.3, 0.7, 0.5, 0.2])), np.full(4, 0.9)
    first = search.minimize(bowl, start, Budget(steps=20)).cube
    again = search.minimize(bowl, start, Budget(steps=20)).cube
    assert np.array_equal(first, again)
    assert np.array_equal(start, np.full(4, 0.9))


@pytest.mark.parametrize(("search", "tolerance"), SEARCHES)
def test_stops_with_the_budget(search: Optimizer, tolerance: float) -> None:
    budget = Budget(steps=2)
    search.minimize(Bowl(np.full(4, 0.3)), np.full(4, 0.9), budget)
    assert budget.taken == 2
    assert budget.over


def test_a_jacobian_used_again_saves_others() -> None:
    bowl, start = Bowl(np.array([0.3, 0.7, 0.5, 0.2])), np.full(4, 0.9)
    plain, again = (
        LevenbergMarquardt(reuse_jacobian=each).minimize(bowl, start, Budget(steps=4))
        for each in (False, True)
    )
    assert again.loss < 0.1 * plain.loss


def test_a_step_leaves_out_walls_it_pushes_against() -> None:
    gauss_newton_hessian = np.array([[2.0, 1.0], [1.0, 2.0]])
    step = damped_step(np.array([0.0, 0.5]), gauss_newton_hessian, np.array([1.0, 0.1]), 0.0, 0.0)
    assert step[0] == 0.0
    assert step[1] == pytest.approx(-0.05)


def test_a_suggestion_is_tried() -> None:
    bottom = np.array([0.3, 0.7])
    evolution = Evolution(seed=0, generations=1, suggestions=(bottom,))
    found = evolution.minimize(Bowl(bottom), np.full(2, 0.9), Budget(steps=1))
    assert found.loss < 1e-20


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


def test_rounds_alternate() -> None:
    bottom, told = np.array([0.3, 0.7, 0.5, 0.2]), list[str]()
    first, second = Bowl(bottom, [0, 1]), Bowl(bottom, [2, 3])

    def half(name: str, bowl: Bowl) -> Step:
        def objective(problem: object, cube: np.ndarray) -> Bowl:
            told.append(name)
            return bowl

        return Step(LevenbergMarquardt(steps=2), objective)

    turn = (half("gradient", first), half("evolution", second))
    start, reached = np.full(4, 0.9), list[np.ndarray]()
    loop = Alternating((Round(turn), Round(turn)), reached=reached.append)
    end = loop.minimize(None, start, Budget(steps=100))
    assert told == ["gradient", "evolution"] * 2
    assert np.array_equal(end.cube, reached[-1]) and len(reached) == 4
    losses = [first.losses(cube[None])[0] for cube in (start, *reached)]
    assert losses[-1] < losses[0]


@pytest.mark.parametrize("budget", [Budget(seconds=0.0), Budget(steps=0)])
def test_a_budget_of_nothing_is_used_up_and_counts_what_is_done(budget: Budget) -> None:
    shares: list[float] = []
    budget.progress = lambda phase, loss, share: shares.append(share)
    assert budget.over and budget.portion(0.5).over and budget.used == 1.0
    budget.step("late", 1.0)
    assert shares == [1.0] and budget.taken == 1


def test_a_round_ends_with_its_share_of_the_budget() -> None:
    bowl, start = Bowl(np.full(4, 0.3)), np.full(4, 0.9)
    slow = Step(Adam(steps=1_000))
    budget = Budget(steps=10)
    Alternating((Round((slow,), 0.3), Round((slow,), 0.8))).minimize(bowl, start, budget)
    assert budget.taken == 8


def test_repetitions_never_end_worse() -> None:
    class Astray:
        def minimize(self, objective: Bowl, cube: np.ndarray, budget: Budget) -> Minimum:
            budget.step("astray", 0.0)
            return Minimum(np.ones_like(cube), 0.0)

    bowl, start = Bowl(np.full(4, 0.3)), np.full(4, 0.35)
    found = Repeated(Astray()).minimize(bowl, start, Budget(steps=5))
    assert np.array_equal(found.cube, start)


class _OneCoordinate:
    """Only the second of three coordinates can be moved."""

    def losses(self, population: np.ndarray) -> np.ndarray:
        return (population[:, 1] - 0.3) ** 2

    def evolution_indices(self) -> np.ndarray:
        return np.array([1])


def test_a_single_coordinate_evolves_and_the_others_stay() -> None:
    start, suggestion = np.array([0.2, 0.9, 0.6]), np.array([0.2, 0.5, 0.6])
    evolution = Evolution(seed=1, population=8, generations=20, suggestions=(suggestion,))
    found = evolution.minimize(_OneCoordinate(), start, Budget(steps=100))
    np.testing.assert_allclose(found.cube, [0.2, 0.3, 0.6], atol=0.01)
