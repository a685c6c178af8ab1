"""Are hidden settings of plug-ins of other makers found? Debian's zam-plugins.

    python benchmarks/plugins.py [--cases 5] [--seconds 60] [--only ZamEQ2] [--threads 2]
        [--folder /usr/lib/vst3] [--label TEXT] [--fresh]

Of each plug-in so many settings are drawn: every knob that is not without effect anywhere in its
range, every choice too. A riff of plucked strings is played through it and matched with
`--plugin`, then through a distortion and ZamDelay, matched with a chain file. What is hidden and
what the search draws come from separate streams of random numbers. Behind each match the preset is
written, read and rendered: it must sound the same bit for bit. Printed is the ESR of the part that
was held out, and how far the knobs are from the truth, as shares of their ranges; many settings
sound alike.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from recorded import Recorded

from fxchain import match
from fxchain.data.signals import plucked_strings
from fxchain.hosting.description import PluginDescription
from fxchain.hosting.hosted_plugin import inspected
from fxchain.hosting.probing import probed
from fxchain.preset import Preset
from fxchain.primitives import get_primitive
from fxchain.primitives.external import external
from fxchain.render import render
from fxchain.session.result import Match
from fxchain.stage import Chain, Effect, Stage

Row = dict[str, Any]
Values = dict[str, float]

PLUGINS = ("ZamEQ2", "ZamComp", "ZamTube", "ZamDelay")
#: The plug-in that stands behind a distortion.
BEHIND = "ZamDelay"
#: Of the random numbers of what is hidden; the search has streams of its own.
STREAM = 27_001
RATE, SECONDS_OF_SOUND = 44_100, 10.0
#: Knobs are drawn so far from the ends of their ranges, as shares.
MARGIN = 0.05
#: The wet must be as loud, root mean square in dBFS, and stay within full scale.
LEAST_DBFS = -50.0
#: So often a plug-in is loaded to hear whether a preset that was read sounds the same.
LOADS = 8
#: An ESR that counts as found, and the share of cases that should be.
FOUND, GOAL = 1e-2, 0.9
#: Raised when rows get other figures.
VERSION = 2


def main() -> None:
    """Print a row for each case, then the summary."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=5, help="settings of each plug-in")
    parser.add_argument("--seconds", type=float, default=60.0, help="of each match")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", default="", help="cases whose name begins with this")
    parser.add_argument("--folder", default="/usr/lib/vst3", help="where the plug-ins are")
    parser.add_argument("--label", default="", help="keeps the rows of versions apart")
    parser.add_argument("--fresh", action="store_true", help="measure again what is recorded")
    options = parser.parse_args()
    missing = [name for name in PLUGINS if not file_of(options.folder, name).exists()]
    if missing:
        parser.error(f"{', '.join(missing)}: not in {options.folder}; install zam-plugins")
    settings = {key: getattr(options, key) for key in ("seconds", "threads", "label")}
    settings |= {"stream": STREAM, "version": VERSION}
    print("plug-ins:", *(f"{key}={value}" for key, value in settings.items() if value != ""))
    recorded = Recorded("plugins", settings, options.fresh)
    names = [f"{name} {number}" for name in PLUGINS for number in range(options.cases)]
    names = [name for name in (*names, f"distortion+{BEHIND} 0") if name.startswith(options.only)]
    print(
        f"{'case':<22}{'held out':>10}{'fitted':>10}{'knobs away: median':>20}{'most':>8}"
        f"{'s':>7}  {'judged':<11}read back"
    )
    rows = []
    for name in names:
        row = recorded.row(name, partial(measure, name, options))
        print(line(row), flush=True)
        rows.append(row)
    print(*summary(rows), sep="\n")


def file_of(folder: str, name: str) -> Path:
    """Return where a plug-in lies."""
    return Path(folder) / f"{name}.vst3"


def measure(
    case: str, options: argparse.Namespace, clock: Callable[[], float] = time.monotonic
) -> Row:
    """Match a hidden setting, and return the figures.

    Args:
        case: `NAME NUMBER`, or `distortion+NAME NUMBER`
        options: of the command
        clock: of the match
    """
    kinds, number = case.split(" ")
    names = [*PLUGINS, f"distortion+{BEHIND}"]
    rng = np.random.default_rng([STREAM, names.index(kinds), int(number)])
    drive, _, name = kinds.rpartition("+")
    known = probed(inspected(str(file_of(options.folder, name))), RATE)
    dry = plucked_strings(SECONDS_OF_SOUND, RATE, seed=100 + int(number))
    stage: Stage = Effect(external(known))
    if drive:
        stage = Chain((Effect(get_primitive(drive)), stage))
    hidden, dry, wet = audible(stage, known, dry, rng)
    with tempfile.TemporaryDirectory() as folder:
        asked: dict[str, Any] = {"plugin": [known.file]}
        if drive:
            node = [{"primitive": drive, "parameters": {}}, {"plugin": known.file}]
            (Path(folder) / "chain.json").write_text(json.dumps({"chain": node}))
            asked = {"chain": Path(folder) / "chain.json"}
        began = time.monotonic()
        found = match(
            dry,
            wet,
            RATE,
            seconds=options.seconds,
            threads=options.threads,
            seed=int(number),
            anyway=True,  # echoes may leave little that is coherent with the dry
            latency_samples=0.0,  # a delay without its dry sound is not to be taken for one
            clock=clock,
            **asked,
        )
        seconds = time.monotonic() - began
        same = reads_back(found, dry, Path(folder))
    away = distances(stage, hidden, found)
    return {
        "held_out": (found.metrics["held_out"] or found.metrics["fitted"])["esr"],
        "fitted": found.metrics["fitted"]["esr"],
        "median_distance": statistics.median(away.values()),
        "most_distance": max(away.values()),
        "distances": away,
        "hidden": dict(zip((slot.name for slot in stage.slots()), hidden, strict=True)),
        "behaviour": known.behaviour,
        "read_back": same,
        "seconds": seconds,
    }


def audible(
    stage: Stage, known: PluginDescription, dry: np.ndarray, rng: np.random.Generator
) -> tuple[list[float], np.ndarray, np.ndarray]:
    """Return drawn values, the dry, and the wet they make, which is heard and not cut off.

    Where the wet exceeds full scale the dry is made softer; where little is left, others are drawn.
    """
    while True:
        values = drawn(stage, known, rng)
        softer = dry
        wet = Preset(stage, np.array(values), RATE).board(RATE)(softer, RATE)
        while np.abs(wet).max() > 1.0:
            softer = softer / 2.0
            wet = Preset(stage, np.array(values), RATE).board(RATE)(softer, RATE)
        level = 10.0 * np.log10(np.mean(np.square(wet, dtype=np.float64)) + 1e-30)
        if level >= LEAST_DBFS:
            return values, softer, wet


def drawn(stage: Stage, known: PluginDescription, rng: np.random.Generator) -> list[float]:
    """Return values of all controls; those without effect stay as found."""
    dead = {knob.name for knob in known.knobs if knob.dead}
    values = []
    for slot in stage.slots():
        spec = slot.spec
        if slot.kind == known.name and spec.name in dead:
            values.append(spec.default)
        elif spec.choices:
            values.append(float(rng.integers(len(spec.choices))))
        else:
            position = float(rng.uniform(MARGIN, 1.0 - MARGIN))
            low, high = spec.low, spec.high
            ratio = spec.scale == "log"
            inside = low * (high / low) ** position if ratio else low + (high - low) * position
            values.append(inside)
    return values


def reads_back(found: Match, dry: np.ndarray, folder: Path) -> bool:
    """Tell whether the preset is and sounds the same, bit for bit, when it was written and read.

    Some plug-ins are not alike each time they are loaded (ZamTube with some knobs at their ends):
    it must sound as one of several loads does.
    """
    file = folder / "preset.json"
    file.write_text(found.preset.to_json())
    read = Preset.load(file)
    again = render(read, dry, RATE)
    return read.to_json() == found.preset.to_json() and any(
        np.array_equal(again, render(found.preset, dry, RATE)) for _ in range(LOADS)
    )


def distances(stage: Stage, hidden: Sequence[float], found: Match) -> dict[str, float]:
    """Return how far knobs that are no choices are from the truth, as shares of their ranges."""
    there = {
        (slot.kind, slot.spec.name): value
        for slot, value in zip(found.preset.stage.slots(), found.preset.values, strict=True)
    }
    away = {}
    for slot, value in zip(stage.slots(), hidden, strict=True):
        met = there.get((slot.kind, slot.spec.name))
        if not slot.spec.choices and met is not None:
            away[slot.name] = abs(slot.spec.normalize(value) - slot.spec.normalize(float(met)))
    return away or {"": float("nan")}


def line(row: Row) -> str:
    """Return the row of a case."""
    return (
        f"{row['case']:<22}{row['held_out']:>10.1e}{row['fitted']:>10.1e}"
        f"{row['median_distance']:>20.4f}{row['most_distance']:>8.4f}{row['seconds']:>7.0f}"
        f"  {row['behaviour']:<11}{'same' if row['read_back'] else 'NOT THE SAME'}"
    )


def summary(rows: Sequence[Row]) -> list[str]:
    """Return the shares that were found."""
    lines = []
    for kind in dict.fromkeys(row["case"].split(" ")[0] for row in rows):
        errors = [row["held_out"] for row in rows if row["case"].split(" ")[0] == kind]
        lines.append(f"{kind}: {_found(errors)}, median {statistics.median(errors):.1e}")
    same = sum(row["read_back"] for row in rows)
    alone = [row["held_out"] for row in rows if "+" not in row["case"]]
    if alone:
        lines.append(f"alone: {_found(alone)} (goal {GOAL:.0%})")
    return [*lines, f"read back bit for bit: {same} of {len(rows)}"]


def _found(errors: Sequence[float]) -> str:
    found = sum(error <= FOUND for error in errors)
    return f"ESR at most {FOUND:g} in {found} of {len(errors)}"


if __name__ == "__main__":
    main()
