"""Effects and sources of an instrument that are not needed are left out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fxchain.optim.budget import BudgetView
from fxchain.optim.second_order import LevenbergMarquardt
from fxchain.synth.instrument.criterion import Criterion, Followed, audible_distance
from fxchain.synth.instrument.space import InstrumentSpace
from fxchain.synth.search.audio_error import AudioError
from fxchain.synth.search.refining import with_noise
from fxchain.synth.search.space import Space, label
from fxchain.synth.search.waveform_objective import waveform_objective

#: A part is needed where the distance without it is larger by this: that of the waveform where the
#: power of what is left is larger by a tenth.
WORTH = 0.1
#: Steps of all other knobs without a part.
STEPS = 8
#: So many are tried alone.
TRIED = 2


@dataclass(frozen=True)
class Part:
    """A source of a voice, or an effect behind it.

    Attributes:
        place: among the sources, or among the effects
        effect: it is an effect
    """

    place: int
    effect: bool

    def coordinates(self, space: Space) -> np.ndarray:
        """Return the coordinates of it."""
        if self.effect:
            assert isinstance(space, InstrumentSpace)
            return space.of_effect(self.place)
        beginning = f"{label(*space.sources[self.place])}."
        named = enumerate(space.names)
        return np.array([index for index, name in named if name.startswith(beginning)], dtype=int)


def needed_parts(
    error: AudioError, cube: np.ndarray, budget: BudgetView
) -> tuple[AudioError, np.ndarray]:
    """Leave out one source or effect after the other where the others make up for it.

    First come all of which it is forecast of each that the other knobs come as near without it,
    then alone those of which it is forecast that they come nearest.

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
        for parts in _candidates(error, error.space, cube, budget):
            space, begun = without_parts(error.space, cube, parts)
            smaller, found = descended(AudioError(error.heard, space), begun, STEPS, budget)
            if audible_distance(smaller, found) - here <= WORTH:
                error, cube, fewer = smaller, found, True
            if fewer or budget.over:
                break
    return error, cube


def without_parts(
    space: InstrumentSpace, cube: np.ndarray, parts: Sequence[Part]
) -> tuple[Space, np.ndarray]:
    """Return the space without some sources and effects, and the cube in it."""
    gone = {part.place for part in parts if not part.effect}
    smaller, cube = space.without(cube, [n not in gone for n in range(len(space.sources))])
    for place in sorted((part.place for part in parts if part.effect), reverse=True):
        assert isinstance(smaller, InstrumentSpace)
        smaller, cube = smaller.without_effect(cube, place)
    return smaller, cube


def descended(
    error: AudioError, cube: np.ndarray, steps: int, budget: BudgetView
) -> tuple[AudioError, np.ndarray]:
    """Return voice and effects after second-order steps of both, see `Criterion`, and again after
    the times of echoes have moved; a voice alone that is locked by its waveform at moments, which
    is quick, with the noise that fits."""
    if error.space.direct and error.locked(cube):
        descent = LevenbergMarquardt(steps, reuse_jacobian=True, phase="voice and effects")
        nearer = descent.minimize(waveform_objective(error), cube, budget).cube
        ends = [cube, with_noise(error, nearer, budget)]
        return error, min(ends, key=lambda each: audible_distance(error, each))
    cube = with_noise(error, cube, budget)
    descent = LevenbergMarquardt(-(-steps // 2), reuse_jacobian=True, phase="voice and effects")
    halves, moved = 0, True
    while (moved or halves < 2) and not budget.over:
        criterion = Criterion.of(error, cube)
        end = descent.minimize(criterion.objective(error), cube, budget)
        timed = criterion.timed(error, end.cube)
        moved, cube, error = timed is not error, end.cube, timed
        halves += 2 if end.converged and end.steps < descent.steps else 1
    return error, cube


def _candidates(
    error: AudioError, space: InstrumentSpace, cube: np.ndarray, budget: BudgetView
) -> list[list[Part]]:
    """Return parts that may be left out: all of which each is forecast not to be needed, then alone
    those without which the rest is forecast to be nearest."""
    criterion = Criterion.of(error, cube)
    objective = criterion.objective(error)
    moved = objective.jacobian_indices()
    budget.begin()
    now = objective.linearize(cube, moved)
    budget.step("voice and effects", now.loss)
    parts = [Part(place, True) for place in range(len(space.stages))]
    if len(space.sources) > 1:
        parts += [Part(place, False) for place in range(len(space.sources))]
    distances, here = [], criterion.distance(now.residual)
    for part in parts:
        smaller, begun = without_parts(space, cube, [part])
        residual = criterion.residual(AudioError(error.heard, smaller), begun)
        columns = now.jacobian[:, ~np.isin(moved, part.coordinates(space))]
        distances.append(criterion.distance(Followed(columns)(residual)))
    order = [int(number) for number in np.argsort(distances)]
    together = [parts[n] for n in order if distances[n] - here <= WORTH]
    if sum(not part.effect for part in together) == len(space.sources):
        together = []
    alone = [[parts[n]] for n in order[:TRIED]]
    return [together, *alone] if len(together) > 1 else alone
