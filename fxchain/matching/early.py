"""The early descent: from far away to where the waveform error alone leads on.

It listens to a second, in which every knob can be heard and a step costs a fraction of
what it costs on the whole. Quiet bands count as much as loud ones at first, then less.
"""

import math
from dataclasses import dataclass
from functools import partial

import numpy as np

from fxchain.matching.excerpt import Excerpt
from fxchain.matching.joint import AnyObjective, make_objective
from fxchain.matching.leaning import leaning
from fxchain.matching.problem import Form
from fxchain.matching.space import Echoes, search_space, settle_steps
from fxchain.matching.start import tone_and_level
from fxchain.optim.gradient import adam
from fxchain.optim.lanes import Lane
from fxchain.optim.second_order import TOLERANCE, levenberg_marquardt

#: How much quiet bands count in the first descent and in the second.
STRENGTHS = (1.0, 0.5)
#: Most first-order steps, second-order steps of each weighted descent, and of the plain one.
FIRST, WEIGHTED, PLAIN = 10, 20, 20
#: The weighted descents and the plain one end when these shares of the budget are used up.
ENDS = (0.4, 0.65, 1.0)


@dataclass(frozen=True)
class Listening:
    """What a descent hears.

    Attributes:
        tiny: for descents from far away
        brief: for those that are nearly there, and for echoes and rooms
        sample_rate: Hz
        echoes: (samples, strength) of the echoes that deconvolution found
    """

    tiny: tuple[Excerpt, ...]
    brief: tuple[Excerpt, ...]
    sample_rate: int
    echoes: Echoes

    def objective(
        self, form: Form, excerpts: tuple[Excerpt, ...], weighting: float = 0.0
    ) -> AnyObjective:
        """Return the error of a chain on excerpts."""
        return make_objective(
            form.stage, form.values, form.free, excerpts, self.sample_rate, weighting
        )


@dataclass(frozen=True)
class Place:
    """A chain, and where a search of it begins or has come to.

    Attributes:
        form: the chain
        cube: (dimension,)
        seed: of the random numbers of a search that begins here and draws some
    """

    form: Form
    cube: np.ndarray
    seed: int = 0


def starts(objective: AnyObjective, cube: np.ndarray, excerpt: Excerpt) -> list[np.ndarray]:
    """Return a first guess, and another with tone and level in closed form.

    Args:
        objective: knows the chain
        cube: (dimension,), the guess
        excerpt: whose spectra are compared
    """
    toned = tone_and_level(
        objective.stage, objective.values(cube), objective.free, excerpt, objective.sample_rate
    )
    other = objective.cube(toned)
    return [cube] if np.array_equal(cube, other) else [cube, other]


def descend_early(
    start: Place, listening: Listening, lane: Lane, hopeless: float = math.inf
) -> Place:
    """Descend from a start by gradients and evolution in turn.

    Args:
        start: the chain and the first guess
        listening: what is compared
        lane: the budget
        hopeless: it ends early where the chain leaves more with quiet bands counting more

    Returns:
        where it has come to
    """
    cube, rng = start.cube, np.random.default_rng(start.seed)
    hear = partial(listening.objective, start.form)
    for turn, strength in enumerate(STRENGTHS):
        objective, part = hear(listening.tiny, strength), lane.share(ENDS[turn])
        if turn == 0:
            cube = adam(objective, cube, objective.seen_by_autograd(), part, steps=FIRST)
        leant = leaning(objective, start.cube, cube)
        cube = levenberg_marquardt(
            leant, cube, objective.visible(), part, steps=WEIGHTED, bold=turn > 0
        ).cube
        cube = search_space(
            hear(listening.brief), cube, part, rng, turn, listening.echoes if turn == 0 else ()
        )
        if objective.losses(cube[None])[0] > hopeless:
            return Place(start.form, cube)
    plain = hear(listening.brief)
    end = levenberg_marquardt(plain, cube, plain.visible(), lane, steps=PLAIN, bold=True)
    return Place(start.form, settle_steps(plain, end.cube, end.loss)[0])


def descend(
    start: Place,
    objective: AnyObjective,
    steps: int,
    phase: str,
    lane: Lane,
    tolerance: float = TOLERANCE,
) -> Place:
    """Go on from a place that is nearly there by at most so many second-order steps."""
    end = levenberg_marquardt(
        objective,
        start.cube,
        objective.visible(),
        lane,
        steps=steps,
        tolerance=tolerance,
        bold=True,
        phase=phase,
    )
    return Place(start.form, end.cube)
