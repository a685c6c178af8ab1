"""Which search finds hidden structures best at equal time?

    FXCHAIN_DATA=… python benchmarks/strategies.py [--cases 8] [--first 0] [--seconds 60] [--fresh]

    beam        grown from nothing; the cheapest go on
    species     grown from nothing; of each species only some go on (the default)
    crossed     the same, and the parents of a generation are crossed with the best three
    backward    the default chain (25 effects, 76 values) descends, then units are left out

The hidden chains and the scores are those of `structure.py`. All share how a chain is refitted and
how units are left out; nothing joins and no response is measured, so that each search stands for
itself. The wet is given without latency, which is fitted nevertheless.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from recorded import Recorded
from structure_cases import STREAM, Case, HiddenPair, drawn_cases, hidden_pair
from structure_scores import knob_count, structure_scores

from fxchain.alignment.fractional_delay import REACH, advanced
from fxchain.matching.search.growth import SPECIES, Survival
from fxchain.matching.search.result import FitResult
from fxchain.matching.search.schedule import fit
from fxchain.matching.search.state import PlannedMove
from fxchain.metrics.scores import esr
from fxchain.optim.budget import Budget
from fxchain.preset import Preset
from fxchain.render import render
from fxchain.session.process_state import torch_settings
from fxchain.structure.audibility import audible
from fxchain.structure.candidate import Candidate
from fxchain.structure.template import Template

_END = (
    PlannedMove("eliminate", 0.95, above=0.0),
    PlannedMove("settle long", above=0.0),
)


def grown(template: Template) -> Sequence[PlannedMove]:
    """Return the moves of a search that grows alone."""
    return (PlannedMove("grow", 0.8), *_END)


def descended(template: Template) -> Sequence[PlannedMove]:
    """Return the moves of a search that only leaves units out."""
    begin = (PlannedMove("coarse to fine", 0.4), PlannedMove("latency", 0.45))
    return (*begin, PlannedMove("settle short", 0.5), *_END)


@dataclass(frozen=True)
class Strategy:
    """A search: its moves, and which candidates go on."""

    plan: Callable[[Template], Sequence[PlannedMove]]
    survival: Survival = SPECIES


STRATEGIES = {
    "beam": Strategy(grown, Survival(2, (6, 6), (3, 3))),
    "species": Strategy(grown),
    "crossed": Strategy(grown, Survival(crossed=3)),
    "backward": Strategy(descended),
}


def main() -> None:
    """Print a row for each case and search, then a line for each search."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=8)
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--fresh", action="store_true", help="measure again what is recorded")
    options = parser.parse_args()
    settings = {"seconds": options.seconds, "stream": STREAM}
    recorded = Recorded("strategies", settings, options.fresh)
    print(f"{'case':<14}{'search':<10}{'set order all':>14}{'knobs':>7}{'true':>5}", end="")
    print(f"{'held out':>10}{'seconds':>9}  found")
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in STRATEGIES}
    for case in drawn_cases(options.cases, options.first):
        for name, strategy in STRATEGIES.items():
            make = partial(measure, case, strategy, options.seconds)
            row = recorded.row(f"{case.name} {name}", make)
            rows[name].append(row)
            print(_line(case.name, name, row), flush=True)
        print(f"{'':<14}truth: {row['true']}")
    print(f"\n{'search':<10}{'set':>6}{'order':>7}{'all':>6}{'knobs':>7}{'held out':>10}", end="")
    print(f"{'worst':>10}{'seconds':>9}")
    for name, found in rows.items():
        print(_summary(name, found))


def measure(case: Case, strategy: Strategy, seconds: float) -> dict[str, Any]:
    """Return the scores of one search on one case."""
    pair = hidden_pair(case)
    dry, rate = pair.dry, pair.problem.sample_rate
    began = time.monotonic()
    with torch_settings(2):
        budget = Budget(seconds=seconds)
        found = fit(
            pair.problem,
            pair.template,
            budget,
            case.number,
            plan=strategy.plan,
            survival=strategy.survival,
        )
    spent = time.monotonic() - began
    truth = audible(pair.truth, dry, rate)
    free = np.ones(found.stage.size, dtype=bool)
    heard = audible(Candidate(found.stage, found.values, free), dry, rate)
    return {
        **structure_scores(truth, heard),
        "knobs": knob_count(Candidate(found.stage, found.values, free)),
        "true_knobs": knob_count(truth),
        "held_out": _held_out(found, pair),
        "seconds": spent,
    }


def _held_out(found: FitResult, pair: HiddenPair) -> float:
    rate = pair.problem.sample_rate
    output = render(Preset(found.stage, found.values, rate), pair.dry, rate)
    shift = found.latency_shifts[0] if found.latency_shifts else 0.0
    part = slice(pair.problem.wet.shape[-1], pair.wet.shape[-1] - REACH)
    return esr(advanced(pair.wet, shift)[:, part], output[:, part])


def _line(case: str, name: str, row: dict[str, Any]) -> str:
    marks = (("yes" if row[key] else "no") for key in ("set", "order", "all"))
    return (
        f"{case:<14}{name:<10}{'{:>4}{:>6}{:>4}'.format(*marks)}{row['knobs']:>7d}"
        f"{row['true_knobs']:>5d}{row['held_out']:>10.1e}{row['seconds']:>9.1f}  {row['found']}"
    )


def _summary(name: str, rows: Sequence[dict[str, Any]]) -> str:
    shares = [100.0 * float(np.mean([row[key] for row in rows])) for key in ("set", "order", "all")]
    knobs = statistics.median(row["knobs"] / max(row["true_knobs"], 1) for row in rows)
    errors = [row["held_out"] for row in rows]
    return (
        f"{name:<10}{shares[0]:>5.0f}%{shares[1]:>6.0f}%{shares[2]:>5.0f}%{knobs:>7.2f}"
        f"{statistics.median(errors):>10.1e}{max(errors):>10.1e}"
        f"{statistics.mean(row['seconds'] for row in rows):>9.1f}"
    )


if __name__ == "__main__":
    main()
