"""Are hidden drums found? Beside CMA-ES from the middle of the cube.

    python benchmarks/drums.py [--cases 20] [--first 0] [--seconds 30] [--methods match,cma]
        [--label TEXT] [--fresh]

Hidden drums of one to three sources (swept sine, burst of noise, click) with random knobs; hidden
drums and searches draw from separate streams of random numbers. Both methods have the same seconds
of one processor and the same sources; CMA-ES is told the level. Knob error: mean distance in the
unit cube over the audible knobs. MSS: mel-spectral distance to the recording; floor: that of the
hidden drum with another draw of its noise.
"""

import time
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from drum_cases import DrumCase
from knob_distance import largest, mean_distance
from method_rows import rows_of_methods

from fxchain.optim.budget import Budget
from fxchain.optim.evolution import Evolution
from fxchain.synth.drum.patch import DrumPatch
from fxchain.synth.drum.search import search_drum
from fxchain.synth.drum.space import DrumSpace
from fxchain.synth.search.audio_error import AudioError
from fxchain.synth.search.heard import Heard
from fxchain.synth.search.least_squares import ResidualObjective

#: Knobs that are farther away are named in the table.
FAR = 0.05


class Task(Protocol):
    """What a method is given."""

    number: int

    @property
    def heard(self) -> Heard:
        """Return the hit."""
        ...

    @property
    def space(self) -> DrumSpace:
        """Return coordinates of the level that CMA-ES is told."""
        ...


Method = Callable[[Any, float], DrumPatch]


def by_match(case: Task, seconds: float) -> DrumPatch:
    """Return what `fxchain synth match --drum` finds."""
    found = search_drum(case.heard, Budget(seconds=seconds, clock=time.process_time), case.number)
    return found.space.patch(found.cube)


def by_cma(case: Task, seconds: float) -> DrumPatch:
    """Return what CMA-ES finds by the band powers of what is played."""
    error = AudioError(case.heard, DrumSpace(level=case.space.level, noise_seed=case.number))
    count = len(error.space.specs)
    objective = ResidualObjective(error.bands, np.arange(count))
    search = Evolution(case.number, 16, 10_000, 0.3)
    found = search.minimize(
        objective, np.full(count, 0.5), Budget(seconds=seconds, clock=time.process_time)
    )
    return error.space.patch(found.cube)


METHODS: dict[str, Method] = {"match": by_match, "cma": by_cma}


def measure(case: DrumCase, method: str, seconds: float) -> dict[str, Any]:
    """Return the figures of one search."""
    _ = case.heard
    begun = time.process_time()
    patch = METHODS[method](case, seconds)
    taken = time.process_time() - begun
    errors = case.knob_errors(patch)
    return {
        "method": method,
        "knob_error": mean_distance(errors),
        "largest": largest(errors),
        "mss": case.judged(patch),
        "floor": case.floor(),
        "audible": len(case.audible),
        "taken": taken,
        "hidden": [each.source for each in case.patch.sources],
        "found": [each.source for each in patch.sources],
    }


def main() -> None:
    """Print a row for each case and method, then the medians."""
    rows = rows_of_methods(
        "drums",
        __doc__.splitlines()[0],
        METHODS,
        f"{'knobs':>7}{'MSS':>7}{'floor':>7}{'s':>5}  hidden > found",
        lambda number, method, seconds: measure(DrumCase(number), method, seconds),
        lambda row: (
            f"{row['knob_error']:>7.3f}{row['mss']:>7.2f}{row['floor']:>7.2f}"
            f"{row['taken']:>5.0f}  {'+'.join(row['hidden'])} > {'+'.join(row['found'])}"
            + "".join(f" {name} {far:.2f}" for name, far in row["largest"].items() if far > FAR)
        ),
        cases=20,
        seconds=30.0,
    )
    for method, mine in rows.items():
        errors, distances, over = (
            np.array([value(row) for row in mine])
            for value in (
                lambda row: row["knob_error"],
                lambda row: row["mss"],
                lambda row: row["mss"] - row["floor"],
            )
        )
        print(
            f"{method}, {len(mine)} drums: knob error median {np.median(errors):.3f}, worst "
            f"{errors.max():.3f}; MSS median {np.median(distances):.2f} dB, over the floor "
            f"{np.median(over):.2f} dB"
        )


if __name__ == "__main__":
    main()
