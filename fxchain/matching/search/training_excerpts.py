"""What a descent is compared on."""

from dataclasses import dataclass

from fxchain.matching.search.delay_reverb_evolution import (
    Echoes,
)
from fxchain.objectives.excerpt import Excerpt
from fxchain.objectives.mean_error import AnyObjective, make_objective
from fxchain.structure.candidate import Candidate


@dataclass(frozen=True)
class TrainingExcerpts:
    """What a descent hears.

    Attributes:
        tiny: for descents from far away
        brief: for those that are nearly there, and for echoes and rooms
        sample_rate: Hz
        echoes: (samples, strength) of the echoes that deconvolution found
    """

    tiny: tuple[Excerpt, ...]
    brief: tuple[Excerpt, ...]
    sample_rate: int
    echoes: Echoes

    def objective(
        self, form: Candidate, excerpts: tuple[Excerpt, ...], weighting: float = 0.0
    ) -> AnyObjective:
        """Return the error of a chain on excerpts."""
        return make_objective(
            form.stage, form.values, form.free, excerpts, self.sample_rate, weighting
        )
