"""Are hidden drums found? Beside CMA-ES from the middle of the cube.

    python benchmarks/drums.py [--cases 20] [--first 0] [--seconds 30] [--methods match,cma]
        [--label TEXT] [--fresh]

Hidden drums of one to three sources (swept sine, burst of noise, click) with random knobs; hidden
drums and searches draw from separate streams of random numbers. Both methods have the same seconds,
the same sources and one thread; CMA-ES is told the level. Knob error: mean distance in the unit
cube over the audible knobs. MSS: mel-spectral distance to the recording; floor: that of the hidden
drum with another draw of its noise.
"""

import argparse
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
from drum_cases import DrumCase
from recorded import Recorded

from fxchain.optim.budget import Budget
from fxchain.optim.evolution import Evolution
from fxchain.synth.drum.patch import DrumPatch
from fxchain.synth.drum.search import search_drum
from fxchain.synth.drum.space import DrumSpace
from fxchain.synth.search.audio_error import AudioError
from fxchain.synth.search.least_squares import ResidualObjective
from fxchain.synth.search.schedule import load

Method = Callable[[DrumCase, float], DrumPatch]


def by_match(case: DrumCase, seconds: float) -> DrumPatch:
    """Return what `fxchain synth match --drum` finds."""
    found = search_drum(case.heard, Budget(seconds=seconds), case.number)
    return found.space.patch(found.cube)


def by_cma(case: DrumCase, seconds: float) -> DrumPatch:
    """Return what CMA-ES finds by the band powers of what is played."""
    error = AudioError(case.heard, DrumSpace(level=case.space.level, noise_seed=case.number))
    count = len(error.space.specs)
    objective = ResidualObjective(error.bands, np.arange(count))
    search = Evolution(case.number, 16, 10_000, 0.3)
    found = search.minimize(objective, np.full(count, 0.5), Budget(seconds=seconds))
    return error.space.patch(found.cube)


METHODS: dict[str, Method] = {"match": by_match, "cma": by_cma}


def measure(case: DrumCase, method: str, seconds: float) -> dict[str, Any]:
    """Return the figures of one search."""
    _ = case.heard
    begun = time.monotonic()
    patch = METHODS[method](case, seconds)
    taken = time.monotonic() - begun
    return {
        "method": method,
        "knob_error": case.knob_error(patch),
        "mss": case.judged(patch),
        "floor": case.floor(),
        "audible": len(case.audible),
        "taken": taken,
        "hidden": [each.source for each in case.patch.sources],
        "found": [each.source for each in patch.sources],
    }


def main() -> None:
    """Print a row for each case and method, then the medians."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=20)
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--methods", default=",".join(METHODS))
    parser.add_argument("--label", default="", help="keeps the rows of versions apart")
    parser.add_argument("--fresh", action="store_true", help="measure again what is recorded")
    options = parser.parse_args()
    torch.set_num_threads(1)
    load()
    settings = {"seconds": options.seconds, "label": options.label}
    recorded = Recorded("drums", settings, options.fresh)
    print(f"{'case':<14}{'knobs':>7}{'MSS':>7}{'floor':>7}{'s':>5}  hidden > found")
    rows = []
    for number in range(options.first, options.first + options.cases):
        case = DrumCase(number)
        for method in options.methods.split(","):
            name = f"{number:>3} {method}"
            row = recorded.row(name, partial(measure, case, method, options.seconds))
            print(
                f"{name:<14}{row['knob_error']:>7.3f}{row['mss']:>7.2f}{row['floor']:>7.2f}"
                f"{row['taken']:>5.0f}  {'+'.join(row['hidden'])} > {'+'.join(row['found'])}",
                flush=True,
            )
            rows.append(row)
    for method in options.methods.split(","):
        mine = [row for row in rows if row["method"] == method]
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
