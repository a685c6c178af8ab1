"""The alternating fit of a chain to a pair.

    start                closed form: echo time by deconvolution, level
    gradient             a few steps of Adam on the weighted waveform error
    second order         all knobs with a known slope together, first with every band counting
                         alike, then more and more as the waveform error counts them
    evolution            echo times and rooms, the straight-line controls solved inside
    … again, from the best so far with a few bands set anew, until the budget ends

The best chain by the unweighted error is kept throughout.
"""

import numpy as np

from fxchain.matching.excerpt import Excerpt, choose_excerpt
from fxchain.matching.kicks import kick
from fxchain.matching.objective import ChainObjective
from fxchain.matching.problem import Fit, Problem, Template
from fxchain.matching.prune import prune
from fxchain.matching.rebuild import with_exchanged
from fxchain.matching.space import SpaceObjective, on_lattice, settle_steps
from fxchain.matching.start import echo_times
from fxchain.optim.base import Budget
from fxchain.optim.evolution import evolve
from fxchain.optim.gradient import adam
from fxchain.optim.second_order import Meter, levenberg_marquardt
from fxchain.primitives import get_primitive

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
EARLY, SETTLING, TRIAL, FINISHING = 15, 15, 5, 10


def fit(problem: Problem, template: Template, budget: Budget, seed: int) -> Fit:
    """Find the values of a chain.

    Args:
        problem: dry and wet of the fitted part
        template: the chain, and which of its values are free
        budget: seconds or steps; its history is returned
        seed: of the random numbers

    Returns:
        the best chain found, stages that do nothing left out

    Raises:
        KeyboardInterrupt: when the user stopped it before there was anything to keep
    """
    search = _Search(problem, template, budget, seed)
    interrupted = False
    try:
        search.run()
    except KeyboardInterrupt:
        if search.best is None:
            raise
        interrupted = True
    return search.finish(interrupted)


class _Search:
    """The state of one fit."""

    def __init__(self, problem: Problem, template: Template, budget: Budget, seed: int) -> None:
        self.problem, self.template, self.budget = problem, template, budget
        self.rng = np.random.default_rng(seed)
        self.short = choose_excerpt(problem, SHORT_SECONDS)
        self.long = choose_excerpt(problem, LONG_SECONDS)
        self.stage, self.free = template.stage, template.free
        self.base = np.array(template.values, dtype=np.float64)
        self.judge = self._objective(self.long)
        self.best: np.ndarray | None = None
        self.best_loss = np.inf
        self.notes: list[str] = []
        self.dropped: tuple[str, ...] = ()

    def _objective(self, excerpt: Excerpt, weighting: float = 0.0) -> ChainObjective:
        return ChainObjective(
            self.stage, self.base, self.free, excerpt, self.problem.sample_rate, weighting
        )

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
        self._kick_until(self.budget.share(0.9))
        self._prune(self.budget)

    def _start(self) -> np.ndarray:
        """Return the closed-form first guess."""
        cube = self.judge.cube(self.base)
        if self.template.started:
            return cube
        echoes = echo_times(self.problem.dry, self.problem.wet, self.problem.sample_rate)
        for coordinate in self.judge.named("delay.delay_seconds"):
            if echoes:
                cube[coordinate] = on_lattice(self.judge, int(coordinate), echoes[0][0])
        return cube

    def _keep(self, cube: np.ndarray) -> float:
        """Judge a cube and remember it if it is the best; return its loss."""
        loss = float(self.judge.losses(cube[None])[0])
        if loss < self.best_loss or self.best is None:
            self.best, self.best_loss = self.judge.values(cube), loss
        return loss

    def _best_cube(self) -> np.ndarray:
        return self.judge.cube(self.base if self.best is None else self.best)

    def _early_descent(self, cube: np.ndarray, meter: Meter) -> np.ndarray:
        """Descend on a short excerpt while quiet bands count more than they should."""
        for round_number, strength in enumerate(STRENGTHS):
            objective = self._objective(self.short, strength)
            if round_number == 0:
                seen = objective.seen_by_autograd()
                cube = adam(objective, cube, seen, meter, steps=10)
            cube = levenberg_marquardt(
                objective, cube, objective.visible(), meter, steps=EARLY, phase="second order"
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
        narrow = np.setdiff1d(searched, np.flatnonzero([s.affine for s in whole.slots]))
        found, found_loss = evolve(
            space,
            solved,
            narrow,
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

    def _other_echoes(self, whole: ChainObjective, cube: np.ndarray) -> tuple[np.ndarray, ...]:
        echoes = echo_times(self.problem.dry, self.problem.wet, self.problem.sample_rate)
        suggestions = []
        for coordinate in whole.named("delay.delay_seconds"):
            for samples, _ in echoes:
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

    def _finish_descent(self, meter: Meter) -> None:
        """Descend by the plain waveform error on the long excerpt, from the best so far."""
        cube = self._best_cube()
        end = levenberg_marquardt(self.judge, cube, self.judge.visible(), meter, steps=FINISHING)
        cube, _ = settle_steps(self.judge, end.cube, end.loss)
        self._keep(cube)

    def _try_waveshaper(self, cube: np.ndarray, meter: Meter) -> None:
        """Exchange distortions for biased waveshapers, and keep them if they pay.

        Both go the same number of steps on from the same place.
        """
        kinds = {slot.kind for slot in self.stage.slots()}
        plain = self._objective(self.short)
        if "distortion" not in kinds or meter.over:
            return
        if float(plain.losses(cube[None])[0]) < WORTH_A_TRIAL:
            return
        end = levenberg_marquardt(plain, cube, plain.visible(), meter, steps=TRIAL, phase="trial")
        self._keep(end.cube)
        before = (self.stage, self.base, self.free, self.judge, self.best, self.best_loss)
        rebuilt = with_exchanged(self.stage, {"distortion": get_primitive("waveshaper")})
        self.stage, self.base = rebuilt.stage, rebuilt.take(plain.values(cube))
        self.free = rebuilt.take_free(self.free)
        bent = self._objective(self.short)
        start = bent.cube(self.base)
        other = levenberg_marquardt(bent, start, bent.visible(), meter, steps=TRIAL, phase="trial")
        if other.loss < WORTH_A_WAVESHAPER * end.loss:
            self.judge = self._objective(self.long)
            self.best, self.best_loss = None, np.inf
            self._keep(other.cube)
            self.notes.append(
                f"a biased waveshaper lowered the error to {other.loss / end.loss:.0%} of the "
                "distortion's; pedalboard alone cannot play it"
            )
            return
        self.stage, self.base, self.free, self.judge, self.best, self.best_loss = before

    def _kick_until(self, meter: Meter) -> None:
        """Jump, descend, keep what is better, until the meter ends."""
        while not meter.over and self.best_loss > PERFECT:
            cube = kick(self.judge, self._best_cube(), self.rng)
            for strength in (0.5, 0.0):
                objective = self._objective(self.short, strength)
                cube = levenberg_marquardt(
                    objective, cube, objective.visible(), meter, steps=8, phase="jump"
                ).cube
            if self._keep(cube) <= self.best_loss:
                objective = self.judge
                cube = levenberg_marquardt(
                    objective, cube, objective.visible(), meter, steps=8, phase="jump"
                ).cube
                self._keep(cube)

    def _prune(self, meter: Meter) -> None:
        if self.best is None:
            return
        rebuilt, self.dropped = prune(
            self.stage, self.best, self.free, self.long, self.problem.sample_rate, meter
        )
        self.stage, self.base = rebuilt.stage, rebuilt.take(self.best)
        self.free = rebuilt.take_free(self.free)
        self.judge = self._objective(self.long)
        self.best, self.best_loss = None, np.inf
        cube = self.judge.cube(self.base)
        self._keep(cube)
        if self.dropped:
            polished = levenberg_marquardt(
                self.judge, cube, self.judge.visible(), meter, steps=4, phase="polish"
            )
            self._keep(polished.cube)

    def finish(self, interrupted: bool) -> Fit:
        """Return the best so far."""
        values = self.base if self.best is None else self.best
        return Fit(
            stage=self.stage,
            values=values,
            loss=self.best_loss,
            history=self.budget.history,
            dropped=self.dropped,
            notes=tuple(self.notes),
            interrupted=interrupted,
        )
