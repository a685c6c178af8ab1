"""The errors by which settings of plug-ins are searched, from short excerpts to long ones."""

from collections.abc import Sequence
from dataclasses import dataclass

from fxchain.matching.search.coarse_to_fine import WEIGHTINGS
from fxchain.matching.search.context import SearchContext
from fxchain.matching.search.plugin_delays import HeardDelay, heard_delays
from fxchain.matching.search.state import SearchState
from fxchain.objectives.excerpt import Excerpt, choose_excerpt, exactly
from fxchain.objectives.mean_error import AnyObjective
from fxchain.structure.candidate import Candidate

#: Length of the excerpts on which starts are compared, s, and of what is played before, a share.
FIRST_SECONDS, FIRST_WARM_UP = 0.4, 0.5
#: Delay times that are tried.
MOST_ECHOES = 6


@dataclass(frozen=True)
class PluginErrors:
    """The errors of a chain, from short excerpts to long ones.

    Attributes:
        first: starts are compared by it
        weighted: of a strong spectral weighting, then of a weaker one
        plain: without weighting
        last: decides
    """

    first: AnyObjective
    weighted: tuple[AnyObjective, ...]
    plain: AnyObjective
    last: AnyObjective


def plugin_echoes(
    state: SearchState, context: SearchContext, candidate: Candidate, seed: int
) -> Sequence[HeardDelay]:
    """Return the delay times that are tried; none where the chain has no delay of whole samples."""
    if not any(slot.quantized for slot in candidate.stage.slots()):
        return []
    error = context.error(state, candidate, context.excerpts(state).long, WEIGHTINGS[0])
    return heard_delays(error, seed, MOST_ECHOES)


def plugin_errors(
    state: SearchState, context: SearchContext, candidate: Candidate, echoes: Sequence[HeardDelay]
) -> PluginErrors:
    """Return the errors of a chain on excerpts in which the strongest echo is heard."""
    excerpts = context.excerpts(state)
    latest = echoes[0].samples if echoes else 0
    first = [
        choose_excerpt(problem, FIRST_SECONDS, FIRST_WARM_UP, state.loudness_weighting)
        for problem in context.aligned(state)
    ]
    ladder = [exactly(first), excerpts.training.tiny, excerpts.training.brief, excerpts.short]
    heard = [each for each in ladder if min(one.wet.shape[1] for one in each) >= 2 * latest]
    heard = heard or [excerpts.long]
    coarse, tiny, brief, last = [*heard[:1] * (len(ladder) - len(heard)), *heard]

    def error(of: tuple[Excerpt, ...], weighting: float = 0.0) -> AnyObjective:
        return context.error(state, candidate, of, weighting)

    weighted = tuple(error(tiny, weighting) for weighting in WEIGHTINGS)
    return PluginErrors(error(coarse, WEIGHTINGS[0]), weighted, error(brief), error(last))
