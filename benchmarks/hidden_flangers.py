"""Are flangers of other makers found? Other delays, sweeps and feedback than ours, at any phase.

    FXCHAIN_DATA=… python benchmarks/hidden_flangers.py [--cases 12] [--first 0] [--seconds 60]
        [--threads 2] [--label TEXT] [--fresh]

The flangers are drawn (`benchmarks/flanger_cases.py`), see `benchmarks/drawn_pedals.py`; their
feedback is compared where a delay that moves was found.
"""

from collections.abc import Mapping

from drawn_pedals import Kind, Pedal, run
from flanger_cases import strange_flanger

from fxchain.player import Asset

#: Feedback that is found lies at most so far from what was drawn.
GOAL_FEEDBACK = 0.1


def drawn(number: int) -> tuple[Pedal, str, float, float]:
    """Return a flanger with what is compared."""
    flanger = strange_flanger(number)
    name = f"{1e3 * flanger.centre:.1f} ms"
    return flanger, name, flanger.rates_hz[0], flanger.feedback


def feedback(values: Mapping[str, float], assets: Mapping[str, Asset]) -> float | None:
    """Return that of a measured delay."""
    return values["feedback"] if "delays" in assets else None


KIND = Kind(
    "hidden_flangers",
    drawn,
    "feedback",
    feedback,
    lambda wanted, had: abs(wanted - had) <= GOAL_FEEDBACK,
)


if __name__ == "__main__":
    run(KIND, __doc__.splitlines()[0])
