"""The time that other searches need to the error that fxchain's reaches in seconds.

    FXCHAIN_DATA=… python benchmarks/alternatives.py [--cases 3] [--cap 600] [--plot FILE] [--fresh]

Hidden chains of `recovery.py` are searched on the first 8 s of their 10, from the values of the
default chain, by fxchain's search ("engine"), by CMA-ES over all values at once (as ST-ITO does),
by Adam and CMA-ES in turns, and by Adam alone without delay and reverb; see `searches.py`. Only
fxchain's finds echo times in closed form. A search that misses the goal gets a lower bound: more
than its time limit.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from curves import draw
from recorded import Recorded
from recovery import DRY_SECONDS, Case, cases, first_seconds
from searches import (
    DESCENT,
    GENERATIONS,
    POPULATION,
    SIGMA,
    SMALL_POPULATION,
    STEPS,
    Curve,
    Task,
    alternation,
    engine,
    evolution,
    gradient,
)

from fxchain.data.presets import HIDDEN_STREAM, hidden_chain, hidden_rng
from fxchain.files.audio_input import read_audio
from fxchain.matching.search.schedule import fit
from fxchain.optim.budget import Budget
from fxchain.preset import Preset
from fxchain.recordings.problem import Problem
from fxchain.render import render
from fxchain.structure.named import named_chain
from fxchain.structure.user_edits import for_pair

GOAL_ESR = 1e-2
FITTED_SECONDS = 8.0
KINDS = ("guitar", "drums", "speech")

Row = dict[str, Any]


@dataclass(frozen=True)
class Method:
    """A search.

    Attributes:
        name: in the table
        share: of the longest time limit
        search: runs for at most so many seconds and returns its curve
    """

    name: str
    share: float
    search: Callable[[Task, float], Curve]


METHODS = (
    Method("engine", 0.1, engine),
    Method("CMA-ES", 1.0, evolution),
    Method("alternation", 0.5, alternation),
    Method("Adam only", 0.5, gradient),
)


def main() -> None:
    """Print a row for each case and method, then the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=3)
    parser.add_argument(
        "--cap",
        type=float,
        default=600.0,
        help="longest time of CMA-ES, s; the engine has a tenth of it, the others half",
    )
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--plot", type=Path, help="draw error against time into this file")
    parser.add_argument("--fresh", action="store_true", help="measure again what is recorded")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    settings = {
        "cap_seconds": options.cap,
        "threads": options.threads,
        "chain": "default",
        "dry_seconds": DRY_SECONDS,
        "hidden_stream": HIDDEN_STREAM,
        "fitted_seconds": FITTED_SECONDS,
        "population": POPULATION,
        "sigma": SIGMA,
        "alternation": [STEPS, SMALL_POPULATION, GENERATIONS],
        "descent": DESCENT,
    }
    print("searches:", *(f"{key}={value}" for key, value in settings.items()))
    recorded = Recorded("alternatives", settings, options.fresh)
    print(f"{'case':<12}{'method':<14}{f'to {GOAL_ESR:g}':>12}{'best ESR':>12}{'of':>8}")
    chosen = chosen_cases(options.cases)
    found: dict[str, dict[str, Row]] = {}
    for case in chosen:
        for method in METHODS:
            row = recorded.row(f"{case.name} {method.name}", _measurement(case, method, options))
            print(_line(case, method, row), flush=True)
            found.setdefault(case.name, {})[method.name] = row
    _print_table(found)
    if options.plot is not None:
        curves = {
            case: {name: _to_its_end(row) for name, row in rows.items()}
            for case, rows in found.items()
        }
        draw(curves, GOAL_ESR, options.plot)


def chosen_cases(count: int) -> list[Case]:
    """Return the first `count` hidden chains in sounds of `KINDS`."""
    return [case for case in cases(2 * count + 3) if case.kind in KINDS][:count]


def _measurement(case: Case, method: Method, options: argparse.Namespace) -> Callable[[], Row]:
    return lambda: measure(case, method, method.share * options.cap)


def measure(case: Case, method: Method, seconds: float) -> Row:
    """Search once, and return the curve, the time to the goal and the best error."""
    task = make_task(case)
    _warm_up(task)
    began = time.monotonic()
    curve = method.search(task, seconds)
    reached = [when for when, loss in curve if loss <= GOAL_ESR]
    return {
        "seconds_to_goal": reached[0] if reached else None,
        "best": curve[-1][1] if curve else float("nan"),
        "limit_seconds": seconds,
        "whole_seconds": time.monotonic() - began,
        "curve": curve,
    }


def make_task(case: Case) -> Task:
    """Play the recording of a case through its hidden chain."""
    dry = first_seconds(read_audio(case.file))
    rate = dry.sample_rate
    stage, values = hidden_chain(hidden_rng(case.number), rate)
    wet = render(Preset(stage, values, rate), dry.samples, rate)
    fitted = slice(round(FITTED_SECONDS * rate))
    problem = Problem(dry.samples[:, fitted], wet[:, fitted], 0, rate, polarity=1)
    return Task(problem, for_pair(named_chain("default"), 1, 1), case.number)


def _warm_up(task: Task) -> None:
    """Load and compile everything before the time is measured."""
    rate = task.problem.sample_rate
    short = Problem(task.problem.dry[:, :rate], task.problem.wet[:, :rate], 0, rate, polarity=1)
    fit(short, task.template, Budget(steps=6), seed=0)


def _line(case: Case, method: Method, row: Row) -> str:
    return (
        f"{case.name:<12}{method.name:<14}{_seconds(row):>12}{row['best']:>12.2e}"
        f"{row['limit_seconds']:>6.0f} s"
    )


def _to_its_end(row: Row) -> Curve:
    """Return the curve, extended to the time limit."""
    curve = [(float(when), float(loss)) for when, loss in row["curve"]]
    if curve and curve[-1][0] < row["limit_seconds"]:
        curve.append((row["limit_seconds"], curve[-1][1]))
    return curve


def _seconds(row: Row) -> str:
    """Return the time to the goal, or its lower bound."""
    taken = row["seconds_to_goal"]
    return f">{row['limit_seconds']:.0f} s" if taken is None else f"{taken:.1f} s"


def _ratio(engine_row: Row, other: Row) -> str:
    """Return the ratio of the other's time to the engine's, or its lower bound."""
    ours, theirs = engine_row["seconds_to_goal"], other["seconds_to_goal"]
    if ours is None:
        return "–"
    if theirs is None:
        return f">{other['limit_seconds'] / ours:.0f}"
    return f"{theirs / ours:.1f}"


def _print_table(found: dict[str, dict[str, Row]]) -> None:
    """Print times, best errors, and how much longer CMA-ES takes than the engine."""
    names = [method.name for method in METHODS]
    heads = "".join(f"{name:>14}" for name in names)
    print(f"\n{f'to ESR {GOAL_ESR:g}':<12}{heads}{'CMA-ES/engine':>16}")
    for case, rows in found.items():
        cells = "".join(f"{_seconds(rows[name]):>14}" for name in names)
        print(f"{case:<12}{cells}{_ratio(rows['engine'], rows['CMA-ES']):>16}")
    print(f"\n{'best ESR':<12}{heads}")
    for case, rows in found.items():
        print(f"{case:<12}" + "".join(f"{rows[name]['best']:>14.2e}" for name in names))


if __name__ == "__main__":
    main()
