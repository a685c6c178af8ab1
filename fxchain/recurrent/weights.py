"""The numbers of a gated recurrent cell, as one vector."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np


@dataclass(frozen=True)
class Layout:
    """Where the numbers of a cell stand in its vector of weights.

    With H units, input u, state h, s(x) = 1 / (1 + exp(−x)), and the gates z, r of a candidate n,

        z = s(wz·u + Uz·h + bz)    r = s(wr·u + Ur·h + br)
        n = tanh(wn·u + bn + r ∘ (Un·h + cn))
        h ← (1 − z) ∘ n + z ∘ h
        y = v·h + d·u − y₀, y₀ what silence leaves

    the vector is wz wr wn (3H), Uz Ur Un (3H², row by row), bz br bn (3H), cn (H), v (H), d (1).

    Attributes:
        units: H

    Source:
        Cho et al., "Learning phrase representations using RNN encoder-decoder", 2014, with the
        gate r applied behind Un·h, as cuDNN and PyTorch have it.
    """

    units: int

    @cached_property
    def recurrent(self) -> int:
        """Return how many numbers the state depends on."""
        return 3 * self.units * self.units + 7 * self.units

    @cached_property
    def size(self) -> int:
        """Return how many numbers there are."""
        return self.recurrent + self.units + 1

    @classmethod
    def of_size(cls, size: int) -> "Layout":
        """Return the layout of so many numbers.

        Raises:
            ValueError: no cell has so many.
        """
        units = round((math.sqrt(64.0 + 12.0 * (size - 1)) - 8.0) / 6.0) if size > 0 else 0
        found = cls(units)
        if units < 1 or found.size != size:
            raise ValueError(f"no recurrent cell has {size} numbers")
        return found


def drawn_weights(layout: Layout, rng: np.random.Generator) -> np.ndarray:
    """Return weights (size,) to begin a training with; the output is none at all.

    Weights of the input and of the state are normal, scaled by the number of units; the update
    gates are spread from fast to slow states.
    """
    units = layout.units
    weights = np.zeros(layout.size)
    weights[: 3 * units] = rng.normal(0.0, 1.0, 3 * units)
    state = rng.normal(0.0, 0.5 / math.sqrt(units), 3 * units * units)
    weights[3 * units : 3 * units + 3 * units * units] = state
    biases = 3 * units + 3 * units * units
    weights[biases : biases + units] = np.linspace(-2.0, 3.0, units)
    weights[biases + 2 * units : biases + 3 * units] = rng.normal(0.0, 0.1, units)
    return weights
