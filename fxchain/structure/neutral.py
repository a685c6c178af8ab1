"""Values at which a chain does nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fxchain.stage import Effect
from fxchain.structure.candidate import Candidate

#: A driven branch beside a clean one starts with this weight when a chain is made neutral.
HARDLY_DRIVEN = 0.1


@dataclass(frozen=True)
class _Neutral:
    """Finds the values at which a stage does nothing; it is visited with the present ones."""

    def effect(self, effect: Effect, values: np.ndarray, path: str) -> list[float]:
        """Return the effect's neutral values, the present ones where it has none."""
        neutral = effect.primitive.neutral or {}
        specs = effect.primitive.parameters
        pairs = zip(specs, values, strict=True)
        return [float(neutral.get(spec.name, value)) for spec, value in pairs]

    def chain(self, stages: Sequence[list[float]], path: str) -> list[float]:
        """Return those of all stages."""
        return [value for stage in stages for value in stage]

    def mix(self, branches: Sequence[tuple[float, list[float]]], path: str) -> list[float]:
        """Return the clean branch at full weight and the others at hardly any."""
        clean = sum(not values for _, values in branches)
        weights = [
            weight if not clean else HARDLY_DRIVEN if values else 1.0 / clean
            for weight, values in branches
        ]
        pairs = zip(weights, branches, strict=True)
        return [value for weight, (_, values) in pairs for value in (weight, *values)]


def neutral_candidate(form: Candidate) -> Candidate:
    """Return the chain at values at which it does next to nothing; what is not free stays."""
    values = np.array(form.stage.visit(_Neutral(), form.values), dtype=np.float64)
    return Candidate(form.stage, np.where(form.free, values, form.values), form.free)
