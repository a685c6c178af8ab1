"""The alternating fit of a chain to a pair, or to several of one device together.

    start                closed form: echo times by deconvolution, tone and level by spectra;
                         a few first- and second-order steps tell which start is the better one
    second order         all knobs with a known slope together, first with every band counting
                         alike, then more and more as the waveform error counts them
    evolution            echo times and rooms, the straight-line controls solved inside
    other chains         the same from their starts, where the first explains little
    trials               a biased waveshaper, a measured response
    … again, from the best so far with a few bands set anew, until the budget ends

The best chain by the unweighted error is kept throughout.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from fxchain.matching.contest import Entry, best_start, starts
from fxchain.matching.echoes import echo_times
from fxchain.matching.excerpt import Excerpt, choose_excerpts
from fxchain.matching.joint import AnyObjective, make_objective
from fxchain.matching.kicks import kick
from fxchain.matching.measured import describe, measure_again, neutral, propose_response
from fxchain.matching.problem import Fit, Form, Problem, Template
from fxchain.matching.prune import prune
from fxchain.matching.rebuild import with_exchanged
from fxchain.matching.response import MeasuredResponse
from fxchain.matching.space import SpaceObjective, on_lattice, settle_steps
from fxchain.optim.base import Budget, Meter
from fxchain.optim.evolution import evolve
from fxchain.optim.second_order import levenberg_marquardt
from fxchain.primitives import get_primitive

#: Length of the excerpt of the early descents and of the last ones, s.
SHORT_SECONDS, LONG_SECONDS = 4.0, 10.0
#: Length of what a response is solved from, s.
WHOLE_SECONDS = 30.0
#: How much quiet bands count in the early descents, one after the other.
STRENGTHS = (1.0, 0.5)
#: A loss at which nothing more can be heard or gained.
PERFECT = 1e-8
#: A waveshaper must lower the loss to this share to replace a distortion.
WORTH_A_WAVESHAPER = 0.8
#: A waveshaper is only tried where the distortion leaves this much.
WORTH_A_TRIAL = 3e-3
#: Another chain is only tried where the first one leaves this much.
WORTH_AN_ALTERNATIVE = 3e-2
#: A measured response is only tried where the chain leaves this much.
WORTH_A_RESPONSE = 1e-2
#: Most second-order steps of each part.
EARLY, SETTLING, TRIAL, FINISHING, JUMPING, POLISHING = 15, 15, 5, 10, 8, 4
MEASURED = 8
#: The starts compete in this share of the early descent.
STARTING = 0.5


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
class _Found:
    """A chain that was judged."""

    form: Form
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
        self.whole = choose_excerpts(problems, WHOLE_SECONDS)
        self.response: MeasuredResponse | None = None
        self.form = Form(template.stage, np.array(template.values, float), template.free)
        self.best: _Found | None = None
        self.kept: list[tuple[float, float]] = []
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
            self.kept.append((self.budget.elapsed, found.loss))
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
            cube = self._early_descent([self.form], 0.0, 0.4)
            self._try_alternatives(0.4, 0.7)
            if self.form.stage is not self.template.stage:
                cube = self._return_to_best()
        cube = self._settle(cube, self.budget.share(0.8))
        if self.template.waveshaper:
            self._try_waveshaper(cube, self.budget.share(0.85))
        if self.template.response:
            self._try_response(self.budget.share(0.9))
        self._finish_descent(self.budget.share(0.95))
        self._jump(self.budget.share(0.95))
        self._prune(self.budget)
        self._jump(self.budget)

    def _start(self) -> np.ndarray:
        """Return the first guess: the chain's own values, with the strongest echo found."""
        objective = self._objective(self.long)
        cube = objective.cube(self.form.values)
        if self.template.started or not self.echoes:
            return cube
        for coordinate in objective.named("delay.delay_seconds"):
            cube[coordinate] = on_lattice(objective, int(coordinate), self.echoes[0][0])
        return cube

    def _early_descent(self, forms: Sequence[Form], begin: float, end: float) -> np.ndarray:
        """Descend on a short excerpt while quiet bands count more than they should.

        Args:
            forms: chains whose starts compete; the best goes on
            begin: share of the budget that is used up
            end: share of the budget that may be used up
        """
        meter = self.budget.share(end)
        cube = self._contest(forms, begin, begin + STARTING * (end - begin))
        for round_number, strength in enumerate(STRENGTHS):
            objective = self._objective(self.short, strength)
            cube = levenberg_marquardt(
                objective, cube, objective.visible(), meter, steps=EARLY
            ).cube
            cube = self._search_space(cube, meter, round_number)
            self._keep(cube)
        return cube

    def _contest(self, forms: Sequence[Form], begin: float, end: float) -> np.ndarray:
        """Let the starts of several chains compete; go on with the best chain and its place."""
        entries: list[Entry] = []
        owners: list[Form] = []
        for form in forms:
            self.form = form
            objective = self._objective(self.short, STRENGTHS[0])
            cubes = starts(self._objective(self.long), self._start(), self.long[0])
            entries += [Entry(objective, cube) for cube in cubes]
            owners += [form] * len(cubes)
        each = (end - begin) / len(entries)
        meters = [self.budget.share(begin + each * (i + 1)) for i in range(len(entries))]
        chosen, cube = best_start(entries, meters)
        self.form = owners[chosen]
        return cube

    def _try_alternatives(self, begin: float, end: float) -> None:
        """Begin anew with other chains where the first one does not explain much.

        Args:
            begin: share of the budget that is used up
            end: share of the budget that may be used up
        """
        others = self.template.alternatives
        if not others or self.best is None or self.best.loss < WORTH_AN_ALTERNATIVE:
            return
        forms = [Form(other.stage, np.array(other.values), other.free) for other in others]
        self._early_descent(forms, max(begin, self.budget.used), end)
        for form, other in zip(forms, others, strict=True):
            if self.best.form.stage is form.stage:
                self.notes = (
                    *self.notes,
                    f"the chain {other.name!r} explained more than the first",
                )

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
        self.form = Form(rebuilt.stage, values, rebuilt.take_free(straight.free))
        bent = self._objective(self.short)
        other = levenberg_marquardt(
            bent, bent.cube(values), bent.visible(), meter, steps=TRIAL, phase="trial"
        )
        if other.loss >= WORTH_A_WAVESHAPER * end.loss or not self._keep(other.cube):
            self.form = straight
            return
        self.notes = (
            *self.notes,
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
        self._measure_again()

    def _try_response(self, meter: Meter) -> None:
        """Put a measured response behind the chain if that at least halves the error.

        It is solved behind the best chain so far, and behind one that does nothing, for devices
        that are mostly a filter; the better goes on, and is kept if it is better at its end.
        """
        if self.best is None or self.best.loss < WORTH_A_RESPONSE or meter.over:
            return
        template, rate = self.template, self.problem.sample_rate
        best = replace(self.best.form, values=self.best.values)
        untouched = neutral(Form(template.stage, np.array(template.values), template.free))
        proposal = propose_response(best, untouched, self.whole, rate)
        if proposal is None:
            return
        straight = self.form
        self.form, response = proposal
        self._keep(self._objective(self.long).cube(self.form.values))
        objective = self._objective(self.short)
        end = levenberg_marquardt(
            objective,
            objective.cube(self.form.values),
            objective.visible(),
            meter,
            steps=MEASURED,
            phase="response",
        )
        self._keep(end.cube)
        if self.best.form.stage is not self.form.stage:
            self.form = straight
            return
        self.response = response
        self.notes = (*self.notes, describe(response))

    def _measure_again(self) -> None:
        """Solve the response at the end anew for what the chain has become."""
        if self.response is None or self.best is None or self.budget.over:
            return
        best = replace(self.best.form, values=self.best.values)
        again = measure_again(best, self.response, self.whole, self.problem.sample_rate)
        if again is not None:
            self.form = again
            self._keep(self._objective(self.long).cube(again.values))

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
        self.form = Form(rebuilt.stage, rebuilt.take(form.values), rebuilt.take_free(form.free))
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
            free=self.best.form.free,
            loss=self.best.loss,
            history=self.budget.history,
            dropped=self.dropped,
            notes=self.notes,
            interrupted=interrupted,
            kept=tuple(self.kept),
        )
