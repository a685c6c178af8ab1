"""Effects behind a voice that are not needed are left out."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from fxchain.optim.budget import BudgetView
from fxchain.optim.second_order import LevenbergMarquardt
from fxchain.synth.instrument.space import InstrumentSpace
from fxchain.synth.search.audio_error import AudioError
from fxchain.synth.search.elimination import INAUDIBLE_DB
from fxchain.synth.search.least_squares import ResidualObjective
from fxchain.synth.search.moments import Moments
from fxchain.synth.search.refining import with_noise
from fxchain.synth.search.space import Space
from fxchain.synth.search.waveform_objective import waveform_objective
from fxchain.synth.search.waveform_start import EXPLAINED

#: An effect is needed where without it the logarithms of the two errors are larger by this
#: together: one of them by a tenth of its amplitude.
WORTH = 0.2
#: Steps of all other knobs without an effect, and their damping in a forecast of what these gain.
STEPS, DAMPING = 8, 1e-3


def needed_effects(
    error: AudioError, cube: np.ndarray, budget: BudgetView
) -> tuple[AudioError, np.ndarray]:
    """Leave out one effect after the other where voice and other effects make up for it.

    First come all of which it is forecast of each that the other knobs come as near without it,
    then each alone.

    Args:
        error: of what is played
        cube: voice and effects
        budget: how long

    Returns:
        the error in the space of what is left, and where it is
    """
    fewer = True
    while fewer and isinstance(error.space, InstrumentSpace) and not budget.over:
        fewer, here = False, audible_distance(error, cube)
        for places in _candidates(error, error.space, cube, budget):
            space, begun = without_effects(error.space, cube, places)
            smaller = levelled(AudioError(error.heard, space), begun)
            found = descended(smaller, begun, STEPS, budget)
            if audible_distance(smaller, found) - here <= WORTH:
                error, cube, fewer = smaller, found, True
            if fewer or budget.over:
                break
    return error, cube


def without_effects(
    space: InstrumentSpace, cube: np.ndarray, places: Sequence[int]
) -> tuple[Space, np.ndarray]:
    """Return the space without the effects at some places, and the cube in it."""
    smaller: Space = space
    for place in sorted(places, reverse=True):
        assert isinstance(smaller, InstrumentSpace)
        smaller, cube = smaller.without_effect(cube, place)
    return smaller, cube


def levelled(error: AudioError, cube: np.ndarray) -> AudioError:
    """Return the error in the space of the level at which a voice takes the most away from the
    recording, where it takes anything; without an effect it may be many times as loud.

    Args:
        error: of what is played
        cube: voice and effects
    """
    recorded = error.heard.samples / (float(np.linalg.norm(error.heard.samples)) + 1e-30)
    played = error.waveform(cube) + recorded
    factor = float(played @ recorded) / (float(played @ played) + 1e-30)
    other = replace(error, space=replace(error.space, level=factor * error.space.level))
    return other if factor > 0.0 and other.esr(cube) < error.esr(cube) else error


def descended(error: AudioError, cube: np.ndarray, steps: int, budget: BudgetView) -> np.ndarray:
    """Return voice and effects after second-order steps of both: by the waveform where the phases
    are locked, else by bands; the noise follows by averaged bands."""
    descent = LevenbergMarquardt(steps, reuse_jacobian=True, phase="voice and effects")
    locked = error.locked(cube)
    cube = descent.minimize(objective_of(error, locked), cube, budget).cube
    return with_noise(error, cube, budget) if locked else cube


def audible_distance(error: AudioError, cube: np.ndarray) -> float:
    """Return how far a voice is from the recording, as `AudioError.distance`; bands that differ by
    what cannot be heard, and a waveform that is explained, count as equal."""
    bands = float(np.square(error.bands(cube)).sum())
    esr = min(max(error.esr(cube), EXPLAINED), 1.0)
    return float(np.log(max(bands, INAUDIBLE_DB**2)) + np.log(esr))


def objective_of(error: AudioError, locked: bool) -> ResidualObjective | Moments:
    """Return what voice and effects descend by: the waveform where it is locked, else bands."""
    if locked:
        return waveform_objective(error)
    return ResidualObjective(error.bands, np.arange(len(error.space.specs)))


def forecast(residual: np.ndarray, jacobian: np.ndarray) -> float:
    """Return the loss to which a step leads, to first order.

    Args:
        residual: (samples,), where it begins
        jacobian: (samples, moved)
    """
    hessian = jacobian.T @ jacobian
    hessian += DAMPING * np.diag(np.diag(hessian) + 1e-12)
    step = np.linalg.solve(hessian, jacobian.T @ residual)
    return float(np.square(residual - jacobian @ step).sum())


def _candidates(
    error: AudioError, space: InstrumentSpace, cube: np.ndarray, budget: BudgetView
) -> list[list[int]]:
    """Return places of effects that may be left out: all of which each is forecast not to be
    needed, then each alone, the one without which the rest is forecast to be nearest first."""
    locked = error.locked(cube)
    objective = objective_of(error, locked)
    moved = objective.jacobian_indices()
    budget.begin()
    now = objective.linearize(cube, moved)
    budget.step("voice and effects", now.loss)
    losses = []
    for place in range(len(space.stages)):
        smaller, begun = space.without_effect(cube, place)
        other = levelled(AudioError(error.heard, smaller), begun)
        residual = other.waveform(begun) if locked else other.bands(begun)
        columns = now.jacobian[:, ~np.isin(moved, space.of_effect(place))]
        losses.append(forecast(residual, columns))
    order = [int(place) for place in np.argsort(losses)]
    together = [each for each in order if np.log(losses[each] / now.loss) <= WORTH]
    alone = [[place] for place in order]
    return [together, *alone] if len(together) > 1 else alone
