"""What a chain costs: its error and how many knobs and stages it has, as one figure.

    price = ln(E + FLOOR) + KNOB·knobs + STAGE·stages

A further knob pays when it lowers the error E by the factor exp(KNOB) at least. Below `FLOOR` an
error counts as none, so that what only rounding tells apart does not decide.

Source:
    a description length, as the information criteria have: the logarithm of the error plus a
    constant for each parameter (Akaike 1974, Schwarz 1978). The constants do not follow from a
    number of samples there, since what is left unexplained of a device is no white noise: they are
    chosen, and `benchmarks/price.py` shows what others would choose on drawn chains.
"""

import math
from dataclasses import dataclass

import numpy as np

from fxchain.errors import MatchError
from fxchain.stage import Effect, Stage
from fxchain.stage.identity import stages_by_path
from fxchain.structure.candidate import Candidate

#: What a knob and a stage must lower the logarithm of the error by.
KNOB, STAGE = 0.01, 0.01
#: An error-to-signal ratio below this is inaudible, and differences below it decide nothing. So
#: much the rounding of pedalboard's filters makes alone where they are at low frequencies: up to
#: 1.4e-7 in 95 of 100 drawn chains (`benchmarks/rounding.py`).
FLOOR = 1e-7
#: One that is just audible.
AUDIBLE = 1e-5


@dataclass(frozen=True, order=True)
class Complexity:
    """How much there is to a chain.

    Attributes:
        knobs: values that may move
        stages: effects
        measured: those of them that play what was measured or recorded, which cannot be read
    """

    knobs: int
    stages: int
    measured: int = 0


@dataclass(frozen=True)
class Bounds:
    """How much there may be to a chain.

    Attributes:
        knobs: at most so many; None: any number
        stages: likewise
        measured: stages may play what was measured or recorded
    """

    knobs: int | None = None
    stages: int | None = None
    measured: bool = True

    def __str__(self) -> str:
        """Return the bounds as options: `--knobs 8`."""
        pairs = (("--knobs", self.knobs), ("--stages", self.stages))
        words = [f"{name} {most}" for name, most in pairs if most is not None]
        return " ".join([*words, *([] if self.measured else ["--only-knobs"])])

    def check(self) -> None:
        """Refuse what no chain can be within.

        Raises:
            MatchError: naming the option.
        """
        for name, most in (("--knobs", self.knobs), ("--stages", self.stages)):
            if most is not None and most < 0:
                raise MatchError(f"{name} {most}: give 0 or more")

    def admit(self, of: Complexity) -> bool:
        """Tell whether a chain is within."""
        pairs = ((of.knobs, self.knobs), (of.stages, self.stages))
        few = all(most is None or count <= most for count, most in pairs)
        return few and (self.measured or not of.measured)


UNBOUNDED = Bounds()


def complexity(candidate: Candidate) -> Complexity:
    """Return how many knobs and stages a candidate has; values that the user gave do not count."""
    stage = candidate.stage
    return Complexity(
        int(np.count_nonzero(candidate.free)), stage_count(stage), measured_count(stage)
    )


def stage_count(stage: Stage) -> int:
    """Return how many effects there are in a stage."""
    return sum(isinstance(each, Effect) for _, each in stages_by_path(stage))


def measured_count(stage: Stage) -> int:
    """Return how many effects of a stage play what was measured or recorded."""
    return sum(isinstance(each, Effect) and bool(each.assets) for _, each in stages_by_path(stage))


def price(error: float, of: Complexity) -> float:
    """Return what a chain costs.

    Args:
        error: error-to-signal ratio
        of: the chain's complexity
    """
    return math.log(max(error, 0.0) + FLOOR) + KNOB * of.knobs + STAGE * of.stages


def price_of(candidate: Candidate) -> float:
    """Return what an evaluated candidate costs; infinitely much where it was not evaluated."""
    if candidate.loss is None:
        return math.inf
    return price(candidate.loss, complexity(candidate))
