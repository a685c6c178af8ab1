"""How far the knobs of a patch are from those of a hidden one."""

from collections.abc import Mapping, Sequence

import numpy as np


def knob_distance(
    audible: Sequence[str], true: Mapping[str, float], found: Mapping[str, float]
) -> float:
    """Return the mean distance in the unit cube over the audible knobs.

    Weights are compared relative to the largest; a knob of a source that was not found counts as 1.

    Args:
        audible: names of the knobs that count
        true: positions of the hidden knobs, by name
        found: positions of those that were found
    """
    errors = []
    for name in audible:
        otherwise = 0.0 if name.endswith(".weight") else 1.0
        there = true.get(name, 0.0)
        errors.append(abs(found[name] - there) if name in found else abs(otherwise - there))
    return float(np.mean(errors)) if errors else 0.0
