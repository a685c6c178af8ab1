"""Are the knobs of a device found, and what is played between the captured positions?

    [FXCHAIN_DATA=…] python benchmarks/macros.py [--cases 12] [--first 0] [--seconds 120]
        [--label TEXT] [--fresh]

Each device is a chain drawn as `structure.py` draws them, of at most four stages and without echoes
and rooms; one knob moves one to three of its values along curves. It is captured at five positions.
Figures: are exactly the values that move found to move (as the chain stands, or in canonical form,
or as many with canonical forms that are equal at each captured position);
the ESR at captured positions; at four positions between them, that the match never sees, of the
macro and of the nearest captured position; and at captured positions that are left out in turn, of
the macro, of the nearest position, and of fits of each position by itself, interpolated. Then
devices among the shared recordings with a knob at three positions or more.
"""

import argparse
import statistics
import time
from collections import Counter
from typing import Any

import numpy as np
from macro_cases import (
    BETWEEN,
    CAPTURED,
    HIGH,
    LOW,
    NAME,
    RATE,
    STREAM,
    HiddenDevice,
    device,
    labels,
    moved_kinds,
    moved_values,
    moves_the_same,
)
from macro_recorded import recorded_devices
from recorded import Recorded

from fxchain.devices.captures import Captures, DeviceKnob
from fxchain.devices.match_device import match_device
from fxchain.metrics.scores import esr
from fxchain.preset import Preset
from fxchain.recordings.pair_source import PairSource
from fxchain.render import render
from fxchain.session.result import Match

Row = dict[str, Any]

#: Raised when rows get other figures.
VERSION = 2
GOAL_SHARE, GOAL_ESR, GOAL_RATIO = 0.8, 1e-3, 3.0
#: An ESR below this is rounding; ratios do not count there.
ROUNDING = 1e-7


def main() -> None:
    """Print a row for each device, then the summary."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=12)
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--label", default="", help="keeps the rows of versions apart")
    parser.add_argument("--fresh", action="store_true", help="measure again what is recorded")
    options = parser.parse_args()
    settings = {
        "seconds": options.seconds,
        "threads": options.threads,
        "stream": STREAM,
        "version": VERSION,
        "label": options.label,
    }
    print("devices with a knob:", *(f"{key}={value}" for key, value in settings.items() if value))
    recorded = Recorded("macros", settings, options.fresh)
    print(_HEADER)
    rows = []
    for number in range(options.first, options.first + options.cases):
        case = device(number)
        row = recorded.row(case.name, lambda case=case: measure(case, options))  # type: ignore[misc]
        print(_line(row), flush=True)
        rows.append(row)
    print(*summary(rows), sep="\n")
    print(*recorded_devices(options.seconds, options.threads), sep="\n")


def measure(case: HiddenDevice, options: argparse.Namespace) -> Row:
    """Capture a device, match it, and return the figures."""
    sources = tuple(
        PairSource(case.dry, render(case.at(at), case.dry, RATE), f"at {at:g}") for at in CAPTURED
    )
    captures = Captures(sources, (DeviceKnob(NAME, LOW, HIGH),), np.array(CAPTURED)[:, None])
    began = time.monotonic()
    found = match_device(
        captures,
        sample_rate=RATE,
        seconds=options.seconds,
        threads=options.threads,
        seed=int(case.name),
    )
    seconds = time.monotonic() - began
    true, got = moved_kinds(case.preset), moved_kinds(found.preset)
    if true != got and (other := moved_values(case.preset)) == moved_values(found.preset):
        true = got = other
    elif true != got and moves_the_same(case.preset, found.preset):
        got = true
    common = sum((Counter(true) & Counter(got)).values())
    return {
        "true": labels(case.preset),
        "found": labels(found.preset),
        "true_moves": true,
        "found_moves": got,
        "right": true == got,
        "common": common,
        **_errors(case, found),
        "seconds": seconds,
    }


def _errors(case: HiddenDevice, found: Match) -> Row:
    """Return the errors at captured positions, between them, and at those left out."""
    known = found.metrics["device"]
    between = [_error(case, found.preset, at, at) for at in BETWEEN]
    nearest = [
        _error(case, found.preset, min(CAPTURED, key=lambda each, at=at: abs(each - at)), at)  # type: ignore[misc]
        for at in BETWEEN
    ]
    return {
        "captured": known["captured_median"],
        "between": statistics.median(between),
        "between_nearest": statistics.median(nearest),
        "left_out": known["left_out_median"],
    }


def _error(case: HiddenDevice, preset: Preset, turned: float, at: float) -> float:
    """Return the ESR of a preset turned to one position against the device at another."""
    wet = render(case.at(at), case.dry, RATE)
    return float(esr(wet, render(preset.with_macros({NAME: turned}), case.dry, RATE)))


def summary(rows: list[Row]) -> list[str]:
    """Return the medians over all cases, beside the goals."""
    right = statistics.fmean(row["right"] for row in rows)
    captured, between = (statistics.median(row[k] for row in rows) for k in ("captured", "between"))
    ratios = [row["between"] / max(row["captured"], ROUNDING) for row in rows]
    near = sum(ratio <= GOAL_RATIO for ratio in ratios)
    left = {
        name: statistics.median(row["left_out"][name] for row in rows)
        for name in ("esr", "nearest", "separate")
    }
    stays = statistics.median(row["between_nearest"] for row in rows)
    moves = sum(len(row["true_moves"]) for row in rows)
    said = sum(len(row["found_moves"]) for row in rows)
    common = sum(row["common"] for row in rows)
    return [
        "",
        f"what moves is exactly right in {right:.0%} of {len(rows)} devices (goal {GOAL_SHARE:.0%})"
        f"; of {moves} values that move {common} are found, of {said} said to move {common} do",
        f"ESR in the median: {captured:.1e} at captured positions, {between:.1e} between them "
        f"(goal {GOAL_ESR:.0e}), {stays:.1e} of the nearest captured position",
        f"between at most {GOAL_RATIO:g} times what is left at captured ones (at least "
        f"{ROUNDING:.0e}): {near} of {len(rows)}",
        f"left out in turn, in the median: macro {left['esr']:.1e}, nearest {left['nearest']:.1e}, "
        f"each fitted by itself and interpolated {left['separate']:.1e}",
    ]


_HEADER = (
    f"{'case':<6}{'right':>6}{'moves':>7}{'found':>7}{'captured':>10}{'between':>10}{'nearest':>10}"
    f"{'left out':>10}{'nearest':>10}{'separate':>10}{'seconds':>9}  structure and moves"
)


def _line(row: Row) -> str:
    left = row["left_out"]
    moves = ", ".join(row["true_moves"])
    wrong = f"; found: {row['found']}: {', '.join(row['found_moves'])}"
    return (
        f"{row['case']:<6}{'yes' if row['right'] else 'no':>6}{len(row['true_moves']):>7}"
        f"{len(row['found_moves']):>7}{row['captured']:>10.1e}{row['between']:>10.1e}"
        f"{row['between_nearest']:>10.1e}{left['esr']:>10.1e}{left['nearest']:>10.1e}"
        f"{left['separate']:>10.1e}{row['seconds']:>9.1f}  {row['true']}: {moves}"
        f"{'' if row['right'] else wrong}"
    )


if __name__ == "__main__":
    main()
