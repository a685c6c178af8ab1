"""Perturbations that leave a local minimum: a few bands are moved, everything else stays."""

import numpy as np

from fxchain.objectives.band_coordinates import bands_of
from fxchain.objectives.mean_error import AnyObjective

#: Frequencies of moved bands are drawn from this range, Hz.
BAND_RANGE_HZ = (60.0, 10_000.0)
#: Standard deviation from the default, in the unit cube, of what a restart draws.
RESTART_DEVIATION = 0.15


def perturb_bands(
    objective: AnyObjective, cube: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Return the cube with one to three filters flat at new frequencies, and noise on the rest.

    Args:
        objective: names the coordinates
        cube: (dimension,), where the descent ended
        rng: where the choice comes from
    """
    moved = cube.copy()
    movable = objective.jacobian_indices()
    moved[movable] += rng.normal(0.0, 0.01, len(movable))
    bands = bands_of(objective)
    if bands:
        count = int(rng.integers(1, min(3, len(bands)) + 1))
        for choice in rng.choice(len(bands), size=count, replace=False):
            hz = float(np.exp(rng.uniform(*np.log(BAND_RANGE_HZ))))
            _flatten(objective, moved, bands[int(choice)], hz)
    others = np.setdiff1d(movable, [c for band in bands for c in band])
    if len(others) and rng.random() < 0.5:
        moved[rng.choice(others)] += rng.normal(0.0, 0.1)
    return np.clip(moved, 0.0, 1.0)


def reset_equalizer(
    objective: AnyObjective, cube: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Return the cube with the bands of one equalizer flat again, spread evenly.

    Args:
        objective: names the coordinates
        cube: (dimension,), where the descent ended
        rng: where the choice comes from
    """
    moved = cube.copy()
    equalizers = _equalizers(bands_of(objective))
    if not equalizers:
        return perturb_bands(objective, cube, rng)
    _spread(objective, moved, equalizers[int(rng.integers(len(equalizers)))], rng)
    return np.clip(moved, 0.0, 1.0)


def _spread(
    objective: AnyObjective, cube: np.ndarray, bands: list[list[int]], rng: np.random.Generator
) -> None:
    """Set the bands of an equalizer so that they are flat, spread evenly."""
    places = np.geomspace(*BAND_RANGE_HZ, len(bands) + 2)[1:-1]
    for band, middle in zip(bands, places, strict=True):
        _flatten(objective, cube, band, float(middle * np.exp(rng.normal(0.0, 0.1))))


def restart_except_delay_reverb(
    objective: AnyObjective, cube: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Return the cube with every equalizer flat and the rest near its defaults.

    What makes space (delay, reverb) stays, since evolution finds it.

    Args:
        objective: names the coordinates
        cube: (dimension,), where the descent ended
        rng: where the choice comes from
    """
    moved = cube.copy()
    for equalizer in _equalizers(bands_of(objective)):
        _spread(objective, moved, equalizer, rng)
    banded = {coordinate for band in bands_of(objective) for coordinate in band}
    for coordinate in objective.jacobian_indices():
        slot = objective.slots[coordinate]
        if coordinate not in banded and slot.purpose != "space":
            position = slot.spec.normalize(slot.spec.default) + rng.normal(0.0, RESTART_DEVIATION)
            moved[coordinate] = np.clip(
                position, RESTART_DEVIATION / 2.0, 1.0 - RESTART_DEVIATION / 2.0
            )
    return np.clip(moved, 0.0, 1.0)


def _flatten(objective: AnyObjective, cube: np.ndarray, band: list[int], hz: float) -> None:
    """Set the coordinates of a band so that it is flat, at a frequency."""
    neutral = {"cutoff_frequency_hz": hz, "gain_db": 0.0, "q": 0.8}
    for coordinate in band:
        spec = objective.slots[coordinate].spec
        if spec.name in neutral:
            cube[coordinate] = spec.normalize(neutral[spec.name])


def _equalizers(bands: list[list[int]]) -> list[list[list[int]]]:
    """Return the bands in groups of those that stand next to each other."""
    groups: list[list[list[int]]] = []
    for band in bands:
        if groups and groups[-1][-1][-1] + 1 == band[0]:
            groups[-1].append(band)
        else:
            groups.append([band])
    return groups
