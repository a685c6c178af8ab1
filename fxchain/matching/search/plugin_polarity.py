"""Whether a chain of plug-ins needs the inversion behind it.

The polarity of the wet against the dry may be the doing of a plug-in, which none of its settings
tells. With o what the chain makes of the dry, y the wet, and the errors L₊ = ‖o − y‖²/‖y‖² and
L₋ = ‖o + y‖²/‖y‖² without the inversion and with it, the correlation of o and y is

    c = ¼·(L₋ − L₊) / √(½·(L₋ + L₊) − 1),

whatever the level of o is. The setting with the largest |c| of some that are drawn decides; it may
be a filter's as well, whose phase is turned so far that the alignment takes it for an inversion.
"""

from collections.abc import Callable

import numpy as np

from fxchain.objectives.mean_error import AnyObjective
from fxchain.primitives import get_primitive
from fxchain.stage import Effect
from fxchain.structure.candidate import Candidate
from fxchain.structure.series import top_stages, with_top_stages

_INVERT = get_primitive("invert")
#: Settings that are drawn.
DRAWN = 24
#: The least power of o against that of y: the rounding of single precision hides what is less.
LEAST_POWER = 1e-6


def without_needless_inversion(
    candidate: Candidate, make_error: Callable[[Candidate], AnyObjective], seed: int
) -> Candidate:
    """Return a chain without the inversion at its end where it is nearer to the wet without.

    Args:
        candidate: the chain
        make_error: gives the error of a candidate
        seed: of the random numbers
    """
    stages = top_stages(candidate.stage)
    last = stages[-1] if stages else None
    if not (isinstance(last, Effect) and last.primitive is _INVERT):
        return candidate
    plain = Candidate(
        with_top_stages(candidate.stage, stages[:-1]), candidate.values, candidate.free
    )
    rng = np.random.default_rng(seed)
    objectives = [make_error(each) for each in (plain, candidate)]
    cubes = np.tile(objectives[0].cube(candidate.values), (DRAWN, 1))
    cubes[1:] = rng.uniform(size=cubes[1:].shape)
    pairs = np.stack([each.losses(cubes) for each in objectives])
    upright, inverted = pairs[:, np.isfinite(pairs).all(axis=0)]
    if not len(upright):
        return candidate
    power = np.maximum(0.5 * (upright + inverted) - 1.0, LEAST_POWER)
    correlation = 0.25 * (inverted - upright) / np.sqrt(power)
    return plain if correlation[np.argmax(np.abs(correlation))] > 0.0 else candidate
