"""The alternating fit of a chain to a pair, or to several of one device together.

    start                closed form: echo times by deconvolution, tone and level by spectra
    early descent        from two starts at the same time, on less than a second: gradients with
                         every band counting alike, evolution of echo times and rooms, gradients
                         with quiet bands counting less, evolution, the plain waveform error
    other chains         the same from their starts, where the first explains too little
    settling             second-order steps by the waveform error on longer excerpts
    trials               a biased waveshaper, a measured response
    jumps                from the best so far, a few bands set anew, several at the same time

The best chain by the unweighted error is kept throughout. Between two phases the state can be left
in a checkpoint; whoever finds it there goes on as if nothing had happened.
"""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from fxchain.matching.checkpoint import Bookmark, Checkpoint
from fxchain.matching.early import Place, descend_early, starts
from fxchain.matching.joint import make_objective
from fxchain.matching.jumps import wander
from fxchain.matching.problem import Fit, Form, Problem, Template
from fxchain.matching.prune import prune
from fxchain.matching.space import on_lattice
from fxchain.matching.trials import Trials
from fxchain.optim.base import Budget
from fxchain.optim.lanes import side_by_side

#: A loss at which nothing more can be heard or gained.
PERFECT = 1e-8
#: Most second-order steps of each part.
SETTLING, FINISHING, POLISHING = 10, 10, 4
#: So many searches jump at the same time, and meet after this share of the budget.
JUMPERS, MEETING = 2, 0.2


def fit(
    problem: Problem | Sequence[Problem],
    template: Template,
    budget: Budget,
    seed: int,
    checkpoint: Checkpoint | None = None,
) -> Fit:
    """Find the values of a chain.

    Args:
        problem: dry and wet of the fitted part, or several of one device and sample rate, which
            count alike; the closed-form start looks at the first
        template: the chain, and which of its values are free
        budget: seconds or steps; its history is returned
        seed: of the random numbers
        checkpoint: where the state is left between the phases; what a search of the same left there
            is gone on with

    Returns:
        the best chain found, stages that do nothing left out

    Raises:
        MatchError: another search left the checkpoint, or it cannot be read
        OutputError: the checkpoint cannot be written
        KeyboardInterrupt: when the user stopped it before there was anything to keep
    """
    problems = (problem,) if isinstance(problem, Problem) else tuple(problem)
    search = _Search(problems, template, budget, seed, checkpoint)
    interrupted = False
    try:
        search.run()
    except KeyboardInterrupt:
        if search.best is None:
            raise
        interrupted = True
    return search.finish(interrupted or budget.halted)


class _Search(Trials):
    """One fit, phase by phase."""

    def __init__(
        self,
        problems: tuple[Problem, ...],
        template: Template,
        budget: Budget,
        seed: int,
        checkpoint: Checkpoint | None,
    ) -> None:
        super().__init__(problems, template, budget, seed)
        self.bookmark = Bookmark(checkpoint, problems, template, budget, seed)

    def run(self) -> None:
        """Spend the budget, phase by phase."""
        if not self.bookmark.take_up(self):
            cube = self._start()
            self._keep(cube)
            if not len(cube) or self.budget.over:
                return
            self.bookmark.leave(self)
        for phase in self._phases()[self.phase :]:
            phase()
            self.phase += 1
            self.bookmark.leave(self)

    def _phases(self) -> list[Callable[[], None]]:
        """Return what is done one after the other.

        Each begins at the best so far, and looks only then at what is heard: a latency that is
        found changes it.
        """
        template, phases = self.template, list[Callable[[], None]]()
        if not template.started:
            phases.append(partial(self._early_descent, self.form, 0.42))
            phases.append(partial(self._try_latency, 0.5))
            numbers = range(len(template.alternatives))
            phases += [partial(self._try_alternative, number, 0.75) for number in numbers]
        phases.append(lambda: self._settle(self.short, SETTLING, 0.8))
        if template.waveshaper:
            phases.append(partial(self._try_waveshaper, 0.84))
        if template.response:
            phases.append(partial(self._try_response, 0.88))
        return [
            *phases,
            partial(self._jump, 0.88),
            partial(self._try_latency, 0.92),
            lambda: self._settle(self.long, FINISHING, 0.95),
            self._measure_again,
            partial(self._jump, 0.95),
            self._prune,
            partial(self._jump, 1.0),
        ]

    def _start(self) -> np.ndarray:
        """Return the first guess: the chain's own values, with the strongest echo found."""
        objective, echoes = self._objective(self.long), self.echoes
        cube = objective.cube(self.form.values)
        if self.template.started or not echoes:
            return cube
        for coordinate in objective.named("delay.delay_seconds"):
            cube[coordinate] = on_lattice(objective, int(coordinate), echoes[0][0])
        return cube

    def _early_descent(self, form: Form, until: float) -> None:
        """Descend from a chain's starts at the same time."""
        self.form = form
        cubes = starts(self._objective(self.long), self._start(), self.long[0])
        searches = [
            partial(descend_early, Place(form, cube, self._seed()), self.listening)
            for cube in cubes
        ]
        for place in side_by_side(searches, self.budget, until):
            self._keep(place.cube)

    def _try_alternative(self, number: int, until: float) -> None:
        """Begin anew with another chain where the best does not explain enough.

        Args:
            number: of the alternative
            until: share of the budget that this one and those after it may use up
        """
        other, left = self.template.alternatives[number], len(self.template.alternatives) - number
        if not self._leaves(other.worth):
            return
        template, used = other.template, self.budget.used
        form = Form(template.stage, np.array(template.values), template.free)
        self._early_descent(form, used + (until - used) / left)
        if self.best is not None and self.best.form.stage is form.stage:
            self.notes = (f"the chain {template.name!r} explained more than the first",)

    def _jump(self, until: float) -> None:
        """Jump from the best so far in several lanes, which meet now and then."""
        part = self.budget.share(until)
        while not part.over and self.best is not None and self.best.loss > PERFECT:
            if not self.best.form.free.any():  # all of it was left out
                return
            cube, taken = self._return_to_best(), self.budget.taken
            searches = [
                partial(wander, Place(self.form, cube, self._seed()), self.listening, PERFECT)
                for _ in range(JUMPERS)
            ]
            meet = min(until, self.budget.used + MEETING)
            better = [self._keep(place.cube) for place in side_by_side(searches, self.budget, meet)]
            if self.budget.taken == taken:  # perfect on what they hear
                return
            if any(better) and not part.over:
                self._settle(self.short, SETTLING, until)
            self.bookmark.leave(self)

    def _prune(self) -> None:
        """Leave out what does nothing, and polish what is left."""
        self._return_to_best()
        form = self.form
        judged = partial(make_objective, excerpts=self.long, sample_rate=self.problem.sample_rate)
        rebuilt, dropped = prune(form.stage, form.values, form.free, judged, self.budget)
        if not dropped:
            return
        self.form = Form(rebuilt.stage, rebuilt.take(form.values), rebuilt.take_free(form.free))
        judge = self._objective(self.long)
        cube = judge.cube(self.form.values)
        self.best, self.dropped = self._judged(cube), dropped
        self._keep(self._descend(cube, judge, POLISHING, "polish", 1.0))

    def finish(self, interrupted: bool) -> Fit:
        """Return the best chain."""
        if self.best is None:
            raise KeyboardInterrupt
        return Fit(
            stage=self.best.form.stage,
            values=self.best.values,
            free=self.best.form.free,
            loss=self.best.loss,
            history=self.budget.history,
            dropped=self.dropped,
            notes=self.notes,
            interrupted=interrupted,
            kept=tuple(self.kept),
            late_samples=tuple(self.late.tolist()) if self.late.any() else (),
        )
