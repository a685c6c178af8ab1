"""Are phasers of other makers found? Other stages, sweeps and feedback than ours, at any phase.

    FXCHAIN_DATA=… python benchmarks/hidden_phasers.py [--cases 12] [--first 0] [--seconds 60]
        [--threads 2] [--label TEXT] [--fresh]

The phasers are drawn (`benchmarks/phaser_cases.py`), and the wet is what they make of the first
10 s of a recording. Beside the ESR of what was held out stands that of a linear filter; rate and
all-passes are compared where the effect has them.
"""

import argparse
import time
from collections.abc import Sequence
from functools import partial
from typing import Any

from phaser_cases import strange_phaser
from recorded import Recorded
from recovery import Case, cases, first_seconds

from fxchain import match
from fxchain.files.audio_input import read_audio
from fxchain.preset.effects import effects_of

GOAL_ESR, GOAL_RATE = 1e-2, 1e-3


def main() -> None:
    """Print a row for each case, then the shares."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=12)
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--label", default="", help="keeps the rows of versions apart")
    parser.add_argument("--fresh", action="store_true", help="measure again what is recorded")
    options = parser.parse_args()
    settings = {key: getattr(options, key) for key in ("seconds", "threads", "label")}
    print("hidden phasers:", *(f"{key}={value}" for key, value in settings.items() if value))
    recorded = Recorded("hidden_phasers", settings, options.fresh)
    print(f"{'case':<28}{'held out':>10}{'linear':>10}{'rate off':>10}{'stages':>9}{'s':>6}  found")
    rows = []
    for case in cases(options.first + options.cases)[options.first :]:
        made = partial(measure, case, options.seconds, options.threads)
        row = recorded.row(f"{case.name} {strange_phaser(case.number).shape}", made)
        rows.append(row)
        print(line(row), flush=True)
    print(*summary(rows), sep="\n")


def measure(case: Case, seconds: float, threads: int) -> dict[str, Any]:
    """Return the figures of one match."""
    hidden, dry = strange_phaser(case.number), first_seconds(read_audio(case.file))
    wet = hidden.play(dry.samples, dry.sample_rate)
    begun = time.monotonic()
    found = match(
        dry.samples, wet, dry.sample_rate, seconds=seconds, threads=threads, seed=case.number
    )
    taken = time.monotonic() - begun
    linear = found.metrics["baselines"]["best_linear_filter"]["held_out"]
    placed = effects_of(found.preset.stage, found.preset.values)
    rates, stages = [], []
    for each in placed:
        rates += [v for k, v in each.effect.arguments(each.values).items() if k == "rate_hz"]
        if "stages" in each.effect.assets:
            stages.append(each.effect.assets["stages"].samples.shape[1])
    return {
        "held_out": (found.metrics["held_out"] or found.metrics["fitted"])["esr"],
        "linear": linear["esr"] if linear else float("nan"),
        "rate_off": abs(rates[0] / hidden.rate_hz - 1.0) if rates else None,
        "stages": [hidden.stages, *stages],
        "found": [each.effect.primitive.kind for each in placed],
        "whole_seconds": taken,
    }


def line(row: dict[str, Any]) -> str:
    """Return the row of a case."""
    off = "–" if row["rate_off"] is None else f"{row['rate_off']:.1e}"
    stages = " as ".join(str(each) for each in row["stages"])
    return (
        f"{row['case']:<28}{row['held_out']:>10.1e}{row['linear']:>10.1e}{off:>10}{stages:>9}"
        f"{row['whole_seconds']:>6.0f}  {', '.join(row['found'])}"
    )


def summary(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Return the shares that were found."""
    near = sum(row["held_out"] <= GOAL_ESR for row in rows)
    rates = sum(row["rate_off"] is not None and row["rate_off"] <= GOAL_RATE for row in rows)
    stages = sum(row["stages"] == [row["stages"][0]] * 2 for row in rows)
    return [
        f"held out at most {GOAL_ESR:g}: {near} of {len(rows)}; rate within {GOAL_RATE:.1%}: "
        f"{rates}; as many all-passes: {stages}"
    ]


if __name__ == "__main__":
    main()
