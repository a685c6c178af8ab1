"""The sweep and the click of a drum, by its waveform: what is noise is left over."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from fxchain.optim.base import Minimum
from fxchain.optim.budget import BudgetView
from fxchain.optim.second_order import LevenbergMarquardt
from fxchain.synth.drum.space import DrumSpace
from fxchain.synth.search.audio_error import AudioError
from fxchain.synth.search.heard import Heard
from fxchain.synth.search.waveform_objective import waveform_objective

#: Sweeps that are drawn; with so much of the recording from the hit on they are compared, and
#: descend, s.
DRAWN, COMPARED_SECONDS, DESCENT_SECONDS = 600, 0.1, 0.25
#: How many of the best of a round go on, and their steps.
ROUNDS = ((8, 4), (3, 10), (1, 30))
#: Draws after which the budget is asked.
_AT_ONCE = 50


def by_waveform(
    heard: Heard, level: float, budget: BudgetView, seed: int
) -> tuple[DrumSpace, np.ndarray]:
    """Return a drum of a sweep and a click, both of which begin with the hit.

    Args:
        heard: the hit
        level: amplitude that a weight of 1 stands for
        budget: how long; one round at least is begun
        seed: of the draws

    Returns:
        the space of the two sources, and where they are

    Source:
        Karnin, Koren and Somekh 2013 (sequential halving)
    """
    space = DrumSpace((("swept_sine", 0), ("click", 0)), level, seed)
    objective = waveform_objective(AudioError(_first(heard, DESCENT_SECONDS), space))
    compared, rng = _first(heard, COMPARED_SECONDS), np.random.default_rng((seed, 43))
    ends: list[Minimum] = []
    while not ends or not budget.over:
        cubes = _drawn(compared, space, budget, rng)[: ROUNDS[0][0]]
        losses = objective.losses(np.array(cubes))
        here = [Minimum(cube, float(loss)) for cube, loss in zip(cubes, losses, strict=True)]
        for count, steps in ROUNDS:
            descent = LevenbergMarquardt(steps, reuse_jacobian=True, phase="sweeps")
            for begun in sorted(here, key=lambda end: end.loss)[:count]:
                if budget.over:
                    break
                here.append(descent.minimize(objective, begun.cube, budget))
        ends.append(min(here, key=lambda end: end.loss))
    return space, min(ends, key=lambda end: end.loss).cube


def _first(heard: Heard, seconds: float) -> Heard:
    """Return the beginning of a recording."""
    return replace(heard, samples=heard.samples[: round(seconds * heard.sample_rate)])


def _drawn(
    heard: Heard, space: DrumSpace, budget: BudgetView, rng: np.random.Generator
) -> Sequence[np.ndarray]:
    """Return drawn sweeps with the weights that explain most of the waveform, the best first."""
    samples = heard.samples
    tried: list[tuple[float, np.ndarray]] = []
    budget.begin()
    for number in range(DRAWN):
        cube = rng.uniform(0.0, 1.0, len(space.specs))
        cube[space.weights] = (1.0, 0.0)
        played = space.play(np, cube, heard.notes, heard.sample_rate, len(samples))
        power = float(played @ played) + 1e-30
        weight = max(float(samples @ played), 0.0) / power
        cube[space.weights] = (min(weight, 1.0), 0.0)
        tried.append((-(weight**2) * power, cube))
        if number % _AT_ONCE == _AT_ONCE - 1:
            budget.step("sweeps", 1.0 + min(each[0] for each in tried) / float(samples @ samples))
            if budget.over:
                break
    tried.sort(key=lambda each: each[0])
    return [cube for _, cube in tried]
