"""Are hidden chains found as chains? Random subsets of effects in random order.

    FXCHAIN_DATA=… python benchmarks/structure.py [--cases 40] [--first 0] [--seconds 120]
        [--special] [--told] [--label TEXT] [--fresh]

Each chain has 1 to 6 stages of {EQ of 1 to 4 bands, distortion, clipping, compressor, gain, delay,
reverb, high-pass, low-pass}, an EQ up to twice; a quarter of them have a parallel branch. The wet
is made by pedalboard from the first 10 s of a recording. True and found chain are compared in
canonical form, without what changes the output by less than −40 dB when it is bypassed at the best
gain. With `--special` the cases are nothing, and each effect alone. With `--told` a second fit is
given the structure as a chain file whose settings are open, for reference. `--label` keeps rows of
versions apart.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from recorded import Recorded
from structure_cases import (
    STREAM,
    Case,
    drawn_cases,
    hidden,
    special_cases,
    write_structure,
)
from structure_scores import CLOSE, knob_count, structure_scores, uncertain_count

from fxchain import match
from fxchain.data.structures import played
from fxchain.files.audio_input import Audio
from fxchain.preset.effects import effects_of
from fxchain.session.result import Match
from fxchain.structure.audibility import audible
from fxchain.structure.boxes import boxes, flattened
from fxchain.structure.candidate import Candidate

Row = dict[str, Any]

#: Raised when rows get other figures.
VERSION = 3
#: An easy pair should end so soon, s.
MOST_SPECIAL_SECONDS = 5.0
#: ESR that counts as none.
ROUNDING = 1e-9


def main() -> None:
    """Print a row for each case, then the summary."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=40)
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--special", action="store_true", help="nothing, and each effect alone")
    parser.add_argument("--told", action="store_true", help="a second fit knows the structure")
    parser.add_argument("--label", default="", help="keeps the rows of versions apart")
    parser.add_argument("--fresh", action="store_true", help="measure again what is recorded")
    options = parser.parse_args()
    settings = {
        "seconds": options.seconds,
        "threads": options.threads,
        "stream": STREAM,
        "version": VERSION,
        "told": options.told,
        "label": options.label,
    }
    print("hidden structures:", *(f"{key}={value}" for key, value in settings.items() if value))
    recorded = Recorded("structure", settings, options.fresh)
    cases = special_cases() if options.special else drawn_cases(options.cases, options.first)
    print(_HEADER)
    rows = []
    for case in cases:
        row = recorded.row(case.name, lambda case=case: measure(case, options))  # type: ignore[misc]
        print(_line(row), flush=True)
        rows.append(row)
    lines = special_summary(rows) if options.special else summary(rows, options.seconds)
    print(*lines, sep="\n")


def measure(case: Case, options: argparse.Namespace) -> Row:
    """Play a recording through a hidden chain, match the pair, and return the figures."""
    dry = case.dry()
    truth = hidden(case, dry)
    wet = played(truth, dry.samples, dry.sample_rate)
    truth = audible(truth, dry.samples, dry.sample_rate)
    began = time.monotonic()
    found = _match(dry, wet, case, options)
    seconds = time.monotonic() - began
    told = _match(dry, wet, case, options, truth) if options.told and truth.stage.size else None
    stage, values = found.preset.stage, found.preset.values
    free = np.ones(stage.size, dtype=bool)
    heard = audible(Candidate(stage, values, free), dry.samples, dry.sample_rate)
    drawn = flattened(boxes(truth.stage, truth.values))
    return {
        **structure_scores(truth, heard),
        "true_stages": sum(not box.branches for box in drawn),
        "true_knobs": knob_count(truth),
        "knobs": sum(not knob["fixed"] for knob in found.metrics["knobs"]),
        "heard_knobs": knob_count(heard),
        "uncertain": uncertain_count(found.metrics["knobs"], [slot.spec for slot in stage.slots()]),
        "fitted": found.metrics["fitted"]["esr"],
        "held_out": judged(found),
        "told_held_out": None if told is None else judged(told),
        "last_step_seconds": found.history[-1]["seconds"] if found.history else 0.0,
        "effects": len(effects_of(stage, values)),
        "seconds": seconds,
    }


def _match(
    dry: Audio,
    wet: np.ndarray,
    case: Case,
    options: argparse.Namespace,
    told: Candidate | None = None,
) -> Match:
    """Match a pair; a structure that is told is given as a file, its settings open."""
    with tempfile.TemporaryDirectory() as folder:
        chain = "default"
        if told is not None:
            chain = write_structure(told, dry.sample_rate, folder)
        return match(
            dry.samples,
            wet,
            dry.sample_rate,
            seconds=options.seconds,
            threads=options.threads,
            seed=case.number,
            chain=chain,
        )


def judged(found: Match) -> float:
    """Return the held-out ESR; the fitted one where nothing was held out."""
    return float((found.metrics["held_out"] or found.metrics["fitted"])["esr"])


_HEADER = (
    f"{'case':<16}{'set order branch all':>21}{'knobs':>7}{'heard':>6}{'true':>5}{'unsure':>7}"
    f"{'close':>7}{'median':>8}{'fitted':>10}{'held out':>10}{'told':>10}{'seconds':>9}  structure"
)


def _line(row: Row) -> str:
    marks = "".join(
        f"{'yes' if row[key] else 'no':>{width}}"
        for key, width in (("set", 4), ("order", 6), ("parallel", 7), ("all", 4))
    )
    away = row["distances"]
    told = "" if row["told_held_out"] is None else f"{row['told_held_out']:.1e}"
    structure = row["true"] if row["all"] else f"{row['true']}   found: {row['found']}"
    close, median = _over(away, _close_share), _over(away, statistics.median)
    return (
        f"{row['case']:<16}{marks}{row['knobs']:>7d}{row['heard_knobs']:>6d}"
        f"{row['true_knobs']:>5d}{row['uncertain']:>7d}{close:>7.0%}{median:>8.4f}"
        f"{row['fitted']:>10.1e}{row['held_out']:>10.1e}{told:>10}{row['seconds']:>9.1f}"
        f"  {structure}"
    )


def _close_share(away: Sequence[float]) -> float:
    return float(np.mean([distance <= CLOSE for distance in away]))


def _over(numbers: Sequence[float], figure: Callable[[Sequence[float]], float]) -> float:
    return figure(numbers) if numbers else float("nan")


def summary(rows: Sequence[Row], seconds: float) -> list[str]:
    """Return the figures over all rows, each with its goal."""
    if not rows:
        return []
    small = [row for row in rows if row["true_stages"] <= 3]
    errors = [row["held_out"] for row in rows]
    away = [distance for row in rows for distance in row["distances"]]
    ratios = [row["knobs"] / row["true_knobs"] for row in rows if row["true_knobs"]]
    told = [
        (row["held_out"] + ROUNDING) / (row["told_held_out"] + ROUNDING)
        for row in rows
        if row["told_held_out"] is not None
    ]
    lines = [
        f"{len(rows)} chains: set right {_share(rows, 'set')} (goal 85%), order "
        f"{_share(rows, 'order')} (80%), branches {_share(rows, 'parallel')}, all right "
        f"{_share(rows, 'all')} (60%)",
        f"up to three stages ({len(small)}): all right {_share(small, 'all')} (85%), median "
        f"{_over([row['seconds'] for row in small], statistics.median):.0f} s (40 s)",
        f"knobs: median {_over(ratios, statistics.median):.2f} of the truth (1.2), uncertain "
        f"{_over([row['uncertain'] for row in rows], statistics.median):.0f} (3) in the median, "
        f"{max(row['uncertain'] for row in rows)} at most; of the true ones "
        f"{_over(away, _close_share):.0%} within {CLOSE:.0%} of their range (80%), median distance "
        f"{_over(away, statistics.median):.4f} (0.005)",
        f"held-out ESR: median {statistics.median(errors):.1e} (1e-6), at most 1e-3 in "
        f"{np.mean([esr <= 1e-3 for esr in errors]):.0%} (85%), worst {max(errors):.1e}",
        f"seconds: median {statistics.median(row['seconds'] for row in rows):.0f}, most "
        f"{max(row['seconds'] for row in rows):.0f}, of {seconds:g}",
    ]
    orders = [r["order_correlation"] for r in rows if r["order_correlation"] is not None]
    lines.append(
        f"effects selected right: {np.mean([row['selection'] for row in rows]):.0%} (LLM2Fx-Tools "
        f"80%), order correlation {_over(orders, statistics.fmean):.2f} of {len(orders)} (0.56)"
    )
    if told:
        lines.append(
            f"over a fit that is told the structure: median {statistics.median(told):.2g} (2)"
        )
    return lines


def special_summary(rows: Sequence[Row]) -> list[str]:
    """Return the figures over the cases without or with one effect."""
    right = [row for row in rows if row["all"]]
    exact = [row for row in right if row["knobs"] == row["true_knobs"]]
    quick = [row for row in rows if row["seconds"] <= MOST_SPECIAL_SECONDS]
    return [
        f"all right {len(right)} of {len(rows)}, {len(exact)} of them with no knob too many; "
        f"{len(quick)} within {MOST_SPECIAL_SECONDS:g} s, the slowest "
        f"{max((row['seconds'] for row in rows), default=0.0):.1f} s; held-out ESR at most "
        f"{max((row['held_out'] for row in rows), default=0.0):.1e}"
    ]


def _share(rows: Sequence[Row], key: str) -> str:
    return f"{np.mean([row[key] for row in rows]):.0%}" if rows else "–"


if __name__ == "__main__":
    main()
