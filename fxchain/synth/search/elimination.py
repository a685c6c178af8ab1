"""Sources that are not needed are left out."""

from dataclasses import replace

import numpy as np

from fxchain.optim.budget import BudgetView
from fxchain.optim.second_order import LevenbergMarquardt
from fxchain.synth.search.audio_error import AVERAGED_OVERLAP, BANDS_OVERLAP, AudioError
from fxchain.synth.search.joint import Joint, by_distance
from fxchain.synth.search.least_squares import ResidualObjective
from fxchain.synth.search.moments import Moments
from fxchain.synth.search.significance import growth_by_chance
from fxchain.synth.search.waveform_objective import waveform_objective
from fxchain.synth.search.waveform_start import solved_anew

#: An error may grow by as much as cannot be heard: that of the waveform to −60 dB, that of bands by
#: 0.05 dB.
INAUDIBLE_ESR, INAUDIBLE_DB = 1e-6, 0.05
#: Steps after each, and where they are quick.
STEPS, QUICK_STEPS = 4, 16


def eliminate(
    error: AudioError, cube: np.ndarray, budget: BudgetView, locked: bool
) -> tuple[AudioError, np.ndarray]:
    """Leave out one source after the other, the quietest first, where the rest makes up for it.

    Where the rest as it is does not, the other knobs follow by a few second-order steps; where the
    waveform is known at moments, from the remaining sources in closed form too.

    Args:
        error: of what is played
        cube: the voice
        budget: how long
        locked: the waveform counts too

    Returns:
        the error in the space of the sources that are left, and the voice in it
    """
    for name in np.array(error.space.sources, dtype=object)[np.argsort(cube[error.space.weights])]:
        sources = error.space.sources
        if budget.over or len(sources) == 1:
            break
        kept = [each != tuple(name) for each in sources]
        space, start = error.space.without(cube, kept)
        smaller = replace(error, space=space)
        if _no_worse(error, cube, smaller, start, locked):
            error, cube = smaller, start
            continue
        objective = _objective(smaller, start, locked)
        steps = QUICK_STEPS if isinstance(objective, Moments) else STEPS
        descent = LevenbergMarquardt(steps, reuse_jacobian=True, phase="elimination")
        for begun in solved_anew(objective, start):
            found = descent.minimize(objective, begun, budget).cube
            if _no_worse(error, cube, smaller, found, locked):
                error, cube = smaller, found
                break
            if budget.over:
                break
    return error, cube


def _no_worse(
    before: AudioError, cube: np.ndarray, after: AudioError, found: np.ndarray, locked: bool
) -> bool:
    """Tell whether a smaller voice is as good: no error grows by more than by chance.

    Args:
        before: of the voice with the source
        cube: that voice
        after: of the voice without it
        found: that voice
        locked: the waveform counts too
    """
    errors = [
        (AudioError.pooled_bands, AVERAGED_OVERLAP, INAUDIBLE_DB),
        (AudioError.bands, BANDS_OVERLAP, INAUDIBLE_DB),
        (AudioError.waveform, 1.0, INAUDIBLE_ESR**0.5),
    ]
    for error, overlap, inaudible in errors if locked else errors[:2]:
        residual, other = error(before, cube), error(after, found)
        growth = growth_by_chance(len(cube) - len(found), residual, overlap)
        if np.linalg.norm(other) > growth**0.5 * np.linalg.norm(residual) + inaudible:
            return False
    return True


def _objective(
    error: AudioError, cube: np.ndarray, locked: bool
) -> ResidualObjective | Moments | Joint:
    """Return what is descended: where the waveform counts, it; of a drum its bands as well, because
    the noise that is left follows by these alone."""
    if not locked:
        return ResidualObjective(error.bands, np.arange(len(cube)))
    return waveform_objective(error) if error.space.harmonic else by_distance(error, cube)
