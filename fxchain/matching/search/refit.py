"""Second-order steps of a candidate on excerpts, as one task for any process."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fxchain.iir.equivalent_filters import widest
from fxchain.matching.search.delay_reverb_evolution import refine_delay_samples
from fxchain.matching.search.fewer_filters import FewerFilters
from fxchain.matching.search.insertion_spots import Choices
from fxchain.matching.search.proposals import propose
from fxchain.matching.search.selection import selected
from fxchain.objectives.excerpt import Excerpt
from fxchain.objectives.mean_error import make_objective
from fxchain.optim.budget import Budget
from fxchain.optim.second_order import LevenbergMarquardt
from fxchain.structure.candidate import Candidate
from fxchain.structure.removal import with_level


@dataclass(frozen=True)
class Effort:
    """How far a refit goes.

    Attributes:
        excerpts: name of the excerpts that are compared
        steps: second-order steps at most
        tolerance: see `LevenbergMarquardt`; negative: all steps are taken
        delays: try delays by the sample behind the steps
    """

    excerpts: str
    steps: int
    tolerance: float = -1.0
    delays: bool = False


@dataclass(frozen=True)
class Workbench:
    """What refits and proposals are made with; every process has its own.

    Attributes:
        excerpts: by name, one of each recording
        sample_rate: Hz
        choices: what may be inserted
        most: edits of one candidate that are refitted
    """

    excerpts: Mapping[str, tuple[Excerpt, ...]]
    sample_rate: int
    choices: Choices
    most: int

    def refitted(self, candidate: Candidate, effort: Effort) -> Candidate:
        """Return the candidate where the steps lead, with its loss."""
        error = make_objective(
            candidate.stage,
            candidate.values,
            candidate.free,
            self.excerpts[effort.excerpts],
            self.sample_rate,
        )
        steps = LevenbergMarquardt(effort.steps, tolerance=effort.tolerance, reuse_jacobian=True)
        found = steps.minimize(error, error.cube(candidate.values), Budget())
        cube, loss = found.cube, found.loss
        if effort.delays and len(error.quantized_indices()):
            cube, loss = refine_delay_samples(error, cube, loss)
        return candidate.at(error.values(cube), float(loss))

    def with_fewer_filters(self, candidate: Candidate, share: float) -> Candidate:
        """Return a candidate with fewer filters, changed by a share of its error at most."""
        excerpts = self.excerpts["medium"]
        fewer = FewerFilters(excerpts, self.sample_rate, self.choices.of(filters=True))
        return with_level(fewer.of(candidate, share * (candidate.loss or 0.0)))

    def edited(self, candidate: Candidate, name: str) -> Sequence[Candidate]:
        """Return the candidate after each of the edits that are worth a refit on excerpts."""
        found = propose(candidate, self.excerpts[name], self.sample_rate, self.choices)
        chosen = selected(found, self.most, widest(self.choices.of(filters=True), self.sample_rate))
        return [proposal.applied(candidate) for proposal in chosen]
