"""A recurrent network behind long silence, with its derivatives."""

from dataclasses import dataclass

import numpy as np

from fxchain.recurrent.architecture import Architecture
from fxchain.recurrent.recurrence import RESTING_SAMPLES


@dataclass(frozen=True, eq=False)
class Rest:
    """A network behind long silence.

    Attributes:
        state: (states,)
        slopes: (states, recurrent), derivatives of the state by the weights
        level: what the network gives out
        level_slopes: (size,), its derivatives
    """

    state: np.ndarray
    slopes: np.ndarray
    level: float
    level_slopes: np.ndarray


def linearize_rest(network: Architecture, weights: np.ndarray) -> Rest:
    """Return a network with weights (size,), float32, behind long silence."""
    silence = np.zeros(RESTING_SAMPLES, np.float32)
    state = np.zeros(network.states, np.float32)
    slopes = np.zeros((network.states, network.recurrent), np.float32)
    out = np.empty_like(silence)
    jacobian = np.empty((len(silence), network.size), np.float32)
    network.linearize(silence, weights, state, slopes, out, jacobian)
    return Rest(state, slopes, float(out[-1]), jacobian[-1].copy())
