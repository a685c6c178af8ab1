"""A candidate of a search: a structure with its values."""

from dataclasses import dataclass, replace

import numpy as np

from fxchain.stage import Stage, with_ids


@dataclass(frozen=True, eq=False)
class Candidate:
    """A chain, its values, and which of them a search may move.

    Attributes:
        stage: the structure; stages without an id get one
        values: (size,), physical
        free: (size,), bool
        loss: its error where that was evaluated, else None
        latency_shifts: for each recording, how many samples later than given its wet is with this
            chain, where the chain was fitted together with that; empty: no later
    """

    stage: Stage
    values: np.ndarray
    free: np.ndarray
    loss: float | None = None
    latency_shifts: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "stage", with_ids(self.stage))

    def at(self, values: np.ndarray, loss: float | None = None) -> "Candidate":
        """Return the same structure with other values (size,) and their loss."""
        return replace(self, values=values, loss=loss)
