"""A search that goes on from a minimum: jump, descend, keep what is better, again."""

from functools import partial

import numpy as np

from fxchain.matching.search.perturbations import (
    perturb_bands,
    reset_equalizer,
    restart_except_delay_reverb,
)
from fxchain.matching.search.training_excerpts import TrainingExcerpts
from fxchain.objectives.parameter_penalty import with_penalty
from fxchain.optim.parallel import BudgetShare
from fxchain.optim.second_order import levenberg_marquardt
from fxchain.structure.search_point import SearchPoint

#: Most second-order steps of each descent after a jump, and after a far one.
STEPS, FAR_STEPS = 8, 20
#: Where more is left than this, half of the jumps are far ones.
ASTRAY = 1e-4
#: A jump that is so much worse than its start after a descent is given up.
HOPELESS = 20.0


def hop_basins(
    start: SearchPoint, listening: TrainingExcerpts, perfect: float, share: BudgetShare
) -> SearchPoint:
    """Jump from the best place so far, descend, and keep what is better, until the lane ends.

    Half of the jumps set a few bands anew and go on with quiet bands counting somewhat more; half
    make an equalizer flat and go on with every band counting alike. Where much is left, others
    begin anew with everything but echoes and rooms, and bands pay for leaving their place. All end
    with the plain error.

    Args:
        start: the chain and where it is
        listening: what is compared
        perfect: a plain loss at which it ends
        lane: the budget

    Returns:
        the best place by the plain error
    """
    rng = np.random.default_rng(start.seed)
    hear = partial(listening.objective, start.form)
    plain, some, all_alike = (
        hear(listening.brief),
        hear(listening.tiny, 0.5),
        hear(listening.tiny, 1.0),
    )
    best, loss = start.cube, float(plain.losses(start.cube[None])[0])
    while not share.over and loss > perfect:
        taken, far = share.taken, loss > ASTRAY and rng.random() < 0.5
        if far:
            cube, path = restart_except_delay_reverb(plain, best, rng), [all_alike, some, plain]
        elif rng.random() < 0.5:
            cube, path = perturb_bands(plain, best, rng), [some, plain]
        else:
            cube, path = reset_equalizer(plain, best, rng), [all_alike, some, plain]
        rest = cube
        for objective in path:
            end = levenberg_marquardt(
                with_penalty(objective, rest, cube)
                if far and objective is not plain
                else objective,
                cube,
                objective.jacobian_indices(),
                share,
                steps=FAR_STEPS if far else STEPS,
                bold=objective is not all_alike,
                phase="jump",
            )
            cube = end.cube
            if end.loss > HOPELESS * float(objective.losses(best[None])[0]):
                break
        else:
            if end.loss < loss:
                best, loss = cube, end.loss
        if share.taken == taken:  # nowhere led downhill
            share.step("jump", loss)
    return SearchPoint(start.form, best)
