"""Are phasers of other makers found? Other stages, sweeps and feedback than ours, at any phase.

    FXCHAIN_DATA=… python benchmarks/hidden_phasers.py [--cases 12] [--first 0] [--seconds 60]
        [--threads 2] [--label TEXT] [--fresh]

The phasers are drawn (`benchmarks/phaser_cases.py`), see `benchmarks/drawn_pedals.py`; the numbers
of their all-passes are compared where the effect that was found has them.
"""

from collections.abc import Mapping

from drawn_pedals import Kind, Pedal, run
from phaser_cases import strange_phaser

from fxchain.player import Asset


def drawn(number: int) -> tuple[Pedal, str, float, float]:
    """Return a phaser with what is compared."""
    phaser = strange_phaser(number)
    return phaser, phaser.shape, phaser.rate_hz, phaser.stages


def stages(values: Mapping[str, float], assets: Mapping[str, Asset]) -> float | None:
    """Return how many all-passes an effect has."""
    return assets["stages"].samples.shape[1] if "stages" in assets else None


KIND = Kind("hidden_phasers", drawn, "all-passes", stages, lambda wanted, had: wanted == had)


if __name__ == "__main__":
    run(KIND, __doc__.splitlines()[0])
