"""How near does a match come to high-gain devices drawn at random, of which little was recorded?

    FXCHAIN_DATA=… python benchmarks/drives.py [--cases 12] [--first 0] [--seconds 30]
        [--label TEXT] [--fresh]

The devices are those of `drive_cases.py`; seconds are those of one processor, so that rows compare
that were measured beside other work. Printed is the error-to-signal ratio of the held-out part, the
same behind a pre-emphasis, the ratio of the best linear filter, and what was found.
"""

import argparse
import statistics
import time
from functools import partial
from typing import Any

import numpy as np
from drive_cases import STREAM, HighGainCase
from recorded import Recorded
from scipy.signal import lfilter

from fxchain import match
from fxchain.alignment.fractional_delay import REACH, advanced
from fxchain.baselines.linear import best_linear_filter
from fxchain.benchmarking.scores import PRE_EMPHASIS
from fxchain.metrics.scores import esr
from fxchain.render import render

#: Share of what is played that the match may see.
FITTED = 0.8
COLUMNS = ("esr", "pre_emphasis")


def main() -> None:
    """Print a row for each device, then the means."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=12)
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--seconds", type=float, default=30.0, help="of processor time, each")
    parser.add_argument("--label", default="", help="keeps the rows of versions apart")
    parser.add_argument("--fresh", action="store_true", help="measure again what is recorded")
    options = parser.parse_args()
    settings = {"seconds": options.seconds, "label": options.label, "stream": STREAM}
    recorded = Recorded("drives", settings, options.fresh)
    print(f"{'case':<6}{'ESR':>9}{'pre-emph.':>11}{'linear':>9}  found")
    rows = []
    for number in range(options.first, options.first + options.cases):
        row = recorded.row(str(number), partial(measure, HighGainCase(number), options.seconds))
        figures = f"{row['esr']:>9.4f}{row['pre_emphasis']:>11.4f}{row['linear']:>9.3f}"
        print(f"{number:<6}{figures}  {row['found']}", flush=True)
        rows.append(row)
    for name in COLUMNS:
        errors = [row[name] for row in rows]
        print(
            f"{name}: geometric mean {np.exp(np.mean(np.log(errors))):.4f},"
            f" median {statistics.median(errors):.4f}, worst {max(errors):.3f}"
        )


def measure(case: HighGainCase, seconds: float) -> dict[str, Any]:
    """Match a device of known latency, and return what is left of the last fifth."""
    dry, wet, sample_rate = case.pair()
    end = round(FITTED * len(dry))
    found = match(
        dry[:end],
        wet[:end],
        sample_rate,
        seconds=seconds,
        latency_samples=0.0,
        polarity=1,
        threads=1,
        seed=case.number,
        clock=time.process_time,
    )
    played = render(found.preset, dry[None], sample_rate)
    wanted = advanced(wet[None], found.metrics["latency_samples"])
    filtered = best_linear_filter(dry[None, :end], wet[None, :end])(dry[None])
    kinds = dict((slot.path, slot.kind) for slot in found.preset.stage.slots()).values()
    return {
        "esr": left(wanted, played, end),
        "pre_emphasis": left(emphasised(wanted), emphasised(played), end),
        "linear": left(wet[None], filtered, end),
        "found": " ".join(kinds),
    }


def emphasised(audio: np.ndarray) -> np.ndarray:
    """Return (channels, samples) behind the pre-emphasis of `fxchain benchmark`."""
    found: np.ndarray = lfilter([1.0, -PRE_EMPHASIS], 1.0, audio)
    return found


def left(wet: np.ndarray, played: np.ndarray, begin: int) -> float:
    """Return the error-to-signal ratio from a sample on, but for the reach of a resampled end."""
    part = slice(begin, wet.shape[1] - REACH)
    return esr(wet[:, part], played[:, part])


if __name__ == "__main__":
    main()
