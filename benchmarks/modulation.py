"""Recorded effects that move by themselves: flangers, phasers, choruses, rotary speakers.

    FXCHAIN_DATA=… python benchmarks/modulation.py [--seconds 60] [--only modfx] [--threads 2]

Every pair of these categories is matched with the default chain. Printed is the ESR of the whole
recording and of the part that was held out, of the match and of the best linear filter for the
latter, and the rate of a periodic filter where the chain has one.
"""

import argparse
import statistics
import time
from functools import partial
from typing import Any

from devices import recordings
from recorded import Recorded
from recorded_pairs import Pair, data_folder, read_pairs

from fxchain import match
from fxchain.metrics.scores import esr

CATEGORIES = ("flanger", "phaser", "chorus", "rotary")
#: Shares that count, of the whole recording and of what was held out.
WHOLE, HELD_OUT = 0.01, 0.035


def main() -> None:
    """Print a row for each pair."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60.0, help="of each match")
    parser.add_argument("--only", default="", help="pairs whose id begins with this")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--label", default="", help="of the stored rows")
    options = parser.parse_args()
    settings = {key: getattr(options, key) for key in ("seconds", "threads", "label")}
    recorded = Recorded("modulation", settings)
    pairs = [
        pair
        for pair in read_pairs(data_folder())
        if pair.category in CATEGORIES and pair.id.startswith(options.only)
    ]
    print(f"{'pair':<34}{'whole':>10}{'held out':>10}{'linear':>10}{'rate, Hz':>10}{'s':>7}")
    rows = []
    for pair in pairs:
        row = recorded.row(pair.id, partial(_matched, pair, options.seconds, options.threads))
        rows.append(row)
        rate = f"{row['rate_hz']:.3f}" if row["rate_hz"] else "-"
        print(
            f"{pair.id:<34}{row['whole']:>10.2g}{row['held_out']:>10.2g}{row['linear']:>10.2g}"
            f"{rate:>10}{row['seconds']:>7.0f}",
            flush=True,
        )
    for name, bound in (("whole", WHOLE), ("held_out", HELD_OUT)):
        values = [row[name] for row in rows]
        fewer = sum(value <= bound for value in values)
        median = statistics.median(values)
        print(f"{name}: {fewer} of {len(values)} at most {bound:g}, median {median:.2g}")


def _matched(pair: Pair, seconds: float, threads: int) -> dict[str, Any]:
    """Return the figures of one match."""
    dry, wet = recordings(pair)
    begun = time.monotonic()
    found = match(dry.samples, wet.samples, dry.sample_rate, seconds=seconds, threads=threads)
    taken = time.monotonic() - begun
    latency = max(round(found.metrics["latency_samples"]), 0)
    target = wet.samples[:, latency:]
    length = min(target.shape[1], found.matched.shape[1])
    rates = [
        float(value)
        for slot, value in zip(found.preset.stage.slots(), found.preset.values, strict=True)
        if slot.spec.name == "rate_hz"
    ]
    return {
        "whole": esr(target[:, :length], found.matched[:, :length]),
        "held_out": found.metrics["held_out"]["esr"],
        "linear": found.metrics["baselines"]["best_linear_filter"]["held_out"]["esr"],
        "rate_hz": rates[0] if rates else None,
        "seconds": taken,
    }


if __name__ == "__main__":
    main()
