"""How near does a recurrent cell come to drives drawn at random?

    FXCHAIN_DATA=… python benchmarks/cells.py [--cases 8] [--first 0] [--seconds 15] [--units 8]
        [--starts N] [--trial N] [--label TEXT] [--fresh]

Guitars and basses go through one or two stages of filters and a soft or hard curve, a part of them
with a bias that follows the level, then through filters. A cell is trained on the pair alone,
without a search for a chain. Printed is the error-to-signal ratio, half of it behind a
pre-emphasis, on the last fifth, which it was not trained on, beside that of the best gain.
`--starts` and `--trial` are constants of `fxchain.recurrent.training`, for comparison.
"""

import argparse
import statistics
import time
from functools import partial
from typing import Any

import numpy as np
from cell_cases import STREAM, DriveCase
from recorded import Recorded

from fxchain.metrics.scores import esr
from fxchain.recurrent import training
from fxchain.recurrent.gru import gru
from fxchain.recurrent.recording import LEFT_OUT, Recording


def main() -> None:
    """Print a row for each drive, then the medians."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=8)
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--seconds", type=float, default=15.0, help="of each training")
    parser.add_argument("--units", type=int, default=8)
    parser.add_argument("--starts", type=int, default=training.STARTS)
    parser.add_argument("--trial", type=int, default=training.TRIAL)
    parser.add_argument("--label", default="", help="keeps the rows of versions apart")
    parser.add_argument("--fresh", action="store_true", help="measure again what is recorded")
    options = parser.parse_args()
    training.STARTS, training.TRIAL = options.starts, options.trial
    names = ("seconds", "units", "starts", "trial", "label")
    settings = {name: getattr(options, name) for name in names} | {"stream": STREAM}
    print("cells:", *(f"{key}={value}" for key, value in settings.items() if value))
    recorded = Recorded("cells", settings, options.fresh)
    training.compile_training(gru(options.units))
    print(f"{'case':<6}{'left out':>10}{'trained on':>12}{'gain':>8}{'steps':>7}")
    rows = []
    for number in range(options.first, options.first + options.cases):
        row = recorded.row(str(number), partial(measure, DriveCase(number), options))
        print(
            f"{number:<6}{row['left']:>10.4f}{row['fitted']:>12.4f}{row['gain']:>8.3f}"
            f"{row['steps']:>7}",
            flush=True,
        )
        rows.append(row)
    logarithms = [np.log(row["left"]) for row in rows]
    print(f"median {np.exp(statistics.median(logarithms)):.4f}", end=", ")
    print(f"geometric mean {np.exp(statistics.mean(logarithms)):.4f}")


def measure(case: DriveCase, options: argparse.Namespace) -> dict[str, Any]:
    """Train a cell on a drive, and return what it leaves."""
    dry, wet, sample_rate = case.pair()
    gain = np.full_like(wet, 1.0 / max(float(np.linalg.norm(wet)), 1e-9))
    begun = time.monotonic()
    cell = training.train_cell(
        [[Recording(dry, wet, gain)]],
        sample_rate,
        gru(options.units),
        np.random.default_rng(case.number),
        lambda left: time.monotonic() - begun > options.seconds,
    )
    if cell is None:
        raise SystemExit(f"case {case.number}: no time for a step; give more --seconds")
    end = int((1.0 - LEFT_OUT) * len(dry))
    level = float(dry[:end] @ wet[:end] / max(float(dry[:end] @ dry[:end]), 1e-20))
    return {
        "left": cell.left,
        "fitted": cell.fitted,
        "steps": cell.steps,
        "gain": esr(wet[None, end:], level * dry[None, end:]),
    }


if __name__ == "__main__":
    main()
