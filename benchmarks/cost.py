"""The cost of a match: time of a gradient step by part, time and memory of long recordings.

    python benchmarks/cost.py [--cases 4] [--iterations 12] [--threads 2] [--fresh]

Stereo plucked strings through a small hidden board are matched by the default chain, each length
in a process of its own. The peak is that of the process's memory, libraries included, before the
search (aligned), after it, and at the end, when everything is scored.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from recorded import Recorded
from step import RATE_HZ, default_chain, gradient_step, median_seconds, replay, transforms_of

from fxchain import match
from fxchain.data.signals import plucked_strings
from fxchain.metrics.spectral_loss import SpectralLoss
from fxchain.preset import Preset, parse_chain
from fxchain.render import render

LENGTHS_SECONDS = (5.0, 30.0, 60.0, 300.0)
STEP_SECONDS = 10.0
REPEATS = 9
GOAL_MEBIBYTES = 2048.0
BOARD: dict[str, Any] = {
    "chain": [
        {
            "primitive": "peak_filter",
            "parameters": {"cutoff_frequency_hz": 900.0, "gain_db": 6.0, "q": 0.8},
        },
        {"primitive": "distortion", "parameters": {"drive_db": 12.0}},
        {
            "primitive": "compressor",
            "parameters": {
                "threshold_db": -22.0,
                "ratio": 4.0,
                "attack_ms": 6.0,
                "release_ms": 140.0,
            },
        },
        {
            "primitive": "delay",
            "parameters": {"delay_seconds": 0.25, "feedback": 0.3, "mix": 0.2},
        },
        {"primitive": "gain", "parameters": {"gain_db": -4.0}},
    ]
}

Row = dict[str, Any]


def main() -> None:
    """Print the step, then a row for each length."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=len(LENGTHS_SECONDS))
    parser.add_argument("--iterations", type=int, default=12)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--fresh", action="store_true", help="measure again what is recorded")
    parser.add_argument("--measure", help=argparse.SUPPRESS)  # one row, in this process
    options = parser.parse_args()
    if options.measure is not None:
        print(json.dumps(_measured(options.measure, options)))
        return
    settings = {
        "iterations": options.iterations,
        "threads": options.threads,
        "chain": "default",
        "channels": 2,
        "sample_rate": RATE_HZ,
    }
    print("cost:", *(f"{key}={value}" for key, value in settings.items()))
    recorded = Recorded("cost", settings, options.fresh)
    _print_step(recorded.row("step", _in_own_process("step", options)))
    print(
        f"\n{'length':>8}{'second order':>14}{'search':>10}{'scoring':>10}"
        f"{'aligned':>11}{'searched':>11}{'scored':>11}"
    )
    rows = []
    for seconds in LENGTHS_SECONDS[: options.cases]:
        row = recorded.row(f"{seconds:g} s", _in_own_process(f"{seconds:g}", options))
        print(_line(row), flush=True)
        rows.append(row)
    _print_growth(rows)


def _in_own_process(what: str, options: argparse.Namespace) -> Callable[[], Row]:
    """Return a function that measures a row in a process of its own, for a peak of its own."""
    command = [sys.executable, str(Path(__file__)), "--measure", what]
    command += ["--iterations", str(options.iterations), "--threads", str(options.threads)]

    def measured() -> Row:
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        return dict(json.loads(done.stdout.splitlines()[-1]))

    return measured


def _measured(what: str, options: argparse.Namespace) -> Row:
    if what == "step":
        return measure_step(options.threads)
    return measure_match(float(what), options.iterations, options.threads)


def measure_step(threads: int) -> Row:
    """Time a gradient step and its least parts: its FFTs, and the loss with its gradient."""
    torch.set_num_threads(threads)
    chain, values = default_chain()
    audio = torch.from_numpy(plucked_strings(STEP_SECONDS, RATE_HZ))[None]
    spectral = SpectralLoss(audio)
    used = transforms_of(lambda: gradient_step(chain, values, audio, torch.square))

    def loss_alone() -> None:
        spectral(audio.clone().requires_grad_()).sum().backward()

    return {
        "step_seconds": median_seconds(
            lambda: gradient_step(chain, values, audio, spectral), REPEATS
        ),
        "fft_seconds": median_seconds(lambda: replay(used), REPEATS),
        "loss_seconds": median_seconds(loss_alone, REPEATS),
        "ffts": len(used),
    }


def measure_match(seconds: float, iterations: int, threads: int) -> Row:
    """Match a stereo pair of a length, s."""
    dry, wet = make_pair(seconds)
    first_seen: dict[str, tuple[float, float]] = {}

    def watch(phase: str, loss: float, share: float) -> None:
        seen = "searching" if phase not in ("aligning", "scoring") else phase
        first_seen.setdefault(seen, (time.monotonic(), peak_mebibytes()))

    found = match(dry, wet, RATE_HZ, iterations=iterations, threads=threads, progress=watch)
    ended, (scoring, searched) = time.monotonic(), first_seen["scoring"]
    return {
        "second_order_seconds": _second_order(found.history),
        "search_seconds": scoring - first_seen["aligning"][0],
        "scoring_seconds": ended - scoring,
        "aligned_mebibytes": first_seen["searching"][1],
        "searched_mebibytes": searched,
        "scored_mebibytes": peak_mebibytes(),
        "held_out": found.metrics["held_out"],
    }


def make_pair(seconds: float) -> tuple[np.ndarray, np.ndarray]:
    """Return dry and wet, (2, samples): another riff in each channel, played through the board."""
    riffs = [plucked_strings(seconds, RATE_HZ, seed) for seed in (0, 1)]
    dry = np.concatenate(riffs)
    stage, values, _ = parse_chain(BOARD, "the hidden board")
    return dry, render(Preset(stage, values, RATE_HZ), dry, RATE_HZ)


def peak_mebibytes() -> float:
    """Return the peak of this process's memory, MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


def _second_order(history: list[dict[str, Any]]) -> float | None:
    """Return the median time of a second-order step, s."""
    taken = [
        after["seconds"] - before["seconds"]
        for before, after in pairwise(history)
        if after["phase"] == before["phase"] == "second order"
    ]
    return statistics.median(taken) if taken else None


def _print_step(row: Mapping[str, Any]) -> None:
    least = row["fft_seconds"] + row["loss_seconds"]
    print(
        f"a gradient step on {STEP_SECONDS:g} s mono: {1e3 * row['step_seconds']:.1f} ms; "
        f"its {row['ffts']} FFTs {1e3 * row['fft_seconds']:.1f} ms, the loss forward and "
        f"backward {1e3 * row['loss_seconds']:.1f} ms; {row['step_seconds'] / least:.2f} times both"
    )


def _line(row: Mapping[str, Any]) -> str:
    order = row["second_order_seconds"]
    step = "–" if order is None else f"{order:.2f} s"
    peaks = "".join(
        f"{row[f'{when}_mebibytes']:>7.0f} MiB" for when in ("aligned", "searched", "scored")
    )
    return (
        f"{row['case']:>8}{step:>14}{row['search_seconds']:>8.1f} s"
        f"{row['scoring_seconds']:>8.1f} s{peaks}"
    )


def _print_growth(rows: list[Row]) -> None:
    """Print the growth of time and memory with the length."""
    if len(rows) < 2:
        return
    first, last = rows[0], rows[-1]
    spans = [float(row["case"].split()[0]) for row in (first, last)]
    times = [row["search_seconds"] + row["scoring_seconds"] for row in (first, last)]
    peak = max(row["scored_mebibytes"] for row in rows)
    print(
        f"{spans[1] / spans[0]:.0f} times the length: {times[1] / times[0]:.1f} times the time; "
        f"most memory {peak:.0f} MiB (goal below {GOAL_MEBIBYTES:.0f})"
    )


if __name__ == "__main__":
    main()
