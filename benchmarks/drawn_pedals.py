"""Are pedals of other makers found? Matches of drawn ones, a row for each.

The wet is what a pedal that is drawn makes of the first 10 s of a recording. Beside the ESR of what
was held out stands that of a linear filter; the rate of its first oscillator is compared with the
nearest that was found, and one thing more, as the kind of pedal has it.
"""

import argparse
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import numpy as np
from recorded import Recorded
from recovery import Case, cases, first_seconds

from fxchain import match
from fxchain.files.audio_input import read_audio
from fxchain.player import Asset
from fxchain.preset.effects import effects_of

GOAL_ESR, GOAL_RATE = 1e-2, 1e-3


class Pedal(Protocol):
    """What is drawn."""

    def play(self, dry: np.ndarray, sample_rate: int) -> np.ndarray:
        """Return the wet, (channels, samples) float32, of a dry."""
        ...


@dataclass(frozen=True)
class Kind:
    """A kind of pedal.

    Attributes:
        name: of the benchmark
        draw: `number of the case -> pedal, its name, the rate of its first oscillator, Hz, and what
            is compared`
        heading: of what is compared
        found: `(values and assets of an effect) -> the same of it`; None: it has none
        near: whether what was found is near enough to what was drawn
    """

    name: str
    draw: Callable[[int], tuple[Pedal, str, float, float]]
    heading: str
    found: Callable[[Mapping[str, float], Mapping[str, Asset]], float | None]
    near: Callable[[float, float], bool]


def run(kind: Kind, description: str) -> None:
    """Print a row for each case, then the shares."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--cases", type=int, default=12)
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--label", default="", help="keeps the rows of versions apart")
    parser.add_argument("--fresh", action="store_true", help="measure again what is recorded")
    options = parser.parse_args()
    settings = {key: getattr(options, key) for key in ("seconds", "threads", "label")}
    print(f"{kind.name}:", *(f"{key}={value}" for key, value in settings.items() if value))
    recorded = Recorded(kind.name, settings, options.fresh)
    heading = f"{'case':<28}{'held out':>10}{'linear':>10}{'rate off':>10}{kind.heading:>16}"
    print(f"{heading}{'s':>6}  found")
    rows = []
    for case in cases(options.first + options.cases)[options.first :]:
        made = partial(_measured, kind, case, options.seconds, options.threads)
        row = recorded.row(f"{case.name} {kind.draw(case.number)[1]}", made)
        rows.append(row)
        print(_line(row), flush=True)
    print(_summary(kind, rows))


def _measured(kind: Kind, case: Case, seconds: float, threads: int) -> dict[str, Any]:
    """Return the figures of one match."""
    pedal, _, rate_hz, drawn = kind.draw(case.number)
    dry = first_seconds(read_audio(case.file))
    wet = pedal.play(dry.samples, dry.sample_rate)
    begun = time.monotonic()
    match_of = partial(match, seconds=seconds, threads=threads, seed=case.number)
    found = match_of(dry.samples, wet, dry.sample_rate)
    taken = time.monotonic() - begun
    linear = found.metrics["baselines"]["best_linear_filter"]["held_out"]
    placed = effects_of(found.preset.stage, found.preset.values)
    rates, compared = [], [drawn]
    for each in placed:
        values = each.effect.arguments(each.values)
        rates += [value for name, value in values.items() if name.endswith("rate_hz")]
        had = kind.found(values, each.effect.assets)
        compared += [] if had is None else [had]
    return {
        "held_out": (found.metrics["held_out"] or found.metrics["fitted"])["esr"],
        "linear": linear["esr"] if linear else float("nan"),
        "rate_off": min((abs(each / rate_hz - 1.0) for each in rates), default=None),
        "compared": compared,
        "found": [each.effect.primitive.kind for each in placed],
        "whole_seconds": taken,
    }


def _line(row: dict[str, Any]) -> str:
    """Return the row of a case."""
    off = "–" if row["rate_off"] is None else f"{row['rate_off']:.1e}"
    compared = " as ".join(f"{each:.2g}" for each in row["compared"])
    return (
        f"{row['case']:<28}{row['held_out']:>10.1e}{row['linear']:>10.1e}{off:>10}{compared:>16}"
        f"{row['whole_seconds']:>6.0f}  {', '.join(row['found'])}"
    )


def _summary(kind: Kind, rows: Sequence[dict[str, Any]]) -> str:
    """Return the shares that were found."""
    near = sum(row["held_out"] <= GOAL_ESR for row in rows)
    rates = sum(row["rate_off"] is not None and row["rate_off"] <= GOAL_RATE for row in rows)
    pairs = [row["compared"] for row in rows]
    alike = sum(len(each) == 2 and kind.near(*each) for each in pairs)
    return (
        f"held out at most {GOAL_ESR:g}: {near} of {len(rows)}; rate within {GOAL_RATE:.1%}: "
        f"{rates}; {kind.heading}: {alike}"
    )
