"""Recovery of hidden chains: 20 seeded ones over five kinds of sound.

    FXCHAIN_DATA=… python benchmarks/recovery.py [--cases 20] [--seconds 60] [--varied] [--fresh]

With `--varied` delay and reverb are each absent in a quarter of the chains, and in a quarter the
compressor stands before the distortion; `--cases 40` then has every combination.

The wet is made by pedalboard from the first 10 s of a recording; the ESR is measured on the fifth
that was held out, rendered by the exported board. The parameter error is the mean distance
between found and hidden values in the unit cube, over the controls of those stages that stand at
the same place in both chains, beside that of the start values of the default chain. The certain
error is the same over the controls that are audible and that the match itself calls certain: half
of their range is less than a tenth of the cube; the error of the start is over the same controls.
"""

import argparse
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from recorded import Recorded
from recorded_pairs import data_folder, read_sources

from fxchain import match
from fxchain.data.presets import HIDDEN_STREAM, hidden_chain, hidden_rng
from fxchain.files.audio_input import Audio, read_audio, to_channels
from fxchain.preset import Preset
from fxchain.preset.effects import effects_of
from fxchain.render import render
from fxchain.stage import Stage
from fxchain.structure.named import named_chain

KINDS = ("guitar", "bass", "drums", "piano", "speech")
DRY_SECONDS = 10.0
GOAL_MEDIAN, GOAL_ESR, GOAL_SHARE, GOAL_WORST = 1e-4, 1e-3, 0.95, 3e-2
CERTAIN = 0.1
_WITHOUT_EFFECT = {"width"}  # of a reverb, in mono

Placed = list[tuple[str, str, dict[str, float]]]


class Distance(NamedTuple):
    """The distance between a control and the hidden one.

    Attributes:
        hidden: the number of the hidden effect, and the control's name
        found: the path of the effect that was found in its place, and the control's name
        distance: in the unit cube
    """

    hidden: tuple[int, str]
    found: tuple[str, str]
    distance: float


@dataclass(frozen=True)
class Case:
    """One hidden chain and the recording that it plays."""

    number: int
    kind: str
    file: Path
    varied: bool = False

    @property
    def swapped(self) -> bool:
        """Tell whether the compressor stands before the distortion."""
        return self.varied and self.number % 4 == 0

    @property
    def absent(self) -> tuple[str, ...]:
        """Return which effects are left out."""
        absences = {"delay": self.number // 2 % 4 == 0, "reverb": self.number // 5 % 4 == 1}
        return tuple(kind for kind, left_out in absences.items() if self.varied and left_out)

    @property
    def name(self) -> str:
        """Return its name in the table."""
        letters = "".join(kind[0] for kind in self.absent) + ("s" if self.swapped else "")
        return f"{self.number:02d} {self.kind}{f' {letters}' if letters else ''}"


def main() -> None:
    """Print a row for each case, then the summary."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--varied", action="store_true", help="absent effects, another order")
    parser.add_argument("--fresh", action="store_true", help="measure again what is recorded")
    options = parser.parse_args()
    settings = {
        "seconds": options.seconds,
        "threads": options.threads,
        "chain": "default",
        "dry_seconds": DRY_SECONDS,
        "hidden_stream": HIDDEN_STREAM,
        **({"varied": True} if options.varied else {}),
    }
    print("recovery of hidden chains:", *(f"{key}={value}" for key, value in settings.items()))
    recorded = Recorded("recovery", settings, options.fresh)
    print(
        f"{'case':<16}{'fitted ESR':>12}{'held out':>12}{'dB':>8}{'linear':>10}"
        f"{'error':>8}{'start':>8}{'knobs':>7}{'certain':>9}{'start':>8}{'knobs':>7}"
        f"{'last step':>11}{'whole':>8}"
    )
    rows = []
    for case in cases(options.cases, options.varied):
        row = recorded.row(case.name, lambda case=case: measure(case, options))  # type: ignore[misc]
        print(_line(row), flush=True)
        rows.append(row)
    _print_summary(rows, options.seconds)


def cases(count: int, varied: bool = False) -> list[Case]:
    """Return the first `count` cases, the kinds of sound in rotation."""
    folder = data_folder()
    files = {kind: read_sources(folder, "dry", kind)[0].file for kind in KINDS}
    turns = [KINDS[number % len(KINDS)] for number in range(count)]
    return [Case(number, kind, files[kind], varied) for number, kind in enumerate(turns)]


def measure(case: Case, options: argparse.Namespace) -> dict[str, Any]:
    """Play a recording through a hidden chain, match the pair, and return the figures."""
    dry = first_seconds(read_audio(case.file))
    rate = dry.sample_rate
    stage, values = hidden_chain(
        hidden_rng(case.number), rate, swapped=case.swapped, absent=case.absent
    )
    wet = render(Preset(stage, values, rate), dry.samples, rate)
    began = time.monotonic()
    found = match(
        dry.samples,
        wet,
        rate,
        seconds=options.seconds,
        threads=options.threads,
        seed=case.number,
    )
    seconds = time.monotonic() - began
    start = named_chain("default")
    away = distances(found.preset.stage, found.preset.values, stage, values)
    start_away = distances(start.stage, start.values, stage, values)
    certain = certain_controls(found.preset.stage, found.metrics["knobs"])
    certain_hidden = {each.hidden for each in away if each.found in certain}
    certain_hidden &= {each.hidden for each in start_away}
    return {
        "file": case.file.name,
        "fitted": found.metrics["fitted"],
        "held_out": found.metrics["held_out"],
        "linear": found.metrics["baselines"]["best_linear_filter"]["held_out"],
        "null_depth_db": found.metrics["null_depth_db"],
        "latency_samples": found.metrics["latency_samples"],
        "polarity": found.metrics["polarity"],
        "dropped": found.settings["dropped"],
        "without_twin": found.metrics["without_twin"],
        "error": _mean(away),
        "start_error": _mean(start_away),
        "knobs": len(away),
        "certain_error": _mean([each for each in away if each.hidden in certain_hidden]),
        "certain_start_error": _mean(
            [each for each in start_away if each.hidden in certain_hidden]
        ),
        "certain_knobs": len(certain_hidden),
        "last_step_seconds": found.history[-1]["seconds"] if found.history else 0.0,
        "whole_seconds": seconds,
        "steps": len(found.history),
    }


def first_seconds(audio: Audio) -> Audio:
    """Return the beginning of a recording in mono, at its own sample rate."""
    mono = to_channels(audio, 1)
    length = round(DRY_SECONDS * mono.sample_rate)
    return Audio(mono.samples[:, :length], mono.sample_rate, mono.name)


def distances(
    stage: Stage, values: np.ndarray, hidden: Stage, hidden_values: np.ndarray
) -> list[Distance]:
    """Return the distances between controls of the stages that both chains have in common."""
    found, expected = _placed(stage, values), _placed(hidden, hidden_values)
    matcher = SequenceMatcher(a=_kinds(found), b=_kinds(expected), autojunk=False)
    away = []
    for block in matcher.get_matching_blocks():
        for at in range(block.size):
            path, _, positions = found[block.a + at]
            for name, position in expected[block.b + at][2].items():
                distance = abs(positions[name] - position)
                away.append(Distance((block.b + at, name), (path, name), distance))
    return away


def certain_controls(stage: Stage, knobs: list[dict[str, Any]]) -> set[tuple[str, str]]:
    """Return path and name of the audible controls with a narrow range."""
    return {
        (slot.path, slot.spec.name)
        for slot, knob in zip(stage.slots(), knobs, strict=True)
        if knob["audible"]
        and knob["low"] is not None
        and slot.spec.normalize(knob["high"]) - slot.spec.normalize(knob["low"]) < 2 * CERTAIN
    }


def _mean(away: Sequence[Distance]) -> float | None:
    return statistics.fmean(each.distance for each in away) if away else None


def _placed(stage: Stage, values: np.ndarray) -> Placed:
    """Return path, kind and positions in the unit cube of every effect, in order."""
    return [
        (
            placed.path,
            placed.effect.primitive.kind,
            {
                spec.name: spec.normalize(float(value))
                for spec, value in zip(
                    placed.effect.primitive.parameters, placed.values, strict=True
                )
                if spec.name not in _WITHOUT_EFFECT
            },
        )
        for placed in effects_of(stage, values)
    ]


def _kinds(placed: Placed) -> Sequence[str]:
    return [kind for _, kind, _ in placed]


def _number(error: float | None) -> float:
    """Return an error, NaN where there was nothing to compare."""
    return float("nan") if error is None else error


def _line(row: dict[str, Any]) -> str:
    esr = _judged(row)
    linear = row["linear"]["esr"] if row["linear"] else float("nan")
    return (
        f"{row['case']:<16}{row['fitted']['esr']:>12.2e}{esr:>12.2e}{10 * np.log10(esr):>8.1f}"
        f"{linear:>10.3f}{_number(row['error']):>8.3f}{_number(row['start_error']):>8.3f}"
        f"{row['knobs']:>7d}{_number(row.get('certain_error')):>9.3f}"
        f"{_number(row.get('certain_start_error')):>8.3f}{row.get('certain_knobs', 0):>7d}"
        f"{row['last_step_seconds']:>9.1f} s{row['whole_seconds']:>6.0f} s"
    )


def _over(rows: list[dict[str, Any]], key: str) -> str:
    """Return the mean over the cases that have it."""
    known = [row[key] for row in rows if row.get(key) is not None]
    return f"{statistics.fmean(known):.3f}" if known else "–"


def _judged(row: dict[str, Any]) -> float:
    """Return the held-out ESR; the fitted one where nothing was held out."""
    return float((row["held_out"] or row["fitted"])["esr"])


def _print_summary(rows: list[dict[str, Any]], seconds: float) -> None:
    """Print the median, the share below the goal, and the time of the last step."""
    errors = [_judged(row) for row in rows]
    if not errors:
        return
    median, share = statistics.median(errors), np.mean([esr <= GOAL_ESR for esr in errors])
    latest = max(row["last_step_seconds"] for row in rows)
    aligned = sum(abs(row["latency_samples"]) < 0.5 and row["polarity"] == 1 for row in rows)
    farthest = max(abs(row["latency_samples"]) for row in rows)
    print(
        f"held-out ESR: median {median:.2e} (goal {GOAL_MEDIAN:g}); at most {GOAL_ESR:g} in ",
        end="",
    )
    print(f"{share:.1%} (goal {GOAL_SHARE:.0%}) of {len(rows)} cases; ", end="")
    print(f"worst {max(errors):.2e} (goal {GOAL_WORST:g})")
    print(
        f"parameter error: {_over(rows, 'error')}, at the start {_over(rows, 'start_error')}; "
        f"over the certain knobs {_over(rows, 'certain_error')}, at the start "
        f"{_over(rows, 'certain_start_error')}"
    )
    print(
        f"latency (to half a sample) and polarity right in {aligned} of {len(rows)}, the latency "
        f"{farthest:.2f} samples off at most; fit against board: worst "
        f"{max(row['null_depth_db'] for row in rows):.0f} dB; last step after {latest:.1f} s at "
        f"the latest, of {seconds:g} s"
    )


if __name__ == "__main__":
    main()
