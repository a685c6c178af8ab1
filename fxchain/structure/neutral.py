"""Values at which a chain does nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fxchain.stage import Effect, OneChain, Stage
from fxchain.structure.candidate import Candidate

#: The weight of the processed branches beside a clean one in a chain that is to be fitted: above 0,
#: since at weight 0 the error has no slope in their values.
PROCESSED_WEIGHT = 0.1


@dataclass(frozen=True)
class _Values:
    """The values of a stage: as they are, and neutral ones."""

    present: tuple[float, ...]
    neutral: tuple[float, ...]


@dataclass(frozen=True)
class _Neutral(OneChain[_Values]):
    """A visitor that finds neutral values; it is visited with the present ones.

    Attributes:
        processed_weight: of the branches beside a clean one
        inside_branches: whether effects inside the branches of a mix become neutral as well
    """

    processed_weight: float
    inside_branches: bool

    def effect(self, effect: Effect, values: np.ndarray, path: str) -> _Values:
        """Return the effect's neutral values; the present ones where it states none."""
        neutral = effect.primitive.neutral or {}
        pairs = list(zip(effect.primitive.parameters, map(float, values), strict=True))
        return _Values(
            tuple(value for _, value in pairs),
            tuple(neutral.get(spec.name, value) for spec, value in pairs),
        )

    def chain(self, stages: Sequence[_Values], path: str) -> _Values:
        """Return those of all stages."""
        return _Values(
            tuple(value for stage in stages for value in stage.present),
            tuple(value for stage in stages for value in stage.neutral),
        )

    def mix(self, branches: Sequence[tuple[float, _Values]], path: str) -> _Values:
        """Return the clean branches alone at a summed weight of 1, where there are any."""
        present: list[float] = []
        neutral: list[float] = []
        clean = sum(not branch.present for _, branch in branches)
        for weight, branch in branches:
            alone = self.processed_weight if branch.present else 1.0 / max(clean, 1)
            present += [weight, *branch.present]
            neutral.append(alone if clean else weight)
            neutral += branch.neutral if self.inside_branches else branch.present
        return _Values(tuple(present), tuple(neutral))


def neutral_values(
    stage: Stage,
    values: np.ndarray,
    processed_weight: float = 0.0,
    inside_branches: bool = False,
) -> np.ndarray:
    """Return the values at which a chain does nothing, as far as its effects have such.

    Gains, ratios, wet and dry levels take the values that their primitive states as neutral;
    controls without one, such as frequencies and times, keep theirs, since they change nothing
    then. A mix with a clean branch becomes that branch alone; without one it keeps its weights.

    Args:
        stage: the chain
        values: (size,), physical
        processed_weight: of the branches beside a clean one
        inside_branches: whether effects inside the branches of a mix become neutral as well

    Returns:
        (size,), physical
    """
    visitor = _Neutral(processed_weight, inside_branches)
    return np.array(stage.visit(visitor, values).neutral, dtype=np.float64)


def neutral_candidate(candidate: Candidate) -> Candidate:
    """Return a chain to be fitted at values at which it does next to nothing.

    Values that are not free stay. Processed branches keep the weight `PROCESSED_WEIGHT`.
    """
    values = neutral_values(
        candidate.stage, candidate.values, PROCESSED_WEIGHT, inside_branches=True
    )
    return Candidate(
        candidate.stage, np.where(candidate.free, values, candidate.values), candidate.free
    )
