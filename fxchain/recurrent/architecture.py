"""A recurrent network of one layer, as a training sees it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Architecture:
    """How a network is drawn, played and differentiated.

    Its weights are one vector: first those of the input, then all else that the state depends on,
    then those of the output, a weighted sum of the first values of the state and of the input.

    Attributes:
        inputs: how many weights the input has on its way to the state
        recurrent: how many numbers the state depends on
        states: how many values the state has
        size: how many numbers there are
        draw: returns weights (size,), float64, to begin with; the output is none at all
        resting: returns the state behind long silence, and what the network gives out then
        run_from: returns what it makes of audio (samples,) with weights (size,) from a state, what
            it gives out at rest not subtracted
        linearize: does so with the derivatives by the weights, see `sensitivities.linearize`
    """

    inputs: int
    recurrent: int
    states: int
    size: int
    draw: Callable[[np.random.Generator], np.ndarray]
    resting: Callable[[np.ndarray], tuple[np.ndarray, float]]
    run_from: Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
    linearize: Callable[..., Any]
