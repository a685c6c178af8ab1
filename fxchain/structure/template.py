"""A chain to be fitted, and what else may be found instead of it."""

from dataclasses import dataclass

import numpy as np

from fxchain.stage import Stage
from fxchain.structure.candidate import Candidate
from fxchain.structure.criterion import UNBOUNDED, Bounds


@dataclass(frozen=True)
class Template:
    """A chain to be fitted: its structure, and which of its values are free.

    Attributes:
        name: what the user called it
        stage: the structure
        values: (size,), physical; a fixed value, or where a free one starts
        free: (size,), bool
        locked: the user fixed a control, so a chain without it would not do
        started: the free values are a start the user gave (`--start`), not defaults
        response: a measured impulse response may follow the chain
        periodic: a measured filter that changes periodically may follow it
        moving: kinds of effects that move by themselves, one of which may be tried alone first
        cell: a recurrent cell may take its place
        bounds: how much there may be to the chain that is found
        grows: kinds of effects that chains may be grown of, beside it; none: no other chain will do
        polarity: +1 or -1, what a chain from nothing should have
        inverted: the `invert` at the end is not the user's; the recordings asked for it
    """

    name: str
    stage: Stage
    values: np.ndarray
    free: np.ndarray
    locked: bool = False
    started: bool = False
    response: bool = False
    periodic: bool = False
    moving: tuple[str, ...] = ()
    cell: bool = False
    bounds: Bounds = UNBOUNDED
    grows: tuple[str, ...] = ()
    polarity: int = 1
    inverted: bool = False

    @property
    def candidate(self) -> Candidate:
        """Return the chain as a search begins with it."""
        return Candidate(self.stage, np.array(self.values, dtype=np.float64), self.free)
