"""A chain to be fitted, and what may join or replace it."""

import math
from dataclasses import dataclass

import numpy as np

from fxchain.stage import Stage
from fxchain.structure.candidate import Candidate
from fxchain.structure.criterion import UNBOUNDED, Bounds


@dataclass(frozen=True)
class InsertionTemplate:
    """What may be inserted into a chain.

    Attributes:
        drive: a stage with a nonlinearity
        tone: filters between it and the drives of the chain
    """

    drive: Candidate
    tone: Candidate


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
        waveshaper: the drive may become one with a bias, which has no pedalboard twin
        response: a measured impulse response may follow the chain
        alternatives: other chains, tried in turn where those before leave much unexplained
        insertion: what may join the chain where it explains too little; None: nothing
        bounds: how much there may be to the chain that is found
        grows: kinds of effects that a chain may be grown of, from nothing; none: it is not grown
        polarity: +1 or -1, what a chain from nothing should have
    """

    name: str
    stage: Stage
    values: np.ndarray
    free: np.ndarray
    locked: bool = False
    started: bool = False
    waveshaper: bool = False
    response: bool = False
    alternatives: "tuple[Alternative, ...]" = ()
    insertion: InsertionTemplate | None = None
    bounds: Bounds = UNBOUNDED
    grows: tuple[str, ...] = ()
    polarity: int = 1

    @property
    def candidate(self) -> Candidate:
        """Return the chain as a search begins with it."""
        return Candidate(self.stage, np.array(self.values, dtype=np.float64), self.free)


@dataclass(frozen=True)
class Alternative:
    """Another chain.

    Attributes:
        template: the chain
        worth: it is tried where the best so far leaves more than this loss …
        hopeless: … and less than this
        until: share of the budget that it may use up
    """

    template: Template
    worth: float
    hopeless: float = math.inf
    until: float = 0.5
