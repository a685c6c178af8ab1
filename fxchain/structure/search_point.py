"""A candidate and a position of its free values."""

from dataclasses import dataclass

import numpy as np

from fxchain.structure.candidate import Candidate


@dataclass(frozen=True)
class SearchPoint:
    """A chain, and where a search of it begins or has come to.

    Attributes:
        form: the chain
        cube: (dimension,)
        seed: of the random numbers of a search that begins here and draws some
    """

    form: Candidate
    cube: np.ndarray
    seed: int = 0
