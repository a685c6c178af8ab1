"""Sources are added where the bands of a recording have what a drum lacks."""

from dataclasses import dataclass, replace

import numpy as np

from fxchain.optim.budget import BudgetView
from fxchain.optim.second_order import LevenbergMarquardt
from fxchain.synth.drum.space import DrumSpace
from fxchain.synth.search.audio_error import BANDS_OVERLAP, AudioError
from fxchain.synth.search.least_squares import ResidualObjective
from fxchain.synth.search.significance import growth_by_chance

#: Draws of the controls of each kind of source, and levels that each is tried at, dB below the
#: loudest band of the recording.
DRAWN, LEVELS_DB = 96, np.arange(0.0, 66.0, 3.0)
#: Steps of the controls of a new source and of all weights, then of everything.
OWN_STEPS, STEPS = 6, 4


@dataclass(frozen=True, eq=False)
class _Draws:
    """Sources of one kind with drawn controls.

    Attributes:
        kind: of the sources
        cubes: (draws, controls) positions
        powers: of each, at a weight of 1: for each resolution (draws, frames, bands)
    """

    kind: str
    cubes: np.ndarray
    powers: tuple[np.ndarray, ...]


def grow(
    error: AudioError, cube: np.ndarray, budget: BudgetView, seed: int
) -> tuple[AudioError, np.ndarray]:
    """Add one source after the other while each explains more than its controls would by chance.

    Of drawn sources, the one is added that together with the drum is nearest in averaged bands;
    second-order steps follow.

    Args:
        error: of what is played
        cube: the drum
        budget: how long
        seed: of the draws

    Returns:
        the error in the space with the new sources, and the drum in it

    Source:
        matching pursuit (Mallat and Zhang 1993) on powers
    """
    loss, drawn = float(np.square(error.bands(cube)).sum()), []
    budget.begin()
    for kind in sorted(DrumSpace.kinds):
        if budget.over:
            return error, cube
        drawn.append(_drawn(error, kind, seed))
        budget.step("drawn sources", loss)
    grown = True
    while grown and not budget.over:
        grown = False
        for larger, begun in _ranked(error, cube, drawn):
            found = _descended(larger, begun, len(cube), budget)
            after = larger.bands(found)
            chance = growth_by_chance(len(found) - len(cube), after, BANDS_OVERLAP)
            if chance * float(after @ after) < loss:
                error, cube, loss, grown = larger, found, float(after @ after), True
            if grown or budget.over:
                break
    return error, cube


def _drawn(error: AudioError, kind: str, seed: int) -> _Draws:
    """Return sources of a kind with drawn controls, and what each sounds like."""
    heard = error.heard
    space = DrumSpace(((kind, 0),), noise_seed=seed)
    cubes = np.random.default_rng((seed, 42)).uniform(0.0, 1.0, (DRAWN, len(space.specs)))
    cubes[:, space.weights] = 1.0
    rows = [
        error.pooled_powers(
            space.play(np, each, heard.notes, heard.sample_rate, len(heard.samples))
        )
        for each in cubes
    ]
    own = np.setdiff1d(np.arange(len(space.specs)), space.weights)
    return _Draws(kind, cubes[:, own], tuple(np.stack(each) for each in zip(*rows, strict=True)))


def _ranked(
    error: AudioError, cube: np.ndarray, drawn: list[_Draws]
) -> list[tuple[AudioError, np.ndarray]]:
    """Return the drum with the best draw of each kind besides, the nearest first.

    Powers are added, as those of sources are on average.
    """
    played = error.pooled_powers(error.play(cube))
    loudest = max(float(each.max()) for each in error.pooled_targets)
    found = []
    for each in drawn:
        own = np.max([powers.max(axis=(1, 2)) for powers in each.powers], axis=0)
        levels = loudest * 10.0 ** (-LEVELS_DB / 10.0) / (own[:, None] + 1e-30)
        together = [
            here + levels[:, :, None, None] * there[:, None]
            for here, there in zip(played, each.powers, strict=True)
        ]
        losses = np.square(error.pooled_difference(together)).sum(axis=-1)
        draw, level = np.unravel_index(int(np.argmin(losses)), losses.shape)
        amplitude = float(np.sqrt(levels[draw, level]))
        found.append((float(losses[draw, level]), each.kind, each.cubes[draw], amplitude))
    found.sort(key=lambda each: each[0])
    return [_with(error, cube, kind, own, amplitude) for _, kind, own, amplitude in found]


def _with(
    error: AudioError, cube: np.ndarray, kind: str, own: np.ndarray, amplitude: float
) -> tuple[AudioError, np.ndarray]:
    """Return a drum with one more source.

    Args:
        error: of the drum
        cube: the drum
        kind: of the source
        own: positions of its controls
        amplitude: of it
    """
    space = error.space
    number = 1 + max((n for other, n in space.sources if other == kind), default=-1)
    larger = replace(space, sources=(*space.sources, (kind, number)))
    weight = min(amplitude / space.level, 1.0)
    return replace(error, space=larger), np.concatenate([cube, [weight], own])


def _descended(error: AudioError, cube: np.ndarray, known: int, budget: BudgetView) -> np.ndarray:
    """Return a drum after second-order steps of the weights and of what is new, then of all.

    Args:
        error: of the drum
        cube: where to begin
        known: how many coordinates are not new
        budget: how long
    """
    every = np.arange(len(cube))
    first = np.union1d(error.space.weights, every[known:])
    for moved, steps in ((first, OWN_STEPS), (every, STEPS)):
        descent = LevenbergMarquardt(steps, reuse_jacobian=True, phase="another source")
        cube = descent.minimize(ResidualObjective(error.bands, moved), cube, budget).cube
    return cube
