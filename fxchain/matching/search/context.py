"""What a search does not change: recordings, template, budget; and what is evaluated on them."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from hashlib import blake2b

import numpy as np
import torch

from fxchain.evidence import measure_evidence
from fxchain.matching.search.delay_reverb_evolution import Echoes
from fxchain.matching.search.growth import SPECIES, Survival
from fxchain.matching.search.measured_device import MeasuredDevice
from fxchain.matching.search.state import SearchState
from fxchain.matching.search.training_excerpts import SearchPoint, TrainingExcerpts
from fxchain.objectives.excerpt import Excerpt, choose_excerpts, exactly
from fxchain.objectives.mean_error import AnyObjective
from fxchain.optim.budget import BEST, Budget
from fxchain.optim.processes import Processes
from fxchain.periodic.measured_part import MeasuredPart
from fxchain.periodic.rate import COARSE_SECONDS, find_rate
from fxchain.primitives.evidence import Evidence
from fxchain.recordings.problem import Problem
from fxchain.structure.candidate import Candidate
from fxchain.structure.knob_vector import KnobVector
from fxchain.structure.template import Template

#: Lengths of the excerpts, s: of the weighted descents, of the plain ones that follow them, of
#: the second-order steps in between, of the last ones and of the error that decides.
TINY_SECONDS, BRIEF_SECONDS, SHORT_SECONDS, LONG_SECONDS = 1.0, 1.5, 4.0, 10.0
#: What is played before the first of them, as a share: far from the solution, a missing echo does
#: not matter.
TINY_WARM_UP = 0.5
#: Length of what a response is solved from, s.
WHOLE_SECONDS = 30.0


@dataclass(frozen=True)
class SearchExcerpts:
    """The excerpts of one alignment and loudness weighting, without rounding of filters.

    Attributes:
        training: for descents
        short: for second-order steps
        long: for the last steps, and for the error that decides
        whole: what a response is solved from
    """

    training: TrainingExcerpts
    short: tuple[Excerpt, ...]
    long: tuple[Excerpt, ...]
    whole: tuple[Excerpt, ...]


@dataclass(frozen=True)
class SearchContext:
    """What the moves of a search share.

    Attributes:
        problems: dry and wet of the fitted parts
        template: the chain, and which of its values are free
        budget: seconds or steps
        echoes: (samples, strength) of the echoes that deconvolution found in the first
        leave: told each state that a search can go on from
        survival: which candidates of a growing population go on
        measured: what was measured of the device with a sweep, or None
    """

    problems: tuple[Problem, ...]
    template: Template
    budget: Budget
    echoes: Echoes
    leave: Callable[[SearchState], None] = lambda state: None
    survival: Survival = SPECIES
    measured: MeasuredDevice | None = None
    _chosen: dict[tuple[tuple[float, ...], float], SearchExcerpts] = field(
        default_factory=dict, init=False
    )
    _processes: dict[float, Processes] = field(default_factory=dict, init=False)
    _evidence: list[Evidence] = field(default_factory=list, init=False)
    _rates: dict[bytes, float | None] = field(default_factory=dict, init=False)

    @property
    def sample_rate(self) -> int:
        """Return that of all recordings, Hz."""
        return self.problems[0].sample_rate

    def excerpts(self, state: SearchState) -> SearchExcerpts:
        """Return what is compared, aligned and weighted as the state says."""
        key = (state.latency_shifts, state.loudness_weighting)
        if key not in self._chosen:
            self._chosen.clear()  # the audio of earlier ones is not needed any more
            self._chosen[key] = self._choose(state)
        return self._chosen[key]

    def aligned(self, state: SearchState) -> tuple[Problem, ...]:
        """Return the problems with their latencies as the state says."""
        if not any(state.latency_shifts):
            return self.problems
        pairs = zip(self.problems, state.latency_shifts, strict=True)
        return tuple(problem.shifted(samples) for problem, samples in pairs)

    def processes(self, state: SearchState, make: Callable[[], Processes]) -> Processes:
        """Return the processes that work with a state's loudness weighting."""
        key = state.loudness_weighting
        if key not in self._processes:
            self.close()  # those of another weighting
            self._processes[key] = make()
        return self._processes[key]

    def evidence(self) -> tuple[Evidence, ...]:
        """Return what each pair says before any search, with what a measurement says beside it; it
        is measured at the first call."""
        if not self._evidence:
            found = (
                measure_evidence(each.dry, each.wet, self.sample_rate, each.first_valid)
                for each in (problem.largest_known() for problem in self.problems)
            )
            measured = self.measured
            self._evidence.extend(found if measured is None else map(measured.joined, found))
        return tuple(self._evidence)

    def rate_of(self, part: MeasuredPart) -> float | None:
        """Return `find_rate` of a part; what was found in the same audio before is remembered."""
        heard = part.loudest(COARSE_SECONDS)
        key = blake2b(heard.dry.tobytes() + heard.wet.tobytes()).digest()
        if key not in self._rates:
            self._rates[key] = find_rate(heard)
        return self._rates[key]

    @property
    def measured_evidence(self) -> Evidence | None:
        """Return that of the first pair where it was measured."""
        return self._evidence[0] if self._evidence else None

    @property
    def threads(self) -> int:
        """Return how many may work at the same time."""
        return torch.get_num_threads()

    def close(self) -> None:
        """End the processes."""
        while self._processes:
            self._processes.popitem()[1].close()

    def _choose(self, state: SearchState) -> SearchExcerpts:
        problems = self.aligned(state)

        def choose(seconds: float, warm_up: float = 1.0) -> tuple[Excerpt, ...]:
            return exactly(choose_excerpts(problems, seconds, warm_up, state.loudness_weighting))

        training = TrainingExcerpts(
            tiny=choose(TINY_SECONDS, TINY_WARM_UP),
            brief=choose(BRIEF_SECONDS),
            sample_rate=self.sample_rate,
            echoes=self.echoes,
        )
        return SearchExcerpts(
            training, choose(SHORT_SECONDS), choose(LONG_SECONDS), choose(WHOLE_SECONDS)
        )

    def error(
        self,
        state: SearchState,
        candidate: Candidate,
        excerpts: tuple[Excerpt, ...],
        weighting: float = 0.0,
    ) -> AnyObjective:
        """Return the error of a candidate on excerpts of this context."""
        return self.excerpts(state).training.objective(candidate, excerpts, weighting)

    def evaluate(self, state: SearchState, candidate: Candidate, cube: np.ndarray) -> Candidate:
        """Return the candidate at a cube with its plain error on the long excerpts."""
        error = self.error(state, candidate, self.excerpts(state).long)
        return candidate.at(error.values(cube), float(error.losses(cube[None])[0]))

    def keep(self, state: SearchState, candidate: Candidate, cube: np.ndarray) -> SearchState:
        """Return the state with the candidate at a cube as the best, if it is better."""
        found = self.evaluate(state, candidate, cube)
        if state.best is None or _loss(found) < _loss(state.best):
            return self.take(state, found)
        return state

    def take(self, state: SearchState, found: Candidate) -> SearchState:
        """Return the state with an evaluated candidate as the best, whatever its error."""
        self.budget.report(BEST, _loss(found))
        return self.replaced(state, found)

    def replaced(self, state: SearchState, found: Candidate) -> SearchState:
        """Do as `take`, without a report: the same candidate was evaluated once more."""
        accepted = (*state.accepted, (self.budget.elapsed, _loss(found)))
        return replace(state, best=found, accepted=accepted)

    def reweighted(self, state: SearchState, loudness_weighting: float) -> SearchState:
        """Return the state with another loudness weighting, the best evaluated once more."""
        changed = replace(state, loudness_weighting=loudness_weighting)
        if state.best is None:
            return changed
        best = state.best
        return self.replaced(changed, self.evaluate(changed, best, position(best)))

    def leaves(self, state: SearchState, loss: float) -> bool:
        """Tell whether the best leaves a larger error than that, and time is left."""
        return state.best is not None and _loss(state.best) > loss and not self.budget.over


def position(candidate: Candidate) -> np.ndarray:
    """Return the cube (dimension,) of the candidate's values."""
    return KnobVector(candidate.stage, candidate.values, candidate.free).cube(candidate.values)


def point(candidate: Candidate, seed: int = 0) -> SearchPoint:
    """Return where a search of the candidate begins that starts at its values."""
    return SearchPoint(candidate, position(candidate), seed)


def _loss(candidate: Candidate) -> float:
    if candidate.loss is None:
        raise ValueError("the candidate was not evaluated")
    return candidate.loss
