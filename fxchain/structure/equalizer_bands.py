"""The filters of a chain whose gain is free, and the gain that sets its level."""

from dataclasses import dataclass

import numpy as np

from fxchain.preset.effects import Placed, effects_of
from fxchain.primitives import Primitive
from fxchain.stage import Stage
from fxchain.structure.filter_response import responses
from fxchain.structure.series import in_series

#: A filter's response is taken to grow in proportion to its gain, as it does around this, dB.
PROBE_DB = 3.0


@dataclass(frozen=True)
class Band:
    """A filter of the main line whose gain is free.

    Attributes:
        index: where its gain stands among the values
        response: (points,), dB for each dB of gain
    """

    index: int
    response: np.ndarray


def filter_bands(
    stage: Stage,
    values: np.ndarray,
    free: np.ndarray,
    points: np.ndarray,
    sample_rate: int,
    everywhere: bool = False,
) -> list[Band]:
    """Return the filters of the main line whose gain is free.

    Args:
        stage: the chain
        values: (size,), physical; the filters' responses are those at its frequencies
        free: (size,), bool
        points: (points,), where responses are wanted, Hz
        sample_rate: Hz
        everywhere: those before the first memoryless nonlinearity too
    """
    places = effects_of(stage, np.arange(stage.size, dtype=np.float64))
    shapers = [i for i, at in enumerate(places) if _shapes(at.effect.primitive)]
    first = shapers[0] if shapers and not everywhere else 0
    main_line = {placed.path for placed in in_series(stage, values)}
    found = []
    for at, here in zip(places[first:], effects_of(stage, values)[first:], strict=True):
        index = _index(at, "gain_db")
        section = at.effect.primitive.sections is not None
        if at.path not in main_line or index is None or not section or not free[index]:
            continue
        found.append(Band(index, _response_db(here, points, sample_rate)))
    return found


def _shapes(primitive: Primitive) -> bool:
    """Tell whether an effect is a memoryless nonlinearity."""
    return primitive.memoryless and primitive.sections is None


def level_index(stage: Stage, values: np.ndarray, free: np.ndarray) -> int | None:
    """Return where the last free gain of the main line stands."""
    places = in_series(stage, np.arange(stage.size, dtype=np.float64))
    indices = [_index(at, "gain_db") for at in places if at.effect.primitive.purpose == "level"]
    return next((i for i in reversed(indices) if i is not None and free[i]), None)


def _index(placed: Placed, name: str) -> int | None:
    specs = placed.effect.primitive.parameters
    found = [v for spec, v in zip(specs, placed.values, strict=True) if spec.name == name]
    return int(found[0]) if found else None


def _response_db(placed: Placed, points: np.ndarray, sample_rate: int) -> np.ndarray:
    """Return the filter's response in dB for each dB of its gain, (points,)."""
    primitive = placed.effect.primitive
    named = placed.effect.arguments(placed.values)
    rows = [
        [{**named, "gain_db": gain_db}[spec.name] for spec in primitive.parameters]
        for gain_db in (PROBE_DB, -PROBE_DB)
    ]
    up, down = responses(primitive, np.array(rows), points, sample_rate)
    heights = (20.0 * np.log10(np.abs(each) + 1e-12) for each in (up, down))
    return np.asarray((next(heights) - next(heights)) / (2.0 * PROBE_DB))
