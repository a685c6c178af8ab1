"""Frequency responses of filters at any points, for many settings of their controls at once."""

from collections.abc import Sequence

import numpy as np
import torch

from fxchain.primitives import Primitive
from fxchain.structure.canonical_tree import Unit


def responses(
    primitive: Primitive, values: np.ndarray, points: np.ndarray, sample_rate: float
) -> np.ndarray:
    """Return the responses of a filter with sections.

    Args:
        primitive: which
        values: (settings, controls), physical
        points: (points,), Hz
        sample_rate: Hz

    Returns:
        (settings, points), complex
    """
    assert primitive.sections is not None
    names = (spec.name for spec in primitive.parameters)
    columns = torch.from_numpy(np.ascontiguousarray(values.T))
    rows = primitive.sections(sample_rate, **dict(zip(names, columns, strict=True)))
    coefficients = rows.double().numpy()[:, :, :, None]
    delay = np.exp(-2j * np.pi * points / sample_rate)
    above = coefficients[:, :, 0] + delay * (coefficients[:, :, 1] + delay * coefficients[:, :, 2])
    below = coefficients[:, :, 3] + delay * (coefficients[:, :, 4] + delay * coefficients[:, :, 5])
    found: np.ndarray = np.prod(above / below, axis=1)
    return found


def response_of(units: Sequence[Unit], points: np.ndarray, sample_rate: float) -> np.ndarray:
    """Return the response of filters in a row, (points,), complex."""
    found = np.ones(len(points), dtype=np.complex128)
    for unit in units:
        found *= responses(unit.primitive, np.array([unit.values]), points, sample_rate)[0]
    return found
