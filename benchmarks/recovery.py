"""Recovery of hidden chains: 20 seeded ones over five kinds of sound.

    FXCHAIN_DATA=… python benchmarks/recovery.py [--cases 20] [--seconds 60] [--varied] [--fresh]

With `--varied` delay and reverb are each absent in a quarter of the chains, and in a quarter the
compressor stands before the distortion; `--cases 40` then has every combination.

The wet is made by pedalboard from the first 10 s of a recording; the ESR is measured on the fifth
that was held out, rendered by the exported board. The distance of knobs is the mean over the knobs
of the hidden chain from those found, in the unit cube, both chains in canonical form and without
what cannot be heard, as in `structure.py`; a knob whose effect was not found counts as 1.
"""

import argparse
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from recorded import Recorded
from recorded_pairs import data_folder, read_sources
from structure_scores import CLOSE, knob_count, structure_scores

from fxchain import match
from fxchain.data.presets import HIDDEN_STREAM, hidden_chain, hidden_rng
from fxchain.files.audio_input import Audio, read_audio, to_channels
from fxchain.preset import Preset
from fxchain.render import render
from fxchain.stage import Stage
from fxchain.structure.audibility import audible
from fxchain.structure.candidate import Candidate

KINDS = ("guitar", "bass", "drums", "piano", "speech")
DRY_SECONDS = 10.0
GOAL_MEDIAN, GOAL_ESR, GOAL_SHARE, GOAL_WORST, GOAL_DISTANCE = 1e-5, 1e-3, 0.95, 3e-2, 0.05


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
        "rows": 2,
        **({"varied": True} if options.varied else {}),
    }
    print("recovery of hidden chains:", *(f"{key}={value}" for key, value in settings.items()))
    recorded = Recorded("recovery", settings, options.fresh)
    print(
        f"{'case':<16}{'fitted ESR':>12}{'held out':>12}{'dB':>8}{'linear':>10}"
        f"{'distance':>10}{'close':>7}{'knobs':>7}{'true':>6}{'last step':>11}{'whole':>8}"
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
    truth = audible(_candidate(stage, values), dry.samples, rate)
    heard = audible(
        _candidate(found.preset.stage, found.preset.values), dry.samples, dry.sample_rate
    )
    scores = structure_scores(truth, heard)
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
        "true": scores["true"],
        "found": scores["found"],
        "distances": scores["distances"],
        "true_knobs": knob_count(truth),
        "knobs": knob_count(heard),
        "last_step_seconds": found.history[-1]["seconds"] if found.history else 0.0,
        "whole_seconds": seconds,
        "steps": len(found.history),
    }


def first_seconds(audio: Audio) -> Audio:
    """Return the beginning of a recording in mono, at its own sample rate."""
    mono = to_channels(audio, 1)
    length = round(DRY_SECONDS * mono.sample_rate)
    return Audio(mono.samples[:, :length], mono.sample_rate, mono.name)


def _candidate(stage: Stage, values: np.ndarray) -> Candidate:
    return Candidate(stage, values, np.ones(stage.size, dtype=bool))


def _line(row: dict[str, Any]) -> str:
    esr = _judged(row)
    linear = row["linear"]["esr"] if row["linear"] else float("nan")
    return (
        f"{row['case']:<16}{row['fitted']['esr']:>12.2e}{esr:>12.2e}{10 * np.log10(esr):>8.1f}"
        f"{linear:>10.3f}{_distance(row):>10.4f}{_close(row['distances']):>7.0%}"
        f"{row['knobs']:>7d}{row['true_knobs']:>6d}"
        f"{row['last_step_seconds']:>9.1f} s{row['whole_seconds']:>6.0f} s"
    )


def _distance(row: dict[str, Any]) -> float:
    return statistics.fmean(row["distances"] or [0.0])


def _close(distances: Sequence[float]) -> float:
    """Return the share of knobs that lie within `CLOSE` of the truth."""
    return float(np.mean([each <= CLOSE for each in distances])) if distances else 1.0


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
    everything = [each for row in rows for each in row["distances"]]
    print(
        f"distance of knobs: {statistics.fmean(map(_distance, rows)):.3f} in the mean of the cases "
        f"(goal {GOAL_DISTANCE:g}), {statistics.median(everything):.4f} in the median of the "
        f"knobs; {_close(everything):.0%} within {CLOSE:.0%}"
    )
    print(
        f"latency (to half a sample) and polarity right in {aligned} of {len(rows)}, the latency "
        f"{farthest:.2f} samples off at most; fit against board: worst "
        f"{max(row['null_depth_db'] for row in rows):.0f} dB; last step after {latest:.1f} s at "
        f"the latest, of {seconds:g} s"
    )


if __name__ == "__main__":
    main()
