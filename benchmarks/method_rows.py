"""What benchmarks of several methods on the same drawn cases share: options, rows, their table."""

import argparse
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import torch
from recorded import Recorded

from fxchain.synth.search.schedule import load

Row = dict[str, Any]


def rows_of_methods(
    name: str,
    description: str,
    methods: Iterable[str],
    heading: str,
    measure: Callable[[int, str, float], Row],
    line: Callable[[Row], str],
    cases: int,
    seconds: float,
) -> dict[str, list[Row]]:
    """Read the command line, print a row for each case and method, and return them by method.

    Args:
        name: of the stored rows
        description: of the command
        methods: that there are
        heading: of the columns behind the first
        measure: returns the row of a case, by its number, of a method in so many seconds
        line: returns the columns of a row
        cases: how many there are by default
        seconds: of a method, by default
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--cases", type=int, default=cases)
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--seconds", type=float, default=seconds)
    parser.add_argument("--methods", default=",".join(methods))
    parser.add_argument("--label", default="", help="keeps the rows of versions apart")
    parser.add_argument("--fresh", action="store_true", help="measure again what is recorded")
    options = parser.parse_args()
    torch.set_num_threads(1)
    load()
    settings = {"seconds": options.seconds, "label": options.label}
    print(f"{name}:", *(f"{key}={value}" for key, value in settings.items() if value))
    recorded = Recorded(name, settings, options.fresh)
    print(f"{'case':<14}{heading}")
    rows: dict[str, list[Row]] = {method: [] for method in options.methods.split(",")}
    for number in range(options.first, options.first + options.cases):
        for method, found in rows.items():
            case = f"{number:>3} {method}"
            row = recorded.row(case, partial(measure, number, method, options.seconds))
            print(f"{case:<14}{line(row)}", flush=True)
            found.append(row)
    return rows
