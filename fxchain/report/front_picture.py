"""The error of the chains that a match found, against their knobs."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fxchain.report.pictures import Picture
from fxchain.report.svg import Axis, Plot

_WIDTH, _HEIGHT = 760, 250
_QUIETEST_DB = -100.0


def front_picture(chains: Sequence[Mapping[str, Any]]) -> Picture | None:
    """Draw the judged error of each chain against its knobs, the chosen one marked.

    Args:
        chains: `front` of `metrics.json`
    """
    if len(chains) < 2:
        return None
    knobs = np.array([float(each["knobs"]) for each in chains])
    errors = np.array([float(each["judged_error"]) for each in chains])
    levels = np.maximum(10.0 * np.log10(np.maximum(errors, 1e-12)), _QUIETEST_DB)
    plot = Plot(
        Axis("knobs", 0.0, max(float(knobs.max()) * 1.05, 1.0)),
        Axis("error, dB", float(levels.min()) - 3.0, float(levels.max()) + 3.0),
        "The error of each chain that was found, against its knobs",
        _WIDTH,
        _HEIGHT,
    )
    # the least error of chains with at most so many knobs
    order = np.lexsort((levels, knobs))
    least = np.minimum.accumulate(levels[order])
    plot.line(np.repeat(knobs[order], 2)[1:], np.repeat(least, 2)[:-1], "thin")
    plot.dots(knobs, levels, "phase phase-0")
    chosen = [at for at, each in enumerate(chains) if each["chosen"]]
    plot.stems(knobs[chosen], levels[chosen], "strong")
    legend = (("strong", "this chain"), ("thin", "the least error with at most so many knobs"))
    return Picture(plot.svg(), "", legend)
