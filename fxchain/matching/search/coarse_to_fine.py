"""The early descent: from far away to where the waveform error alone leads on.

It listens to a second, in which every knob can be heard and a step costs a fraction of
what it costs on the whole. Quiet bands count as much as loud ones at first, then less.
"""

import math
from functools import partial

import numpy as np

from fxchain.matching.search.closed_form_start import tone_and_level
from fxchain.matching.search.delay_reverb_evolution import (
    evolve_delay_reverb,
    refine_delay_samples,
)
from fxchain.matching.search.training_excerpts import TrainingExcerpts
from fxchain.objectives.excerpt import Excerpt
from fxchain.objectives.mean_error import AnyObjective
from fxchain.objectives.parameter_penalty import with_penalty
from fxchain.optim.gradient import adam
from fxchain.optim.parallel import BudgetShare
from fxchain.optim.second_order import TOLERANCE, levenberg_marquardt
from fxchain.structure.search_point import SearchPoint

#: How much quiet bands count in the first descent and in the second.
STRENGTHS = (1.0, 0.5)
#: Most first-order steps, second-order steps of each weighted descent, and of the plain one.
FIRST, WEIGHTED, PLAIN = 10, 20, 20
#: The weighted descents and the plain one end when these shares of the budget are used up.
ENDS = (0.4, 0.65, 1.0)


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


def descend_coarse_to_fine(
    start: SearchPoint, listening: TrainingExcerpts, share: BudgetShare, hopeless: float = math.inf
) -> SearchPoint:
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
        objective, part = hear(listening.tiny, strength), share.portion(ENDS[turn])
        if turn == 0:
            cube = adam(objective, cube, objective.autograd_indices(), part, steps=FIRST)
        leant = with_penalty(objective, start.cube, cube)
        cube = levenberg_marquardt(
            leant, cube, objective.jacobian_indices(), part, steps=WEIGHTED, bold=turn > 0
        ).cube
        cube = evolve_delay_reverb(
            hear(listening.brief), cube, part, rng, turn, listening.echoes if turn == 0 else ()
        )
        if objective.losses(cube[None])[0] > hopeless:
            return SearchPoint(start.form, cube)
    plain = hear(listening.brief)
    end = levenberg_marquardt(plain, cube, plain.jacobian_indices(), share, steps=PLAIN, bold=True)
    return SearchPoint(start.form, refine_delay_samples(plain, end.cube, end.loss)[0])


def descend(
    start: SearchPoint,
    objective: AnyObjective,
    steps: int,
    phase: str,
    share: BudgetShare,
    tolerance: float = TOLERANCE,
) -> SearchPoint:
    """Go on from a place that is nearly there by at most so many second-order steps."""
    end = levenberg_marquardt(
        objective,
        start.cube,
        objective.jacobian_indices(),
        share,
        steps=steps,
        tolerance=tolerance,
        bold=True,
        phase=phase,
    )
    return SearchPoint(start.form, end.cube)
