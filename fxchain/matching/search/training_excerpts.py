"""The excerpts that a search compares, and the errors of a candidate on them."""

from dataclasses import dataclass, field

import numpy as np

from fxchain.matching.search.delay_reverb_evolution import Echoes
from fxchain.objectives.excerpt import Excerpt
from fxchain.objectives.mean_error import AnyObjective, make_objective
from fxchain.structure.candidate import Candidate


@dataclass(frozen=True)
class TrainingExcerpts:
    """Excerpts of all pairs, one of each pair in every tuple.

    Attributes:
        tiny: for descents that begin far from the solution
        brief: for those that begin near, and for delays and rooms
        sample_rate: Hz
        echoes: (samples, strength) of the echoes that deconvolution found
    """

    tiny: tuple[Excerpt, ...]
    brief: tuple[Excerpt, ...]
    sample_rate: int
    echoes: Echoes

    def objective(
        self, candidate: Candidate, excerpts: tuple[Excerpt, ...], weighting: float = 0.0
    ) -> AnyObjective:
        """Return the error of a candidate on excerpts, spectrally weighted or not."""
        return make_objective(
            candidate.stage, candidate.values, candidate.free, excerpts, self.sample_rate, weighting
        )


@dataclass(frozen=True)
class CandidateErrors:
    """The errors of one candidate from coarse to fine, each made once.

    Attributes:
        candidate: the chain
        excerpts: what is compared
    """

    candidate: Candidate
    excerpts: TrainingExcerpts
    _made: dict[tuple[str, float], AnyObjective] = field(default_factory=dict, init=False)

    def tiny(self, weighting: float) -> AnyObjective:
        """Return the error on the shortest excerpts, spectrally weighted by a strength."""
        return self._error("tiny", self.excerpts.tiny, weighting)

    def brief(self) -> AnyObjective:
        """Return the plain error on the brief excerpts."""
        return self._error("brief", self.excerpts.brief, 0.0)

    def _error(self, name: str, excerpts: tuple[Excerpt, ...], weighting: float) -> AnyObjective:
        key = (name, weighting)
        if key not in self._made:
            self._made[key] = self.excerpts.objective(self.candidate, excerpts, weighting)
        return self._made[key]


@dataclass(frozen=True)
class SearchPoint:
    """Where a search of a candidate begins or has come to.

    Attributes:
        candidate: the chain
        cube: (dimension,)
        seed: of the random numbers of a search that begins here
    """

    candidate: Candidate
    cube: np.ndarray
    seed: int = 0
