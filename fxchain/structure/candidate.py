"""A structure with its values."""

from dataclasses import dataclass

import numpy as np

from fxchain.stage import Stage


@dataclass(frozen=True)
class Candidate:
    """A chain's structure with the values it holds and which of them are free.

    Attributes:
        stage: the structure
        values: (size,), physical
        free: (size,), bool
    """

    stage: Stage
    values: np.ndarray
    free: np.ndarray
