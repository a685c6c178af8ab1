"""The sweep and the click of a drum, by its whitened waveform: what is noise is left over."""

from collections.abc import Sequence

import numpy as np

from fxchain.optim.base import Minimum
from fxchain.optim.budget import BudgetView
from fxchain.optim.second_order import LevenbergMarquardt
from fxchain.synth.drum.space import DrumSpace
from fxchain.synth.search.audio_error import AudioError
from fxchain.synth.search.heard import Heard
from fxchain.synth.search.least_squares import ResidualObjective

#: Sweeps that are drawn and compared with so much of the recording from the hit on, s.
DRAWN, COMPARED_SECONDS = 1_500, 0.15
#: How many of the best go on, and their steps.
ROUNDS = ((12, 4), (4, 8), (1, 25))
#: The power is averaged from a frequency over this to one times this, and floored at this share.
HALF_WIDTH, FLOOR = 2.0**0.25, 1e-6
#: Draws after which the budget is asked.
_AT_ONCE = 50


def by_waveform(
    heard: Heard, level: float, budget: BudgetView, seed: int
) -> tuple[DrumSpace, np.ndarray]:
    """Return a drum of a sweep and a click, both of which begin with the hit.

    Args:
        heard: the hit
        level: amplitude that a weight of 1 stands for
        budget: how long; the rounds that fit
        seed: of the draws

    Returns:
        the space of the two sources, and where they are

    Source:
        Karnin, Koren and Somekh 2013 (sequential halving); least squares weighted by the inverse
        of the power density, as for coloured noise (Aitken 1935)
    """
    space = DrumSpace((("swept_sine", 0), ("click", 0)), level, seed)
    error, gain = AudioError(heard, space), whitening(heard.samples)
    norm = float(np.linalg.norm(heard.samples))
    objective = ResidualObjective(
        lambda cube: norm * whitened(error.waveform(cube), gain), np.arange(len(space.specs))
    )
    cubes = _drawn(heard, space, budget, seed)
    losses = objective.losses(np.array(cubes[: ROUNDS[0][0]]))
    ends = [Minimum(cube, float(loss)) for cube, loss in zip(cubes, losses, strict=False)]
    for count, steps in ROUNDS:
        descent = LevenbergMarquardt(steps, reuse_jacobian=True, phase="sweeps")
        best = sorted(ends, key=lambda end: end.loss)[:count]
        for end in best:
            if budget.over:
                break
            ends.append(descent.minimize(objective, end.cube, budget))
    return space, min(ends, key=lambda end: end.loss).cube


def whitening(samples: np.ndarray) -> np.ndarray:
    """Return for each frequency one over the root of the power of (samples,) within half an octave,
    (frequencies,), so that they are whitened to a norm of 1."""
    power = np.square(np.abs(np.fft.rfft(samples)))
    bins = np.arange(len(power))
    first = np.floor(bins / HALF_WIDTH).astype(int)
    last = np.minimum(np.ceil(bins * HALF_WIDTH).astype(int), len(power) - 1) + 1
    sums = np.concatenate([[0.0], np.cumsum(power)])
    mean = (sums[last] - sums[first]) / (last - first)
    gain: np.ndarray = (mean + FLOOR * power.max()) ** -0.5
    return gain / (float(np.linalg.norm(whitened(samples, gain))) + 1e-30)


def whitened(samples: np.ndarray, gain: np.ndarray) -> np.ndarray:
    """Return (samples,) with a gain for each frequency."""
    found: np.ndarray = np.fft.irfft(np.fft.rfft(samples) * gain, len(samples))
    return found


def _drawn(heard: Heard, space: DrumSpace, budget: BudgetView, seed: int) -> Sequence[np.ndarray]:
    """Return drawn sweeps with the weights that explain most of the waveform, the best first."""
    rng = np.random.default_rng((seed, 43))
    samples = heard.samples[: round(COMPARED_SECONDS * heard.sample_rate)]
    gain = whitening(samples)
    target = whitened(samples, gain)
    tried: list[tuple[float, np.ndarray]] = []
    budget.begin()
    for number in range(DRAWN):
        cube = rng.uniform(0.0, 1.0, len(space.specs))
        cube[space.weights] = (1.0, 0.0)
        played = space.play(np, cube, heard.notes, heard.sample_rate, len(samples))
        played = whitened(played, gain)
        power = float(played @ played) + 1e-30
        weight = max(float(target @ played), 0.0) / power
        cube[space.weights] = (min(weight, 1.0), 0.0)
        tried.append((-(weight**2) * power, cube))
        if number % _AT_ONCE == _AT_ONCE - 1:
            budget.step("sweeps", 1.0 + min(each[0] for each in tried))
            if budget.over:
                break
    tried.sort(key=lambda each: each[0])
    return [cube for _, cube in tried]
