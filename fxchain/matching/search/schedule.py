"""The alternating fit of a chain to a pair, or to several of one device together.

    start                closed form: echo times by deconvolution, tone and level by spectra
    early descent        from two starts at the same time, on a second: gradients with every band
                         counting alike, evolution of echo times and rooms, gradients with quiet
                         bands counting less, evolution, the plain waveform error
    a filter             a measured response behind a chain that does nothing
    other chains         the same from their starts, where the first explains too little
    growth               another drive in series, where the best still explains too little
    settling             second-order steps by the waveform error on longer excerpts
    trials               a biased waveshaper, a measured response
    jumps                from the best so far, a few bands set anew, several at the same time
    a response alone     where the chain before a measured response explains hardly more
    spectra              where much is left, the error and the distance of the spectra together

The best chain by the unweighted error is kept throughout, but for the spectra. Between two phases
the state can be left in a checkpoint; whoever finds it there goes on as if nothing had happened.
"""

import math
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from fxchain.matching.search.add_drive import ROUNDS, add_drive
from fxchain.matching.search.checkpoint import Bookmark, Checkpoint
from fxchain.matching.search.drop_redundant_chain import drop_redundant_chain
from fxchain.matching.search.refine_latency import try_latency
from fxchain.matching.search.result import FitResult
from fxchain.matching.search.spectral_refinement import refine_spectrally, spectral_refinement_pays
from fxchain.matching.search.state import SETTLING, Search
from fxchain.matching.search.try_impulse_response import solve_again, try_filter, try_response
from fxchain.matching.search.try_waveshaper import try_waveshaper
from fxchain.optim.base import Budget
from fxchain.optim.halting import halted_by_signals
from fxchain.recordings.problem import Problem
from fxchain.structure.candidate import Candidate
from fxchain.structure.template import Alternative, Template

#: Most second-order steps on the long excerpt.
FINISHING = 10
#: A chain that leaves this much with every band counting alike is left for another that is meant
#: for such; of five hidden chains the better start left at most a tenth of it.
HOPELESS = 0.4
#: Another chain is left early where it leaves so many times what the best does in the end. The
#: right order of a hidden chain left up to thirteen times that at first.
RIVAL = 30.0
#: Where the spectra have the last word, everything else ends at this share of its time.
BEFORE_SPECTRA = 0.8


def fit(
    problem: Problem | Sequence[Problem],
    template: Template,
    budget: Budget,
    seed: int,
    checkpoint: Checkpoint | None = None,
) -> FitResult:
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
    search = Search(problems, template, budget, seed)
    bookmark = Bookmark(checkpoint, problems, template, budget, seed)
    interrupted = False
    try:
        with halted_by_signals(budget):
            _Schedule(search, bookmark).run()
    except KeyboardInterrupt:
        if search.best is None:
            raise
        interrupted = True
    return search.finish(interrupted or budget.halted)


class _Schedule:
    """The order of a search's moves, with its state left behind each of them."""

    def __init__(self, search: Search, bookmark: Bookmark) -> None:
        self.search, self.bookmark = search, bookmark

    def run(self) -> None:
        """Spend the budget, phase by phase."""
        search = self.search
        if not self.bookmark.take_up(search):
            cube = search.begin()
            search.keep(cube)
            if not len(cube) or search.budget.over:
                return
            self._leave()
        for phase in self._phases()[search.phase :]:
            if search.budget.halted:
                return
            phase()
            search.phase += 1
            self._leave()

    def _leave(self) -> None:
        self.bookmark.leave(self.search)

    def _phases(self) -> list[Callable[[], None]]:
        """Return what is done one after the other.

        Each begins at the best so far, and looks only then at what is heard: a latency that is
        found changes it.
        """
        search, template = self.search, self.search.template
        phases = list[Callable[[], None]]()
        if not template.started:
            further = any(math.isinf(other.hopeless) for other in template.alternatives)
            hopeless = HOPELESS if further else math.inf
            phases.append(partial(search.descend_from_starts, search.form, 0.33, hopeless))
            phases.append(partial(try_latency, search, 0.38))
            if template.response:
                phases.append(partial(try_filter, search, 0.5))
            phases += [partial(self._try_alternative, other) for other in template.alternatives]
            phases += [partial(self._grow, number) for number in range(ROUNDS)]
        phases.append(lambda: search.settle(search.short, SETTLING, self._before(0.9)))
        if template.waveshaper:
            phases.append(lambda: try_waveshaper(search, self._before(0.93)))
        if template.response:
            phases.append(lambda: try_response(search, self._before(0.97)))
        return [
            *phases,
            lambda: search.jump(self._before(0.93), self._leave),
            partial(try_latency, search, 0.94),
            partial(drop_redundant_chain, search),
            lambda: search.settle(search.long, FINISHING, self._before(0.97)),
            partial(solve_again, search),
            lambda: search.jump(self._before(0.97), self._leave),
            lambda: search.prune(self._before(1.0)),
            lambda: search.jump(self._before(1.0), self._leave),
            partial(refine_spectrally, search),
        ]

    def _before(self, until: float) -> float:
        """Return when a phase ends, earlier where the spectra have the last word.

        Not for the latency: while it is not known, it is what leaves so much.
        """
        return until * (BEFORE_SPECTRA if spectral_refinement_pays(self.search) else 1.0)

    def _grow(self, number: int) -> None:
        """Let another drive join, in one round."""
        add_drive(self.search, number, self._before(0.86))

    def _all_alike(self) -> float:
        """Return what the best chain leaves with every band counting alike."""
        cube = self.search.return_to_best()
        objective = self.search.objective(self.search.listening.tiny, 1.0)
        return float(objective.losses(cube[None])[0])

    def _try_alternative(self, other: Alternative) -> None:
        """Begin anew with another chain where the best does not explain enough."""
        search, template = self.search, other.template
        if not search.leaves(other.worth) or search.leaves(other.hopeless):
            return
        if search.response is not None:  # a filter explains it
            return
        form = Candidate(template.stage, np.array(template.values), template.free)
        last = other is self.search.template.alternatives[-1]
        hopeless = min(math.inf if last else HOPELESS, RIVAL * self._all_alike())
        search.descend_from_starts(form, other.until, hopeless)
        if search.best is not None and search.best.form.stage is form.stage:
            search.notes = (f"the chain {template.name!r} explained more than the first",)
