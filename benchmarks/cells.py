"""How near does a recurrent cell come to drives drawn at random?

    FXCHAIN_DATA=… python benchmarks/cells.py [--cases 8] [--first 0] [--seconds 15] [--units 8]
        [--high-gain] [--alone] [--starts N] [--trial N] [--label TEXT] [--fresh]

Guitars and basses go through one or two stages of filters and a soft or hard curve, a part of them
with a bias that follows the level, then through filters; with `--high-gain` through the devices of
`drive_cases.py`. A cell is trained on four fifths of the pair, without a search for a chain, with a
response behind it where that pays, but for `--alone`. Printed is the error-to-signal ratio, half of
it behind a pre-emphasis, on the end of what it was given, which chose the weights, then both on the
last fifth. Seconds are those of one processor, so that rows compare that were measured beside other
work. `--starts` and `--trial` are constants of `fxchain.recurrent.training`, for comparison.
"""

import argparse
import statistics
import time
from functools import partial
from typing import Any

import numpy as np
import torch
from cell_cases import STREAM, DriveCase
from drive_cases import HighGainCase
from recorded import Recorded

from fxchain.metrics.scores import esr
from fxchain.recurrent import training
from fxchain.recurrent.gru import gru
from fxchain.recurrent.recording import PRE_EMPHASIS, Recording, tilted
from fxchain.recurrent.training_on_everything import trained_on_everything

#: Share of what is played that a training may see.
FITTED = 0.8
#: Share of the seconds behind which a cell is trained on the ends of its recordings too.
TRAINED = 0.88


def main() -> None:
    """Print a row for each drive, then the medians."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=8)
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--seconds", type=float, default=15.0, help="of each training")
    parser.add_argument("--units", type=int, default=8)
    parser.add_argument("--high-gain", action="store_true", help="the devices of drives.py")
    parser.add_argument("--alone", action="store_true", help="without a response behind it")
    parser.add_argument("--starts", type=int, default=training.STARTS)
    parser.add_argument("--trial", type=int, default=training.TRIAL)
    parser.add_argument("--label", default="", help="keeps the rows of versions apart")
    parser.add_argument("--fresh", action="store_true", help="measure again what is recorded")
    options = parser.parse_args()
    training.STARTS, training.TRIAL = options.starts, options.trial
    torch.set_num_threads(1)
    names = ("seconds", "units", "high_gain", "alone", "starts", "trial", "label")
    settings = {name: getattr(options, name) for name in names} | {"stream": STREAM, "rows": 2}
    print("cells:", *(f"{key}={value}" for key, value in settings.items() if value))
    recorded = Recorded("cells", settings, options.fresh)
    training.compile_training(gru(options.units))
    print(f"{'case':<6}{'left out':>10}{'ESR':>10}{'pre-emph.':>11}{'steps':>7}{'response':>10}")
    rows = []
    for number in range(options.first, options.first + options.cases):
        row = recorded.row(str(number), partial(measure, number, options))
        print(
            f"{number:<6}{row['left']:>10.4f}{row['esr']:>10.4f}{row['pre_emphasis']:>11.4f}"
            f"{row['steps']:>7}{row['response']:>10}",
            flush=True,
        )
        rows.append(row)
    for name in ("esr", "pre_emphasis"):
        logarithms = [np.log(row[name]) for row in rows]
        print(f"{name}: median {np.exp(statistics.median(logarithms)):.4f}", end=", ")
        print(f"geometric mean {np.exp(statistics.mean(logarithms)):.4f}")


def measure(number: int, options: argparse.Namespace) -> dict[str, Any]:
    """Train a cell on a drive, and return what it leaves."""
    case = HighGainCase(number) if options.high_gain else DriveCase(number)
    dry, wet, sample_rate = case.pair()
    end = round(FITTED * len(dry))
    gain = np.full(end, 1.0 / max(float(np.linalg.norm(wet[:end])), 1e-9), np.float32)
    network, begun = gru(options.units), time.process_time()

    def over(share: float = 1.0) -> bool:
        return time.process_time() - begun > share * options.seconds

    recordings = [Recording(dry[:end], wet[:end], gain)]
    cell = training.train_cell(
        [recordings],
        sample_rate,
        network,
        np.random.default_rng(number),
        lambda left: over(TRAINED),
        responds=not options.alone,
    )
    if cell is None:
        raise SystemExit(f"case {number}: no time for a step; give more --seconds")
    cell = trained_on_everything(cell, recordings, sample_rate, network, over)
    state, level = network.resting(cell.weights)
    played = network.run_from(dry, cell.weights, state) - level
    if cell.response is not None:
        played = cell.response.played(played)
    pairs = [(wet, played), (tilted(wet, PRE_EMPHASIS), tilted(played, PRE_EMPHASIS))]
    plain, bright = (esr(each[None, end:], other[None, end:]) for each, other in pairs)
    return {
        "left": cell.left,
        "fitted": cell.fitted,
        "steps": cell.steps,
        "response": 0 if cell.response is None else len(cell.response.taps),
        "esr": plain,
        "pre_emphasis": bright,
    }


if __name__ == "__main__":
    main()
