"""Four ways to search for one chain: this engine's, and three that others take.

Every one starts from the chain's own values and is judged by the same error: the error-to-signal
ratio on the excerpt that the engine judges by. Judging costs the other three no time.
"""

import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

from fxchain.matching.search.context import LONG_SECONDS
from fxchain.matching.search.schedule import fit
from fxchain.objectives.excerpt import choose_excerpt
from fxchain.objectives.waveform_error import WaveformError
from fxchain.optim.base import Objective
from fxchain.optim.budget import Budget
from fxchain.optim.evolution import Evolution
from fxchain.optim.gradient import Adam
from fxchain.recordings.problem import Problem
from fxchain.structure.series import top_stages
from fxchain.structure.template import Template
from fxchain.structure.user_edits import without

#: (seconds, error-to-signal ratio) at each time the best became better.
Curve = list[tuple[float, float]]

#: What no gradient leads through.
SPACE = ("delay", "reverb")
#: Of the evolution over everything: as ST-ITO (Steinmetz et al. 2024) sets it.
POPULATION, SIGMA = 128, 0.33
#: Of the alternation, in each round: steps of Adam, then generations of so many.
STEPS, GENERATIONS, SMALL_POPULATION = 40, 10, 16
#: Of Adam alone: steps until its rate begins anew.
DESCENT = 200
#: Adam is judged at every so many steps.
JUDGED_EVERY = 5
_ENDLESS = 10**6


@dataclass(frozen=True)
class Task:
    """A pair and the chain to be fitted to it.

    Attributes:
        problem: dry and wet of the fitted part
        template: the chain
        seed: of the random numbers
    """

    problem: Problem
    template: Template
    seed: int

    def judge(self, template: Template) -> WaveformError:
        """Return the error of a chain by which the engine judges, on the same excerpt."""
        excerpt = choose_excerpt(self.problem, LONG_SECONDS)
        rate = self.problem.sample_rate
        return WaveformError(template.stage, template.values, template.free, excerpt, rate)


class Watched:
    """The best error over time, by a watch that can be held; a search's objective meanwhile.

    Args:
        seconds: after so long nothing is evaluated any more, s
    """

    def __init__(self, seconds: float) -> None:
        self.seconds, self.curve = seconds, Curve()
        self._began, self._held = time.monotonic(), 0.0

    def clock(self) -> float:
        """Return the time since the beginning, s, without that in which it was held."""
        return time.monotonic() - self._began - self._held

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the watch inside the block."""
        since = time.monotonic()
        yield
        self._held += time.monotonic() - since

    def budget(self) -> Budget:
        """Return a budget by this watch."""
        return Budget(seconds=self.seconds, clock=self.clock, started=0.0)

    def note(self, loss: float) -> None:
        """Remember an error if it is the least so far."""
        if not self.curve or loss < self.curve[-1][1]:
            self.curve.append((self.clock(), loss))


@dataclass
class WatchedLosses:
    """An objective whose every evaluation is noted.

    Attributes:
        objective: whose losses are the plain error
        watched: notes them
        moving: the coordinates that evolution may move
    """

    objective: Objective
    watched: Watched
    moving: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=int))

    def evolution_indices(self) -> np.ndarray:
        """Return the coordinates that evolution may move."""
        return self.moving

    def losses(self, population: np.ndarray) -> np.ndarray:
        """Return the losses (population,) of cubes; infinite when the time is over."""
        return np.array([self._loss(cube) for cube in population])

    def _loss(self, cube: np.ndarray) -> float:
        if self.watched.clock() >= self.watched.seconds:
            return np.inf
        loss = float(self.objective.losses(cube[None])[0])
        self.watched.note(loss)
        return loss


@dataclass
class WatchedSlopes:
    """An objective with a gradient that is judged now and then, while the watch is held.

    Attributes:
        objective: gives the gradient
        judge: returns the plain error at a cube of the objective
        watched: notes it
    """

    objective: WaveformError
    judge: Callable[[np.ndarray], float]
    watched: Watched
    taken: int = 0

    def losses(self, population: np.ndarray) -> np.ndarray:
        """Return the losses (population,) of cubes."""
        return self.objective.losses(population)

    def autograd_indices(self) -> np.ndarray:
        """Return the coordinates that the gradient is right for."""
        return self.objective.autograd_indices()

    def gradient(self, cube: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the loss that forgives phase, and its gradient (dimension,)."""
        if self.taken % JUDGED_EVERY == 0:
            with self.watched.held():
                loss = self.judge(cube)
            self.watched.note(loss)
        self.taken += 1
        return self.objective.gradient(cube)


def engine(task: Task, seconds: float) -> Curve:
    """Fit as fxchain does."""
    found = fit(task.problem, task.template, Budget(seconds=seconds), task.seed)
    best = np.minimum.accumulate([loss for _, loss in found.kept])
    return [(when, float(loss)) for (when, _), loss in zip(found.kept, best, strict=True)]


def evolution(task: Task, seconds: float) -> Curve:
    """Let CMA-ES move all free values at once, from the best of a random population.

    Source:
        ST-ITO (Steinmetz et al., "ST-ITO: Controlling audio effects for style transfer with
        inference-time optimization", 2024), with the plain error for its embeddings
    """
    judge = task.judge(task.template)
    watched = Watched(seconds)
    objective = WatchedLosses(judge, watched)
    start = judge.cube(task.template.values)
    drawn = np.random.default_rng(task.seed).uniform(size=(POPULATION, len(start)))
    drawn[0] = start
    best = drawn[int(np.argmin(objective.losses(drawn)))]
    objective.moving = np.arange(len(start))
    _evolve(objective, best, watched.budget(), task.seed)
    return watched.curve


def alternation(task: Task, seconds: float) -> Curve:
    """Take turns: Adam as if there were no delay and reverb, then CMA-ES over theirs alone."""
    whole, bare = task.judge(task.template), task.judge(without(task.template, SPACE))
    in_space = np.array([slot.kind in SPACE for slot in whole.slots])
    stages = top_stages(whole.stage)
    before = next(i for i, stage in enumerate(stages) if stage.slots()[0].kind in SPACE)
    size = sum(stage.size for stage in stages[:before])
    offset = int(whole.free[:size].sum())
    cube = whole.cube(task.template.values)
    watched = Watched(seconds)
    budget = watched.budget()

    def judge(outside: np.ndarray) -> float:
        joined = cube.copy()
        joined[~in_space] = outside
        return float(whole.losses(joined[None])[0])

    slopes = WatchedSlopes(bare, judge, watched)
    turn = 0
    while not budget.over:
        outside = cube[~in_space]
        cube[~in_space] = Adam(STEPS).minimize(slopes, outside, budget).cube
        end = WatchedLosses(whole.end(before, cube), watched, np.flatnonzero(in_space[offset:]))
        cube[offset:] = _evolve(
            end, cube[offset:], budget, task.seed + turn, SMALL_POPULATION, GENERATIONS
        )
        turn += 1
    return watched.curve


def gradient(task: Task, seconds: float) -> Curve:
    """Descend by Adam alone, delay and reverb left out of the chain."""
    template = without(task.template, SPACE)
    bare = task.judge(template)
    cube = bare.cube(template.values)
    watched = Watched(seconds)
    budget = watched.budget()
    slopes = WatchedSlopes(bare, lambda at: float(bare.losses(at[None])[0]), watched)
    while not budget.over:
        cube = Adam(DESCENT).minimize(slopes, cube, budget).cube
    return watched.curve


def _evolve(
    objective: WatchedLosses,
    cube: np.ndarray,
    budget: Budget,
    seed: int,
    population: int = POPULATION,
    generations: int = _ENDLESS,
) -> np.ndarray:
    """Return the best cube that CMA-ES met."""
    evolution = Evolution(seed, population, generations, SIGMA)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of infinite losses, when the time is over
        return evolution.minimize(objective, cube, budget).cube
