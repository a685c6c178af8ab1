"""Where a fit stands: what it hears, the best chain so far, and how it goes on from there."""

from dataclasses import replace
from functools import partial

import numpy as np

from fxchain.fraction import advanced
from fxchain.matching.early import Listening, Place, descend
from fxchain.matching.echoes import echo_times
from fxchain.matching.excerpt import Excerpt, choose_excerpts
from fxchain.matching.joint import AnyObjective
from fxchain.matching.problem import Form, Problem, Template
from fxchain.matching.response import MeasuredResponse
from fxchain.matching.search_state import Found
from fxchain.matching.space import settle_steps
from fxchain.optim.base import BEST, Budget
from fxchain.optim.lanes import side_by_side

#: Lengths of the excerpts, s: of the weighted descents, of the plain ones that follow them, of
#: settling, of the last descent and the judgement.
TINY_SECONDS, BRIEF_SECONDS, SHORT_SECONDS, LONG_SECONDS = 0.8, 1.5, 4.0, 10.0
#: Length of what a response is solved from, s.
WHOLE_SECONDS = 30.0


class Standing:
    """The state of a fit.

    Args:
        problems: what is compared
        template: what is searched
        budget: whose limit counts
        seed: of the random numbers
    """

    def __init__(
        self,
        problems: tuple[Problem, ...],
        template: Template,
        budget: Budget,
        seed: int,
    ) -> None:
        problem = problems[0]
        self.problems, self.problem, self.template, self.budget = (
            problems,
            problem,
            template,
            budget,
        )
        self.rng = np.random.default_rng(seed)
        self.echoes = echo_times(problem.dry, problem.wet, problem.sample_rate)
        self.late = np.zeros(len(problems))
        self._listen(problems)
        self.response: MeasuredResponse | None = None
        self.response_seconds = 0.0
        self.form = Form(template.stage, np.array(template.values, float), template.free)
        self.best: Found | None = None
        self.kept: list[tuple[float, float]] = []
        self.notes: tuple[str, ...] = ()
        self.dropped: tuple[str, ...] = ()
        self.phase = 0

    def _listen(self, problems: tuple[Problem, ...]) -> None:
        """Choose what is heard."""
        self.listening = Listening(
            tiny=choose_excerpts(problems, TINY_SECONDS),
            brief=choose_excerpts(problems, BRIEF_SECONDS),
            sample_rate=self.problem.sample_rate,
            echoes=self.echoes,
        )
        self.short = choose_excerpts(problems, SHORT_SECONDS)
        self.long = choose_excerpts(problems, LONG_SECONDS)
        self.whole = choose_excerpts(problems, WHOLE_SECONDS)

    def hear_late(self, late: np.ndarray) -> None:
        """Listen to the wets as so many samples late as that, one number for each."""
        self.late = late
        self._listen(
            tuple(
                replace(problem, wet=advanced(problem.wet, float(samples)))
                for problem, samples in zip(self.problems, late, strict=True)
            )
        )

    def _objective(self, excerpts: tuple[Excerpt, ...], weighting: float = 0.0) -> AnyObjective:
        return self.listening.objective(self.form, excerpts, weighting)

    def _judged(self, cube: np.ndarray) -> Found:
        """Return the chain at a cube with its plain error on the long excerpt."""
        judge = self._objective(self.long)
        return Found(self.form, judge.values(cube), float(judge.losses(cube[None])[0]))

    def _keep(self, cube: np.ndarray) -> bool:
        """Remember a cube if it is the best; tell whether it is."""
        found = self._judged(cube)
        if self.best is None or found.loss < self.best.loss:
            self.best = found
            self.kept.append((self.budget.elapsed, found.loss))
            self.budget.report(BEST, found.loss)
            return True
        return False

    def _return_to_best(self) -> np.ndarray:
        """Go back to the best chain and return its cube."""
        if self.best is not None:
            self.form = replace(self.best.form, values=self.best.values)
        return self._objective(self.long).cube(self.form.values)

    def _seed(self) -> int:
        return int(self.rng.integers(2**31))

    def _leaves(self, worth: float) -> bool:
        """Tell whether the best so far leaves more than that unexplained, and time is left."""
        return self.best is not None and self.best.loss > worth and not self.budget.over

    def _descend(
        self, cube: np.ndarray, objective: AnyObjective, steps: int, phase: str, until: float
    ) -> np.ndarray:
        """Return where a descent of the present chain leads; the cube itself after Ctrl-C."""
        if not len(cube):
            return cube
        begin = Place(self.form, cube)
        search = partial(descend, begin, objective, steps, phase)
        ends = side_by_side([search], self.budget, until)
        return ends[0].cube if ends else cube

    def _settle(self, excerpts: tuple[Excerpt, ...], steps: int, until: float) -> None:
        """Descend by the plain waveform error from the best so far."""
        cube = self._return_to_best()
        if self.budget.share(until).over:
            return
        objective = self._objective(excerpts)
        cube = self._descend(cube, objective, steps, "second order", until)
        cube, _ = settle_steps(objective, cube, float(objective.losses(cube[None])[0]))
        self._keep(cube)
