"""Second-order steps of a candidate on excerpts, as one task for any process."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from fxchain.iir.filter_runs import moved_runs
from fxchain.iir.filter_starts import widest
from fxchain.matching.search.delay_reverb_evolution import refine_delay_samples
from fxchain.matching.search.drives_between_filters import DrivesBetweenFilters, usable_drives
from fxchain.matching.search.insertion_spots import Choices
from fxchain.matching.search.level_of_wet import at_wet_level
from fxchain.matching.search.linearization import linearized
from fxchain.matching.search.measured_device import MeasuredDevice
from fxchain.matching.search.measured_filters import measured_chains
from fxchain.matching.search.other_filters import OtherFilters
from fxchain.matching.search.proposals import MOSTLY, propose
from fxchain.matching.search.selection import selected
from fxchain.matching.search.wanted_responses import wanted_responses
from fxchain.objectives.excerpt import Excerpt
from fxchain.objectives.latency_objective import (
    at_latency_cube,
    latency_cube,
    latency_objective,
)
from fxchain.objectives.mean_error import make_objective
from fxchain.optim.budget import Budget
from fxchain.optim.second_order import LevenbergMarquardt
from fxchain.structure.candidate import Candidate
from fxchain.structure.canonical import canonical
from fxchain.structure.canonical_tree import Unit, candidate_of, nodes_of
from fxchain.structure.criterion import FLOOR
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
        latency_known: for each recording, whether its latency is; the others are fitted
    """

    excerpts: Mapping[str, tuple[Excerpt, ...]]
    sample_rate: int
    choices: Choices
    most: int
    latency_known: tuple[bool, ...]

    def refitted(self, candidate: Candidate, effort: Effort) -> Candidate:
        """Return the candidate where the steps lead, with its loss."""
        known, excerpts = self.latency_known, self.excerpts[effort.excerpts]
        error = latency_objective(candidate, excerpts, self.sample_rate, known)
        steps = LevenbergMarquardt(effort.steps, tolerance=effort.tolerance, reuse_jacobian=True)
        start = latency_cube(error, candidate, known)
        found = steps.minimize(error, start, Budget())
        candidate = at_latency_cube(error, candidate, known, found.cube)
        aligned = self.aligned(candidate, effort.excerpts)
        stage, values, free = candidate.stage, candidate.values, candidate.free
        plain = make_objective(stage, values, free, aligned, self.sample_rate)
        cube = plain.cube(values)
        loss = float(plain.losses(cube[None])[0])
        if effort.delays and len(plain.quantized_indices()):
            cube, loss = refine_delay_samples(plain, cube, loss)
        return candidate.at(plain.values(cube), float(loss))

    def aligned(self, candidate: Candidate, name: str) -> tuple[Excerpt, ...]:
        """Return the excerpts of a name with their latencies as a candidate has them."""
        if not candidate.latency_shifts:
            return self.excerpts[name]
        pairs = zip(self.excerpts[name], candidate.latency_shifts, strict=True)
        return tuple(excerpt.shifted(samples) for excerpt, samples in pairs)

    def inserted(
        self, candidate: Candidate, units: tuple[Unit, ...], name: str
    ) -> Sequence[Candidate]:
        """Return the candidate with one of some effects at the place where it is foretold to
        explain most of excerpts: one for each effect, with the loss that is foretold."""
        excerpts = self.aligned(candidate, name)
        line = linearized(candidate, excerpts, self.sample_rate, Choices((), units=units))
        found: dict[int, Candidate] = {}
        for proposal in propose(line):
            if proposal.target is None and len(proposal.insertions) == 1:
                found.setdefault(id(proposal.insertions[0].unit), proposal.applied(candidate))
        return list(found.values())

    def with_fewer_filters(self, candidate: Candidate, share: float) -> Candidate:
        """Return a candidate with fewer filters, changed by a share of its error at most."""
        filters = self._filters(self.aligned(candidate, "medium"))
        return with_level(filters.fewest(candidate, share * (candidate.loss or 0.0)))

    def measured(self, candidate: Candidate, device: MeasuredDevice) -> Sequence[Candidate]:
        """Return a chain with filters behind it that have a measured response."""
        filters = self._filters(self.aligned(candidate, "medium"))
        return measured_chains(filters, candidate, device)

    def driven(
        self,
        count: int,
        clean: bool,
        seed: int,
        like: Candidate,
        effort: Effort,
        seconds: float | None,
    ) -> Candidate | None:
        """Return a chain of so many drives with filters around them, see `DrivesBetweenFilters`.

        Args:
            count: of drives
            clean: the dry stands beside them
            seed: of the random numbers
            like: a candidate of the same recordings
            effort: of the refit
            seconds: it is searched for so long at most, before it is refitted

        Returns:
            the refitted chain; None where there is no drive to be inserted
        """
        drives = usable_drives(self.choices.primitives)
        if not drives:
            return None
        excerpts, filters = self.aligned(like, "medium"), self.choices.of(filters=True)
        sections = [each for each in filters if each.sections is not None]
        delay_free = not any(self.latency_known)
        made = DrivesBetweenFilters(excerpts, self.sample_rate, drives[0], sections, delay_free)
        like = replace(like, loss=None)
        found = made.found(count, clean, seed, like, Budget(seconds=seconds))
        return self.refitted(found, effort)

    def _filters(self, excerpts: Sequence[Excerpt]) -> OtherFilters:
        delay_free = not any(self.latency_known)  # a delay of the filters is one of all recordings
        usable = self.choices.of(filters=True)
        return OtherFilters(excerpts, self.sample_rate, usable, delay_free)

    def edited(self, candidate: Candidate, name: str) -> Sequence[Candidate]:
        """Return the candidate after each of the edits that are worth a refit on excerpts, with the
        loss that is foretold.

        Where nothing is left to be explained, nothing is inserted: filters are moved to the other
        side of an effect, where they may do the work of others.
        """
        excerpts, exact = self.aligned(candidate, name), (candidate.loss or 0.0) < FLOOR
        choices = Choices(()) if exact else self.choices
        if (candidate.loss or 0.0) > MOSTLY:
            candidate = at_wet_level(candidate, excerpts[0], self.sample_rate)
        line = linearized(candidate, excerpts, self.sample_rate, choices)
        wide = widest(self.choices.of(filters=True), self.sample_rate)
        chosen = selected(propose(line), self.most, wide)
        others = self._filters(excerpts).exchanged(candidate, wanted_responses(line))
        edited = [proposal.applied(candidate) for proposal in chosen]
        moved = moved_runs(nodes_of(candidate)) if exact else []
        others += [canonical(candidate_of(nodes, candidate)) for nodes in moved]
        return [*edited, *map(with_level, others)]
