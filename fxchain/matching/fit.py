"""The alternating fit of a chain to a pair, or to several of one device together.

    start                closed form: echo times by deconvolution
    gradient             a few steps of Adam on a spectral distance and the waveform error
    second order         all knobs with a known slope together, first with every band counting
                         alike, then more and more as the waveform error counts them
    evolution            echo times and rooms, the straight-line controls solved inside
    … again, from the best so far with a few bands set anew, until the budget ends

The best chain by the unweighted error is kept throughout.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from fxchain.matching.excerpt import Excerpt, choose_excerpts
from fxchain.matching.joint import AnyObjective, make_objective
from fxchain.matching.kicks import kick
from fxchain.matching.problem import Fit, Problem, Template
from fxchain.matching.prune import prune
from fxchain.matching.rebuild import with_exchanged
from fxchain.matching.space import SpaceObjective, on_lattice, settle_steps
from fxchain.matching.start import echo_times
from fxchain.optim.base import Budget, Meter
from fxchain.optim.evolution import evolve
from fxchain.optim.gradient import adam
from fxchain.optim.second_order import levenberg_marquardt
from fxchain.primitives import get_primitive
from fxchain.stage import Stage

#: Length of the excerpt of the early descents and of the last ones, s.
SHORT_SECONDS, LONG_SECONDS = 4.0, 10.0
#: How much quiet bands count in the early descents, one after the other.
STRENGTHS = (1.0, 0.5)
#: A loss at which nothing more can be heard or gained.
PERFECT = 1e-8
#: A waveshaper must lower the loss to this share to replace a distortion.
WORTH_A_WAVESHAPER = 0.8
#: A waveshaper is only tried where the distortion leaves this much.
WORTH_A_TRIAL = 3e-3
#: Most second-order steps of each part.
EARLY, SETTLING, TRIAL, FINISHING, JUMPING, POLISHING = 15, 15, 5, 10, 8, 4
#: Most first-order steps at the start.
FIRST = 10


def fit(problem: Problem | Sequence[Problem], template: Template, budget: Budget, seed: int) -> Fit:
    """Find the values of a chain.

    Args:
        problem: dry and wet of the fitted part, or several of one device and sample rate, which
            count alike; the closed-form start looks at the first
        template: the chain, and which of its values are free
        budget: seconds or steps; its history is returned
        seed: of the random numbers

    Returns:
        the best chain found, stages that do nothing left out

    Raises:
        KeyboardInterrupt: when the user stopped it before there was anything to keep
    """
    problems = (problem,) if isinstance(problem, Problem) else tuple(problem)
    search = _Search(problems, template, budget, seed)
    interrupted = False
    try:
        search.run()
    except KeyboardInterrupt:
        if search.best is None:
            raise
        interrupted = True
    return search.finish(interrupted)


@dataclass(frozen=True)
class _Form:
    """A chain's structure with the values it holds and which of them are free."""

    stage: Stage
    values: np.ndarray
    free: np.ndarray


@dataclass(frozen=True)
class _Found:
    """A chain that was judged."""

    form: _Form
    values: np.ndarray
    loss: float


class _Search:
    """The state of one fit."""

    def __init__(
        self, problems: tuple[Problem, ...], template: Template, budget: Budget, seed: int
    ) -> None:
        problem = problems[0]
        self.problem, self.template, self.budget = problem, template, budget
        self.rng = np.random.default_rng(seed)
        self.short = choose_excerpts(problems, SHORT_SECONDS)
        self.long = choose_excerpts(problems, LONG_SECONDS)
        self.form = _Form(template.stage, np.array(template.values, float), template.free)
        self.best: _Found | None = None
        self.notes: tuple[str, ...] = ()
        self.dropped: tuple[str, ...] = ()
        self.echoes = echo_times(problem.dry, problem.wet, problem.sample_rate)

    def _objective(self, excerpts: tuple[Excerpt, ...], weighting: float = 0.0) -> AnyObjective:
        form = self.form
        return make_objective(
            form.stage, form.values, form.free, excerpts, self.problem.sample_rate, weighting
        )

    def _judged(self, cube: np.ndarray) -> _Found:
        """Return the chain at a cube with its plain error on the long excerpt."""
        judge = self._objective(self.long)
        return _Found(self.form, judge.values(cube), float(judge.losses(cube[None])[0]))

    def _keep(self, cube: np.ndarray) -> bool:
        """Remember a cube if it is the best; tell whether it is."""
        found = self._judged(cube)
        if self.best is None or found.loss < self.best.loss:
            self.best = found
            return True
        return False

    def _return_to_best(self) -> np.ndarray:
        """Go back to the best chain and return its cube."""
        if self.best is not None:
            self.form = replace(self.best.form, values=self.best.values)
        return self._objective(self.long).cube(self.form.values)

    def run(self) -> None:
        """Spend the budget."""
        cube = self._start()
        self._keep(cube)
        if not len(cube) or self.budget.over:
            return
        if not self.template.started:
            cube = self._early_descent(cube, self.budget.share(0.45))
        cube = self._settle(cube, self.budget.share(0.6))
        if self.template.waveshaper:
            self._try_waveshaper(cube, self.budget.share(0.75))
        self._finish_descent(self.budget.share(0.85))
        self._jump(self.budget.share(0.9))
        self._prune(self.budget)
        self._jump(self.budget)

    def _start(self) -> np.ndarray:
        """Return the closed-form first guess."""
        objective = self._objective(self.long)
        cube = objective.cube(self.form.values)
        if self.template.started or not self.echoes:
            return cube
        for coordinate in objective.named("delay.delay_seconds"):
            cube[coordinate] = on_lattice(objective, int(coordinate), self.echoes[0][0])
        return cube

    def _early_descent(self, cube: np.ndarray, meter: Meter) -> np.ndarray:
        """Descend on a short excerpt while quiet bands count more than they should."""
        for round_number, strength in enumerate(STRENGTHS):
            objective = self._objective(self.short, strength)
            if round_number == 0:
                seen = objective.seen_by_autograd()
                cube = adam(objective, cube, seen, meter, steps=FIRST)
            cube = levenberg_marquardt(
                objective, cube, objective.visible(), meter, steps=EARLY
            ).cube
            cube = self._search_space(cube, meter, round_number)
            self._keep(cube)
        return cube

    def _search_space(self, cube: np.ndarray, meter: Meter, round_number: int) -> np.ndarray:
        """Let evolution move echo times and rooms, then echo times by single samples."""
        whole = self._objective(self.short)
        searched = whole.searched()
        if not len(searched) or meter.over:
            return cube
        space = SpaceObjective(whole, cube)
        solved, loss = space.solved(cube)
        lines = np.flatnonzero([slot.affine for slot in whole.slots])
        found, found_loss = evolve(
            space,
            solved,
            np.setdiff1d(searched, lines),
            meter,
            seed=int(self.rng.integers(2**31)),
            population=8,
            generations=2 if round_number == 0 else 1,
            sigma=0.1 / (1 + 2 * round_number),
            suggestions=self._other_echoes(whole, solved) if round_number == 0 else (),
        )
        if found_loss < loss:
            solved, loss = space.solved(found)
        return settle_steps(whole, solved, loss)[0]

    def _other_echoes(self, whole: AnyObjective, cube: np.ndarray) -> tuple[np.ndarray, ...]:
        suggestions = []
        for coordinate in whole.named("delay.delay_seconds"):
            for samples, _ in self.echoes:
                other = cube.copy()
                other[coordinate] = on_lattice(whole, int(coordinate), samples)
                suggestions.append(other)
        return tuple(suggestions)

    def _settle(self, cube: np.ndarray, meter: Meter) -> np.ndarray:
        """Descend by the plain waveform error on the short excerpt."""
        objective = self._objective(self.short)
        end = levenberg_marquardt(objective, cube, objective.visible(), meter, steps=SETTLING)
        cube, _ = settle_steps(objective, end.cube, end.loss)
        self._keep(cube)
        return cube

    def _try_waveshaper(self, cube: np.ndarray, meter: Meter) -> None:
        """Exchange distortions for biased waveshapers, and go on with them if they pay.

        Both go the same number of steps on from the same place.
        """
        kinds = {slot.kind for slot in self.form.stage.slots()}
        plain = self._objective(self.short)
        if "distortion" not in kinds or meter.over:
            return
        if float(plain.losses(cube[None])[0]) < WORTH_A_TRIAL:
            return
        end = levenberg_marquardt(plain, cube, plain.visible(), meter, steps=TRIAL, phase="trial")
        self._keep(end.cube)
        straight = self.form
        rebuilt = with_exchanged(straight.stage, {"distortion": get_primitive("waveshaper")})
        values = rebuilt.take(plain.values(cube))
        self.form = _Form(rebuilt.stage, values, rebuilt.take_free(straight.free))
        bent = self._objective(self.short)
        other = levenberg_marquardt(
            bent, bent.cube(values), bent.visible(), meter, steps=TRIAL, phase="trial"
        )
        if other.loss >= WORTH_A_WAVESHAPER * end.loss or not self._keep(other.cube):
            self.form = straight
            return
        self.notes = (
            f"a biased waveshaper lowered the error to {other.loss / end.loss:.0%} of the "
            "distortion's; pedalboard alone cannot play it",
        )

    def _finish_descent(self, meter: Meter) -> None:
        """Descend by the plain waveform error on the long excerpt, from the best so far."""
        cube = self._return_to_best()
        judge = self._objective(self.long)
        end = levenberg_marquardt(judge, cube, judge.visible(), meter, steps=FINISHING)
        cube, _ = settle_steps(judge, end.cube, end.loss)
        self._keep(cube)

    def _jump(self, meter: Meter) -> None:
        """Set a few bands anew, descend, keep what is better, until the meter ends."""
        while not meter.over and self.best is not None and self.best.loss > PERFECT:
            cube = self._return_to_best()
            cube = kick(self._objective(self.short), cube, self.rng)
            for strength in (0.5, 0.0):
                objective = self._objective(self.short, strength)
                cube = levenberg_marquardt(
                    objective, cube, objective.visible(), meter, steps=JUMPING, phase="jump"
                ).cube
            if self._keep(cube):
                self._finish_descent(meter)

    def _prune(self, meter: Meter) -> None:
        """Leave out what does nothing, and polish what is left."""
        self._return_to_best()
        form = self.form
        judged = partial(make_objective, excerpts=self.long, sample_rate=self.problem.sample_rate)
        rebuilt, dropped = prune(form.stage, form.values, form.free, judged, meter)
        if not dropped:
            return
        self.form = _Form(rebuilt.stage, rebuilt.take(form.values), rebuilt.take_free(form.free))
        judge = self._objective(self.long)
        cube = judge.cube(self.form.values)
        self.best, self.dropped = self._judged(cube), dropped
        polished = levenberg_marquardt(
            judge, cube, judge.visible(), meter, steps=POLISHING, phase="polish"
        )
        self._keep(polished.cube)

    def finish(self, interrupted: bool) -> Fit:
        """Return the best chain."""
        if self.best is None:
            raise KeyboardInterrupt
        return Fit(
            stage=self.best.form.stage,
            values=self.best.values,
            loss=self.best.loss,
            history=self.budget.history,
            dropped=self.dropped,
            notes=self.notes,
            interrupted=interrupted,
        )
