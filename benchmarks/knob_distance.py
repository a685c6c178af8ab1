"""How far the knobs of a patch are from those of a hidden one."""

from collections.abc import Mapping, Sequence

import numpy as np


def knob_distances(
    audible: Sequence[str], true: Mapping[str, float], found: Mapping[str, float]
) -> dict[str, float]:
    """Return the distance in the unit cube of each audible knob, by its name.

    Weights are compared relative to the largest; a knob of a source that was not found counts as 1.

    Args:
        audible: names of the knobs that count
        true: positions of the hidden knobs, by name
        found: positions of those that were found
    """
    distances = {}
    for name in audible:
        otherwise = 0.0 if name.endswith(".weight") else 1.0
        there = true.get(name, 0.0)
        distances[name] = abs(found.get(name, otherwise) - there)
    return distances


def mean_distance(distances: Mapping[str, float]) -> float:
    """Return the mean of the distances of the audible knobs."""
    return float(np.mean(list(distances.values()))) if distances else 0.0


def largest(distances: Mapping[str, float], count: int = 3) -> dict[str, float]:
    """Return the largest of the distances, the largest first."""
    order = sorted(distances, key=lambda name: -distances[name])
    return {name: round(distances[name], 4) for name in order[:count]}
