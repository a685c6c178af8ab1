"""One search for a chain: what it hears, where it stands, and the moves it can make."""

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from fxchain.alignment.fractional_delay import advanced
from fxchain.fir.impulse_response_fit import MeasuredResponse
from fxchain.matching.search.basin_hopping import hop_basins
from fxchain.matching.search.coarse_to_fine import descend as go_on
from fxchain.matching.search.coarse_to_fine import descend_coarse_to_fine, starts
from fxchain.matching.search.delay_reverb_evolution import delay_position, refine_delay_samples
from fxchain.matching.search.echo_detection import echo_times
from fxchain.matching.search.prune_stages import prune as left_out
from fxchain.matching.search.response_stage import is_response_alone
from fxchain.matching.search.result import FitResult
from fxchain.matching.search.snapshot import ScoredCandidate
from fxchain.matching.search.training_excerpts import TrainingExcerpts
from fxchain.objectives.excerpt import LOUDNESS_WEIGHTING, Excerpt, choose_excerpts
from fxchain.objectives.mean_error import AnyObjective, make_objective
from fxchain.optim.base import BEST, Budget
from fxchain.optim.parallel import run_parallel
from fxchain.optim.second_order import TOLERANCE
from fxchain.recordings.problem import Problem
from fxchain.structure.candidate import Candidate
from fxchain.structure.search_point import SearchPoint
from fxchain.structure.template import Template

#: Lengths of the excerpts, s: of the weighted descents, of the plain ones that follow them, of
#: settling, of the last descent and the judgement.
TINY_SECONDS, BRIEF_SECONDS, SHORT_SECONDS, LONG_SECONDS = 1.0, 1.5, 4.0, 10.0
#: What is played before the first of them, as a share: far away, a missing echo does not matter.
TINY_WARM_UP = 0.5
#: Length of what a response is solved from, s.
WHOLE_SECONDS = 30.0
#: A loss at which nothing more can be heard or gained.
PERFECT = 1e-8
#: Most second-order steps of settling, which jumps take over from where a step gains less than this
#: share of the loss; and of those after stages were left out.
SETTLING, SLOW, POLISHING = 40, 0.02, 4
#: So many searches jump at the same time, and meet after this share of the budget.
JUMPERS, MEETING = 2, 0.2


class Search:
    """Where a search stands, and its moves; each begins at the best chain so far.

    Args:
        problems: dry and wet of the fitted parts
        template: the chain, and which of its values are free
        budget: seconds or steps
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
        self.late, self.loudness_weighting = np.zeros(len(problems)), LOUDNESS_WEIGHTING
        self._listen()
        self.response: MeasuredResponse | None = None
        self.response_seconds = 0.0
        self.form = Candidate(template.stage, np.array(template.values, float), template.free)
        self.best: ScoredCandidate | None = None
        self.kept: list[tuple[float, float]] = []
        self.notes: tuple[str, ...] = ()
        self.dropped: tuple[str, ...] = ()
        self.phase = 0  # how many are done

    def _listen(self) -> None:
        """Choose what is heard."""
        problems = self.problems
        if self.late.any():
            pairs = zip(problems, self.late, strict=True)
            problems = tuple(replace(p, wet=advanced(p.wet, float(late))) for p, late in pairs)
        choose = partial(choose_excerpts, problems, loudness_weighting=self.loudness_weighting)
        self.listening = TrainingExcerpts(
            tiny=choose(TINY_SECONDS, TINY_WARM_UP),
            brief=choose(BRIEF_SECONDS),
            sample_rate=self.problem.sample_rate,
            echoes=self.echoes,
        )
        self.short, self.long = choose(SHORT_SECONDS), choose(LONG_SECONDS)
        self.whole = choose(WHOLE_SECONDS)

    def set_latencies(self, late: np.ndarray) -> None:
        """Listen to the wets as so many samples late as that, one number for each."""
        self.late = late
        self._listen()

    def set_loudness_weighting(self, loudness_weighting: float) -> None:
        """Let quiet moments count so much; what was found is judged anew."""
        cube = self.return_to_best()
        self.loudness_weighting = loudness_weighting
        self._listen()
        if self.best is not None:
            self.best = self.judged(cube)
            self.kept.append((self.budget.elapsed, self.best.loss))

    def objective(self, excerpts: tuple[Excerpt, ...], weighting: float = 0.0) -> AnyObjective:
        return self.listening.objective(self.form, excerpts, weighting)

    def judged(self, cube: np.ndarray) -> ScoredCandidate:
        """Return the chain at a cube with its error on the long excerpt, every band as it is."""
        judge = self.objective(self.long)
        return ScoredCandidate(self.form, judge.values(cube), float(judge.losses(cube[None])[0]))

    def keep(self, cube: np.ndarray) -> bool:
        """Remember a cube if it is the best; tell whether it is."""
        found = self.judged(cube)
        if self.best is None or found.loss < self.best.loss:
            self.take(found)
            return True
        return False

    def take(self, found: ScoredCandidate) -> None:
        """Go on with a chain as the best."""
        self.form, self.best = found.form, found
        self.kept.append((self.budget.elapsed, found.loss))
        self.budget.report(BEST, found.loss)

    def return_to_best(self) -> np.ndarray:
        """Go back to the best chain and return its cube."""
        if self.best is not None:
            self.form = replace(self.best.form, values=self.best.values)
        return self.objective(self.long).cube(self.form.values)

    def leaves(self, worth: float) -> bool:
        """Tell whether the best so far leaves more than that unexplained, and time is left."""
        return self.best is not None and self.best.loss > worth and not self.budget.over

    def begin(self) -> np.ndarray:
        """Return the first guess: the chain's own values, with the strongest echo found."""
        objective, echoes = self.objective(self.long), self.echoes
        cube = objective.cube(self.form.values)
        if self.template.started or not echoes:
            return cube
        for coordinate in objective.named("delay.delay_seconds"):
            cube[coordinate] = delay_position(objective, int(coordinate), echoes[0][0])
        return cube

    def _seed(self) -> int:
        return int(self.rng.integers(2**31))

    def descend_from_starts(
        self, form: Candidate, until: float, hopeless: float = math.inf
    ) -> None:
        """Descend from a chain's starts at the same time; see `descend_coarse_to_fine`."""
        self.form = form
        cubes = starts(self.objective(self.long), self.begin(), self.long[0])
        searches = [
            partial(
                descend_coarse_to_fine,
                SearchPoint(form, cube, self._seed()),
                self.listening,
                hopeless=hopeless,
            )
            for cube in cubes
        ]
        for place in run_parallel(searches, self.budget, until):
            self.keep(place.cube)

    def descend(
        self,
        cube: np.ndarray,
        objective: AnyObjective,
        steps: int,
        phase: str,
        until: float,
        tolerance: float = TOLERANCE,
    ) -> np.ndarray:
        """Return where a descent of the present chain leads; the cube itself after Ctrl-C."""
        if not len(cube):
            return cube
        begin = SearchPoint(self.form, cube)
        search = partial(go_on, begin, objective, steps, phase, tolerance=tolerance)
        ends = run_parallel([search], self.budget, until)
        return ends[0].cube if ends else cube

    def settle(self, excerpts: tuple[Excerpt, ...], steps: int, until: float) -> None:
        """Descend by the plain waveform error from the best so far."""
        cube = self.return_to_best()
        if self.budget.portion(until).over:
            return
        objective = self.objective(excerpts)
        cube = self.descend(cube, objective, steps, "second order", until, SLOW)
        cube, _ = refine_delay_samples(objective, cube, float(objective.losses(cube[None])[0]))
        self.keep(cube)

    def jump(self, until: float, met: Callable[[], None]) -> None:
        """Jump from the best so far in several lanes, which meet now and then.

        Args:
            until: share of the budget that may be used up
            met: called after each meeting
        """
        part = self.budget.portion(until)
        while not part.over and self.best is not None and self.best.loss > PERFECT:
            if not self.best.form.free.any() or is_response_alone(self.best.form):
                return  # nothing is left to search, or one gain
            cube, taken = self.return_to_best(), self.budget.taken
            searches = [
                partial(
                    hop_basins, SearchPoint(self.form, cube, self._seed()), self.listening, PERFECT
                )
                for _ in range(JUMPERS)
            ]
            meet = min(until, self.budget.used + MEETING)
            better = [self.keep(place.cube) for place in run_parallel(searches, self.budget, meet)]
            if self.budget.taken == taken:  # perfect on what they hear
                return
            if any(better) and not part.over:
                self.settle(self.short, SETTLING, until)
            met()

    def prune(self, until: float) -> None:
        """Leave out what does nothing, and polish what is left."""
        self.return_to_best()
        form = self.form
        judged = partial(make_objective, excerpts=self.long, sample_rate=self.problem.sample_rate)
        rebuilt, dropped = left_out(form.stage, form.values, form.free, judged, self.budget, until)
        if not dropped:
            return
        self.form = Candidate(
            rebuilt.stage, rebuilt.take(form.values), rebuilt.take_free(form.free)
        )
        judge = self.objective(self.long)
        cube = judge.cube(self.form.values)
        self.best, self.dropped = self.judged(cube), dropped
        self.keep(self.descend(cube, judge, POLISHING, "polish", until))

    def finish(self, interrupted: bool) -> FitResult:
        """Return the best chain."""
        if self.best is None:
            raise KeyboardInterrupt
        return FitResult(
            stage=self.best.form.stage,
            values=self.best.values,
            free=self.best.form.free,
            loss=self.best.loss,
            history=self.budget.history,
            dropped=self.dropped,
            notes=self.notes,
            interrupted=interrupted,
            kept=tuple(self.kept),
            latency_shifts=tuple(self.late.tolist()) if self.late.any() else (),
        )
