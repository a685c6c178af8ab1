"""Four searches for the values of one chain: fxchain's own and three from the literature.

All start from the template's values and are scored by the same objective: the error-to-signal
ratio on the excerpt by which fxchain's search compares candidates. Scoring the other three does
not count as search time.
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

#: (seconds, error-to-signal ratio) at each improvement of the best.
Curve = list[tuple[float, float]]

#: Kinds left out where a search has a gradient only.
SPACE = ("delay", "reverb")
#: Population and step size of CMA-ES over all values, as in ST-ITO (Steinmetz et al. 2024).
POPULATION, SIGMA = 128, 0.33
#: A round of the alternation: steps of Adam, then generations of CMA-ES and their population.
STEPS, GENERATIONS, SMALL_POPULATION = 40, 10, 16
#: Steps of Adam alone until its learning rate is reset.
DESCENT = 200
#: Steps of Adam from one scoring to the next.
SCORED_EVERY = 5
_ENDLESS = 10**6


@dataclass(frozen=True)
class Task:
    """A pair and the chain to fit to it.

    Attributes:
        problem: dry and wet of the fitted part
        template: the chain
        seed: of the random numbers
    """

    problem: Problem
    template: Template
    seed: int

    def objective(self, template: Template) -> WaveformError:
        """Return the objective of a chain on the excerpt of fxchain's search."""
        excerpt = choose_excerpt(self.problem, LONG_SECONDS)
        rate = self.problem.sample_rate
        return WaveformError(template.stage, template.values, template.free, excerpt, rate)


class TimedCurve:
    """The best error over time, by a stopwatch that can be paused.

    Args:
        seconds: limit of the search, s
    """

    def __init__(self, seconds: float) -> None:
        self.seconds, self.curve = seconds, Curve()
        self._began, self._paused = time.monotonic(), 0.0

    def clock(self) -> float:
        """Return the search time so far, s, without pauses."""
        return time.monotonic() - self._began - self._paused

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Pause the stopwatch inside the block."""
        since = time.monotonic()
        yield
        self._paused += time.monotonic() - since

    def budget(self) -> Budget:
        """Return a budget of this search time."""
        return Budget(seconds=self.seconds, clock=self.clock, started=0.0)

    def note(self, loss: float) -> None:
        """Append an error to the curve if it is the least so far."""
        if not self.curve or loss < self.curve[-1][1]:
            self.curve.append((self.clock(), loss))


@dataclass
class TimedLosses:
    """An objective whose evaluations are recorded.

    Attributes:
        objective: returns error-to-signal ratios
        timed: records them
        moving: the coordinates that evolution may move
    """

    objective: Objective
    timed: TimedCurve
    moving: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=int))

    def evolution_indices(self) -> np.ndarray:
        """Return the coordinates that evolution may move."""
        return self.moving

    def losses(self, population: np.ndarray) -> np.ndarray:
        """Return the losses (population,) of cubes; infinite after the time limit."""
        return np.array([self._loss(cube) for cube in population])

    def _loss(self, cube: np.ndarray) -> float:
        if self.timed.clock() >= self.timed.seconds:
            return np.inf
        loss = float(self.objective.losses(cube[None])[0])
        self.timed.note(loss)
        return loss


@dataclass
class TimedGradient:
    """An objective with a gradient, scored every few steps while the stopwatch is paused.

    Attributes:
        objective: gives the gradient
        score: returns the error-to-signal ratio at a cube of the objective
        timed: records it
    """

    objective: WaveformError
    score: Callable[[np.ndarray], float]
    timed: TimedCurve
    taken: int = 0

    def losses(self, population: np.ndarray) -> np.ndarray:
        """Return the losses (population,) of cubes."""
        return self.objective.losses(population)

    def autograd_indices(self) -> np.ndarray:
        """Return the coordinates that the gradient is right for."""
        return self.objective.autograd_indices()

    def gradient(self, cube: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the loss that forgives phase, and its gradient (dimension,)."""
        if self.taken % SCORED_EVERY == 0:
            with self.timed.paused():
                loss = self.score(cube)
            self.timed.note(loss)
        self.taken += 1
        return self.objective.gradient(cube)


def engine(task: Task, seconds: float) -> Curve:
    """Search with fxchain's own schedule."""
    found = fit(task.problem, task.template, Budget(seconds=seconds), task.seed)
    best = np.minimum.accumulate([loss for _, loss in found.kept])
    return [(when, float(loss)) for (when, _), loss in zip(found.kept, best, strict=True)]


def evolution(task: Task, seconds: float) -> Curve:
    """Search all free values by CMA-ES, from the best of a random population.

    Source:
        ST-ITO (Steinmetz et al., "ST-ITO: Controlling audio effects for style transfer with
        inference-time optimization", 2024), with the ESR in place of its embeddings
    """
    error = task.objective(task.template)
    timed = TimedCurve(seconds)
    objective = TimedLosses(error, timed)
    start = error.cube(task.template.values)
    drawn = np.random.default_rng(task.seed).uniform(size=(POPULATION, len(start)))
    drawn[0] = start
    best = drawn[int(np.argmin(objective.losses(drawn)))]
    objective.moving = np.arange(len(start))
    _evolve(objective, best, timed.budget(), task.seed)
    return timed.curve


def alternation(task: Task, seconds: float) -> Curve:
    """Alternate Adam on the chain without delay and reverb with CMA-ES over these two."""
    whole, bare = task.objective(task.template), task.objective(without(task.template, SPACE))
    in_space = np.array([slot.kind in SPACE for slot in whole.slots])
    stages = top_stages(whole.stage)
    before = next(i for i, stage in enumerate(stages) if stage.slots()[0].kind in SPACE)
    size = sum(stage.size for stage in stages[:before])
    offset = int(whole.free[:size].sum())
    cube = whole.cube(task.template.values)
    timed = TimedCurve(seconds)
    budget = timed.budget()

    def score(outside: np.ndarray) -> float:
        joined = cube.copy()
        joined[~in_space] = outside
        return float(whole.losses(joined[None])[0])

    slopes = TimedGradient(bare, score, timed)
    turn = 0
    while not budget.over:
        outside = cube[~in_space]
        cube[~in_space] = Adam(STEPS).minimize(slopes, outside, budget).cube
        end = TimedLosses(whole.end(before, cube), timed, np.flatnonzero(in_space[offset:]))
        cube[offset:] = _evolve(
            end, cube[offset:], budget, task.seed + turn, SMALL_POPULATION, GENERATIONS
        )
        turn += 1
    return timed.curve


def gradient(task: Task, seconds: float) -> Curve:
    """Search by Adam alone, without delay and reverb in the chain."""
    template = without(task.template, SPACE)
    bare = task.objective(template)
    cube = bare.cube(template.values)
    timed = TimedCurve(seconds)
    budget = timed.budget()
    slopes = TimedGradient(bare, lambda at: float(bare.losses(at[None])[0]), timed)
    while not budget.over:
        cube = Adam(DESCENT).minimize(slopes, cube, budget).cube
    return timed.curve


def _evolve(
    objective: TimedLosses,
    cube: np.ndarray,
    budget: Budget,
    seed: int,
    population: int = POPULATION,
    generations: int = _ENDLESS,
) -> np.ndarray:
    """Return the best cube that CMA-ES evaluated."""
    evolution = Evolution(seed, population, generations, SIGMA)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of infinite losses, when the time is over
        return evolution.minimize(objective, cube, budget).cube
