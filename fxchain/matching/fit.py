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
from dataclasses import replace
from functools import partial

import numpy as np

from fxchain.fraction import advanced
from fxchain.matching.checkpoint import Bookmark, Checkpoint
from fxchain.matching.early import Listening, Place, descend, descend_early, starts
from fxchain.matching.echoes import echo_times
from fxchain.matching.excerpt import Excerpt, choose_excerpts
from fxchain.matching.joint import AnyObjective, make_objective
from fxchain.matching.jumps import wander
from fxchain.matching.late import late_objective, lateness
from fxchain.matching.measured import describe, measure_again, neutral, propose_response
from fxchain.matching.problem import Fit, Form, Problem, Template
from fxchain.matching.prune import prune
from fxchain.matching.rebuild import with_exchanged
from fxchain.matching.response import MeasuredResponse
from fxchain.matching.search_state import Found
from fxchain.matching.space import on_lattice, settle_steps
from fxchain.optim.base import BEST, Budget
from fxchain.optim.lanes import side_by_side
from fxchain.primitives import get_primitive

#: Lengths of the excerpts, s: of the weighted descents, of the plain ones that follow them, of
#: settling, of the last descent and the judgement.
TINY_SECONDS, BRIEF_SECONDS, SHORT_SECONDS, LONG_SECONDS = 0.8, 1.5, 4.0, 10.0
#: Length of what a response is solved from, s.
WHOLE_SECONDS = 30.0
#: No longer response is begun when this share of the budget is used up.
LAST_RESPONSE = 0.97
#: A loss at which nothing more can be heard or gained.
PERFECT = 1e-8
#: A waveshaper must lower the loss to this share to replace a distortion.
WORTH_A_WAVESHAPER = 0.8
#: A waveshaper is only tried where the distortion leaves this much.
WORTH_A_TRIAL = 3e-3
#: Another latency must lower the loss to this share, and is only tried where the chain leaves
#: this much; nearer than so many samples to a whole number it is that number.
WORTH_A_LATENCY, LATE_LOSS, WHOLE_SAMPLE = 0.8, 1e-5, 0.005
#: A measured response is only tried where the chain leaves this much.
WORTH_A_RESPONSE = 1e-2
#: Most second-order steps of each part.
SETTLING, TRIAL, FINISHING, POLISHING = 10, 5, 10, 4
MEASURED = 8
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


class _Search:
    """The state of one fit."""

    def __init__(
        self,
        problems: tuple[Problem, ...],
        template: Template,
        budget: Budget,
        seed: int,
        checkpoint: Checkpoint | None,
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
        self.bookmark = Bookmark(checkpoint, problems, template, budget, seed)

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

    def _seed(self) -> int:
        return int(self.rng.integers(2**31))

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

    def _try_latency(self, until: float) -> None:
        """Look whether the wets are late by another part of a sample, and go on with that.

        The chain alone and the chain with the latency go the same number of steps on from the
        same place.
        """
        cube, known = self._return_to_best(), [problem.latency_known for problem in self.problems]
        if all(known) or not self._leaves(LATE_LOSS) or self.budget.share(until).over:
            return
        plain = self._objective(self.listening.brief)
        late = late_objective(self.form, self.listening.brief, plain.sample_rate, known)
        middle = np.append(cube, np.full(known.count(False), 0.5))
        searches = [
            partial(descend, Place(self.form, at), objective, TRIAL, "latency")
            for objective, at in ((plain, cube), (late, middle))
        ]
        ends = side_by_side(searches, self.budget, until)
        if len(ends) < len(searches):
            return
        losses = [
            float(objective.losses(end.cube[None])[0])
            for objective, end in zip((plain, late), ends, strict=True)
        ]
        self._keep(ends[0].cube)
        if losses[1] < WORTH_A_LATENCY * losses[0]:
            found = iter(ends[1].cube[len(cube) :])
            self.late += [0.0 if sure else lateness(float(next(found))) for sure in known]
            self._shift(ends[1].cube[: len(cube)])

    def _shift(self, cube: np.ndarray) -> None:
        """Go on from a cube with the wets as late as they were found to be."""
        near = np.round(self.late)
        self.hear_late(np.where(np.abs(self.late - near) < WHOLE_SAMPLE, near, self.late))
        self.best = self._judged(cube)
        self.kept.append((self.budget.elapsed, self.best.loss))

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

    def _try_waveshaper(self, until: float) -> None:
        """Exchange distortions for biased waveshapers, and go on with them if they pay.

        Both go the same number of steps on from the same place.
        """
        cube = self._return_to_best()
        kinds = {slot.kind for slot in self.form.stage.slots()}
        if "distortion" not in kinds or not self._leaves(WORTH_A_TRIAL):
            return
        straight = self.form
        plain = self._objective(self.listening.brief)
        rebuilt = with_exchanged(straight.stage, {"distortion": get_primitive("waveshaper")})
        values = rebuilt.take(plain.values(cube))
        bent = Form(rebuilt.stage, values, rebuilt.take_free(straight.free))
        other = self.listening.objective(bent, self.listening.brief)
        searches = [
            partial(descend, Place(form, at), objective, TRIAL, "trial")
            for form, at, objective in (
                (straight, cube, plain),
                (bent, other.cube(values), other),
            )
        ]
        ends = side_by_side(searches, self.budget, until)
        if len(ends) < len(searches):
            return
        losses = [
            float(objective.losses(end.cube[None])[0])
            for objective, end in zip((plain, other), ends, strict=True)
        ]
        self._keep(ends[0].cube)
        self.form = bent
        if losses[1] >= WORTH_A_WAVESHAPER * losses[0] or not self._keep(ends[1].cube):
            self.form = straight
            return
        self.notes = (
            *self.notes,
            f"a biased waveshaper lowered the error to {losses[1] / losses[0]:.0%} of the "
            "distortion's; pedalboard alone cannot play it",
        )

    def _try_response(self, until: float) -> None:
        """Put a measured response behind the chain if that at least halves the error.

        It is solved behind the best chain so far, and behind one that does nothing, for devices
        that are mostly a filter; the better goes on, and is kept if it is better at its end.
        """
        if self.best is None or not self._leaves(WORTH_A_RESPONSE):
            return
        template, rate = self.template, self.problem.sample_rate
        best = replace(self.best.form, values=self.best.values)
        untouched = neutral(Form(template.stage, np.array(template.values), template.free))
        begun, part = self.budget.elapsed, self.budget.share(LAST_RESPONSE)
        proposal = propose_response(best, untouched, self.whole, rate, lambda: part.over)
        self.response_seconds = self.budget.elapsed - begun
        if proposal is None:
            return
        straight = self.form
        self.form, response = proposal
        self._keep(self._objective(self.long).cube(self.form.values))
        self.budget.report("response", self.best.loss)
        objective = self._objective(self.short)
        cube = objective.cube(self.form.values)
        self._keep(self._descend(cube, objective, MEASURED, "response", until))
        if self.best.form.stage is not self.form.stage:
            self.form = straight
            return
        self.response = response
        self.notes = (*self.notes, describe(response))

    def _measure_again(self) -> None:
        """Solve the response at the end anew for what the chain has become."""
        if self.response is None or self.best is None or self.budget.over:
            return
        if self.budget.seconds_left < self.response_seconds / 2.0:
            return
        best = replace(self.best.form, values=self.best.values)
        again = measure_again(best, self.response, self.whole, self.problem.sample_rate)
        if again is not None:
            self.form = again
            self._keep(self._objective(self.long).cube(again.values))

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
