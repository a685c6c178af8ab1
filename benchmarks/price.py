"""What a knob and a stage should cost: paths of elimination from overfull chains.

    FXCHAIN_DATA=… python benchmarks/price.py [--cases 12] [--first 200] [--seconds 15] [--fresh]

The hidden chains are those of `structure.py`, by default with other numbers than its own. The
default chain (25 effects, 76 values) descends for some seconds, then units are left out down to
nothing. Each candidate of the path is judged on what was not compared. For each price the table
says which candidate would have been taken: its knobs over those of the hidden chain, and its
judged error over the least of the path, both as geometric means over the cases.
"""

import argparse
import math
import time
from functools import partial
from typing import Any

import numpy as np
from recorded import Recorded
from structure_cases import Case, drawn_cases, hidden_pair

from fxchain.matching.search.coarse_to_fine import descend_coarse_to_fine
from fxchain.matching.search.context import SearchContext, point
from fxchain.matching.search.elimination import eliminate
from fxchain.matching.search.front_judgement import Judge
from fxchain.matching.search.schedule import start_state
from fxchain.optim.budget import Budget
from fxchain.optim.parallel import run_parallel
from fxchain.structure.canonical import canonical
from fxchain.structure.criterion import FLOOR, complexity

KNOBS = (0.01, 0.02, 0.03, 0.04, 0.06, 0.08, 0.12)
ELIMINATION_SECONDS = 60.0


def main() -> None:
    """Print a row for each case, then one for each price."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=12)
    parser.add_argument("--first", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--fresh", action="store_true", help="measure again what is recorded")
    options = parser.parse_args()
    recorded = Recorded("price", {"seconds": options.seconds}, options.fresh)
    print(f"{'case':<14}{'hidden':>8}{'start':>7}{'least':>10}{'path':>6}{'seconds':>9}")
    rows = []
    for case in drawn_cases(options.cases, options.first):
        row = recorded.row(case.name, partial(measure, case, options.seconds))
        least = min(each[2] for each in row["path"])
        print(
            f"{case.name:<14}{row['hidden'][0]:>8d}{row['path'][0][0]:>7d}{least:>10.1e}"
            f"{len(row['path']):>6d}{row['elimination_seconds']:>9.1f}",
            flush=True,
        )
        rows.append(row)
    print(f"{'knob':<8}{'stage':<8}{'knobs / hidden':>16}{'error / least':>16}{'worst':>8}")
    for knob in KNOBS:
        for stage in (0.0, knob, 2.0 * knob):
            print(_line(rows, knob, stage))


def measure(case: Case, seconds: float) -> dict[str, Any]:
    """Return knobs, stages and judged error of each candidate on the way to nothing."""
    pair = hidden_pair(case)
    budget = Budget(seconds=seconds)
    context = SearchContext((pair.problem,), pair.template, budget, ())
    state = start_state(context, 0)
    assert state.best is not None
    training = context.excerpts(state).training
    search = partial(descend_coarse_to_fine, point(state.best), training)
    end_point = run_parallel([search], budget, 1.0)[0]
    overfull = context.evaluate(state, end_point.candidate, end_point.cube)
    began = time.monotonic()
    path = eliminate(
        overfull,
        lambda candidate: context.error(state, candidate, training.brief),
        Budget(seconds=ELIMINATION_SECONDS),
    )
    spent = time.monotonic() - began
    judge = Judge(context.excerpts(state).whole, training.brief, pair.problem.sample_rate)
    points = [judge.point(canonical(each)) for each in path]
    of = complexity(canonical(pair.truth))
    return {
        "hidden": [of.knobs, of.stages],
        "path": [[each.knobs, each.stages, each.judged] for each in points],
        "elimination_seconds": spent,
    }


def _line(rows: list[dict[str, Any]], knob: float, stage: float) -> str:
    """Return the line of one price."""
    shares, ratios = [], []
    for row in rows:
        path = row["path"]
        costs = [math.log(e + FLOOR) + knob * k + stage * s for k, s, e in path]
        knobs, _, error = path[int(np.argmin(costs))]
        shares.append(math.log(max(knobs, 0.5) / max(row["hidden"][0], 0.5)))
        least = min(each[2] for each in path)
        ratios.append(math.log((error + FLOOR) / (least + FLOOR)))
    return (
        f"{knob:<8.2f}{stage:<8.2f}{math.exp(np.mean(shares)):>16.2f}"
        f"{math.exp(np.mean(ratios)):>16.2f}{math.exp(max(ratios)):>8.1f}"
    )


if __name__ == "__main__":
    main()
