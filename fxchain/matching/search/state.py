"""The state of a search: immutable; a move makes a new one of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from fxchain.fir.impulse_response_fit import MeasuredResponse
from fxchain.matching.search.front import FrontPoint
from fxchain.matching.search.growth import Population
from fxchain.periodic.slow_movement import SlowMovement
from fxchain.structure.candidate import Candidate
from fxchain.structure.criterion import FLOOR


@dataclass(frozen=True)
class PlannedMove:
    """A move that is yet to be made.

    Attributes:
        name: of the move, see `schedule.MOVES`
        until: share of the budget at which it ends
        yields: it ends earlier where a spectral refinement is going to follow
        above: it is made only where the best leaves more than this, as an error-to-signal ratio
        below: … and not more than this, where it is given
        lasts: share of the budget that it may take at most
        growing: it is made only while growth alone is foretold to leave nothing that can be heard
            (True), or only where it is not (False); None: in either case
        unmeasured: it is not made where a stage of the best was measured
        steady: it searches among chains that do not move, and is not made where the best does
        begins: when it has taken this share of the budget, a generation of growth is ended but no
            further one is begun, except the first
        started: share of the budget that was used up when it was made first; None: not made yet
    """

    name: str
    until: float = 1.0
    yields: bool = False
    above: float = FLOOR
    below: float | None = None
    lasts: float = 1.0
    growing: bool | None = None
    unmeasured: bool = False
    steady: bool = False
    begins: float = 1.0
    started: float | None = None

    def begun(self, used: float) -> "PlannedMove":
        """Return it as it is made when a share of the budget is used up: where it is made once
        more, its first time counts."""
        started = used if self.started is None else self.started
        return replace(self, started=started, until=min(self.until, started + self.lasts))

    @property
    def begins_until(self) -> float:
        """Return the share of the budget behind which it begins nothing more."""
        return (self.started or 0.0) + self.begins


@dataclass(frozen=True)
class SearchState:
    """All that a search knows between two moves.

    Attributes:
        best: the candidate with the least error so far, None before the first was evaluated
        rng: state of the random numbers
        latency_shifts: for each recording, how many samples later than given its wet was found
        loudness_weighting: exponent of the loudness weighting, 0 (none) to 1
        response: the measured response at the end of the best, if there is one
        alone: a response that was solved for all of the device, at the latencies of the aligner
        response_seconds: how long it took to solve, s
        accepted: one (seconds, loss) for each candidate that was the best
        pruned: `path (kind)` of stages that were left out
        remaining: the moves yet to be made
        front: simpler and more accurate candidates, see `FrontPoint`
        population: the candidates of growth
        slow: movement of which less than a period was seen, so that it was refused
    """

    best: Candidate | None
    rng: Mapping[str, Any]
    latency_shifts: tuple[float, ...]
    loudness_weighting: float
    response: MeasuredResponse | None = None
    alone: MeasuredResponse | None = None
    response_seconds: float = 0.0
    accepted: tuple[tuple[float, float], ...] = ()
    pruned: tuple[str, ...] = ()
    remaining: tuple[PlannedMove, ...] = ()
    front: tuple[FrontPoint, ...] = ()
    population: Population = field(default_factory=Population)
    slow: SlowMovement | None = None

    def drawn(self, draw: Callable[[np.random.Generator], Any]) -> tuple["SearchState", Any]:
        """Return what is drawn from the random numbers, and the state behind it."""
        generator = np.random.default_rng()
        generator.bit_generator.state = dict(self.rng)
        found = draw(generator)
        return replace(self, rng=dict(generator.bit_generator.state)), found
