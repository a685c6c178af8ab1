"""The descent from a start that is far away to where the plain waveform error leads on.

Two rounds compare one second, in which every knob has an effect and a step costs a fraction of what
it costs on the whole; a third compares a little more, unweighted:

    round 1    spectral weighting 1: Adam, penalised second-order steps, evolution of delay, reverb
    round 2    spectral weighting ½: penalised second-order steps, evolution with less spread
    round 3    the plain error: second-order steps, delays by the sample

The spectral weighting lets quiet bands count as loud ones (1) or in between (½).
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from fxchain.matching.search.closed_form_start import tone_and_level
from fxchain.matching.search.delay_reverb_evolution import DelayReverbEvolution, DelaySamples
from fxchain.matching.search.training_excerpts import (
    CandidateErrors,
    SearchPoint,
    TrainingExcerpts,
)
from fxchain.objectives.excerpt import Excerpt
from fxchain.objectives.mean_error import AnyObjective
from fxchain.objectives.parameter_penalty import PenalizedError, with_penalty
from fxchain.optim.alternating import Alternating, Round, Step
from fxchain.optim.gradient import Adam
from fxchain.optim.parallel import BudgetShare
from fxchain.optim.second_order import LevenbergMarquardt

#: The spectral weighting of the first round and of the second.
WEIGHTINGS = (1.0, 0.5)
#: Most first-order steps, second-order steps of each weighted round, and of the plain one.
FIRST, WEIGHTED, PLAIN = 10, 20, 20
#: The rounds end when these shares of the budget are used up.
ENDS = (0.4, 0.65, 1.0)


def start_cubes(objective: AnyObjective, cube: np.ndarray, excerpt: Excerpt) -> list[np.ndarray]:
    """Return a first guess, and another with tone and level in closed form.

    Args:
        objective: of the chain
        cube: (dimension,), the guess
        excerpt: whose spectra are compared
    """
    toned = tone_and_level(
        objective.stage, objective.values(cube), objective.free, excerpt, objective.sample_rate
    )
    other = objective.cube(toned)
    return [cube] if np.array_equal(cube, other) else [cube, other]


def descend_coarse_to_fine(
    start: SearchPoint, excerpts: TrainingExcerpts, share: BudgetShare
) -> SearchPoint:
    """Descend from a start by gradients and evolution in turns.

    Args:
        start: the chain and the first guess
        excerpts: what is compared
        share: the budget

    Returns:
        where it has come to
    """
    loop = Alternating(_rounds(start, excerpts))
    errors = CandidateErrors(start.candidate, excerpts)
    return SearchPoint(start.candidate, loop.minimize(errors, start.cube, share).cube)


def _rounds(start: SearchPoint, excerpts: TrainingExcerpts) -> tuple[Round, ...]:
    first, second = WEIGHTINGS
    rng = np.random.default_rng(start.seed)
    return (
        Round(
            (
                Step(Adam(FIRST), _weighted(first)),
                Step(LevenbergMarquardt(WEIGHTED), _penalized(first, start.cube)),
                Step(DelayReverbEvolution(rng, 0, excerpts.echoes), _plain),
            ),
            ENDS[0],
        ),
        Round(
            (
                Step(
                    LevenbergMarquardt(WEIGHTED, reuse_jacobian=True),
                    _penalized(second, start.cube),
                ),
                Step(DelayReverbEvolution(rng, 1), _plain),
            ),
            ENDS[1],
        ),
        Round(
            (
                Step(LevenbergMarquardt(PLAIN, reuse_jacobian=True), _plain),
                Step(DelaySamples(), _plain),
            ),
            ENDS[2],
        ),
    )


def _plain(errors: CandidateErrors, cube: np.ndarray) -> AnyObjective:
    return errors.brief()


def _weighted(weighting: float) -> Callable[[Any, np.ndarray], AnyObjective]:
    def error(errors: CandidateErrors, cube: np.ndarray) -> AnyObjective:
        return errors.tiny(weighting)

    return error


def _penalized(
    weighting: float, unpenalized: np.ndarray
) -> Callable[[Any, np.ndarray], PenalizedError]:
    def error(errors: CandidateErrors, cube: np.ndarray) -> PenalizedError:
        return with_penalty(errors.tiny(weighting), unpenalized, cube)

    return error
