"""The gated recurrent cell as a training sees it."""

from functools import partial

from fxchain.recurrent.architecture import Architecture
from fxchain.recurrent.recurrence import resting, run_from
from fxchain.recurrent.sensitivities import linearize
from fxchain.recurrent.weights import Layout, drawn_weights


def gru(units: int) -> Architecture:
    """Return a cell of so many units; its weights are those of `Layout`."""
    layout = Layout(units)
    return Architecture(
        inputs=3 * units,
        recurrent=layout.recurrent,
        states=units,
        size=layout.size,
        draw=partial(drawn_weights, layout),
        resting=resting,
        run_from=run_from,
        linearize=linearize,
    )
