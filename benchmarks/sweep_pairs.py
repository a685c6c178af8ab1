"""Is a drive found more exactly from a sweep than from music, and does a measurement help?

    python benchmarks/sweep_pairs.py [--cases 6] [--first 0] [--iterations 60] [--seconds 2]
        [--threads 2] [--label TEXT] [--fresh]

Each device is drawn: filters before a drive and behind it, one to three in all (`kinds`), played
without latency in noise at −60 dB. It is matched with the same number of steps from three pairs:

    sweep      the sweep signal and what the device makes of it
    music      plucked strings of the same length
    measured   the same music, beside the measurement of the recorded sweep (`--measured`)

Figures: the ESR on music that no match saw, against the device without noise, and the mean distance
of the device's knobs in the unit cube, 1 where an effect was not found.
"""

import argparse
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from recorded import Recorded
from structure_scores import structure_scores

from fxchain.data.presets import hidden_rng
from fxchain.data.signals import plucked_strings
from fxchain.data.structures import EQUALIZER, random_structure
from fxchain.files.audio_input import Audio
from fxchain.matching.match import match
from fxchain.measuring.files import write_measurement
from fxchain.measuring.measurement import measure
from fxchain.measuring.sweep import LEVELS_DBFS, SweepSignal
from fxchain.metrics.scores import esr
from fxchain.preset import Preset
from fxchain.render import render
from fxchain.structure.candidate import Candidate
from fxchain.structure.canonical import canonical

Row = dict[str, Any]

#: Changed when the same numbers begin to give other devices or figures.
STREAM = 131
RATE, NOISE_DB, HELD_OUT_SECONDS = 44_100, -60.0, 8.0
WAYS = ("sweep", "music", "measured")
_FILTERS, _DRIVES = (EQUALIZER, "highpass_filter", "lowpass_filter"), ("distortion", "clipping")
#: Music peaks a little below the loudest sweep, so that the measurement covers it.
_PEAK_DBFS = LEVELS_DBFS[-1] - 0.5


@dataclass(frozen=True, eq=False)
class Case:
    """A drawn device and the recordings of it.

    Attributes:
        chain: the truth
        pairs: dry and wet by name, (1, samples) each
        held_out: dry and wet, without noise
    """

    chain: Candidate
    pairs: dict[str, tuple[np.ndarray, np.ndarray]]
    held_out: tuple[np.ndarray, np.ndarray]


def main() -> None:
    """Print a line for each match, then the medians."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=6)
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--iterations", type=int, default=60)
    parser.add_argument("--seconds", type=int, default=2, help="of each of the four sweeps")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--label", default="", help="keeps the rows of versions apart")
    parser.add_argument("--fresh", action="store_true", help="measure again what is recorded")
    options = parser.parse_args()
    settings = {
        "iterations": options.iterations,
        "seconds": options.seconds,
        "threads": options.threads,
        "stream": STREAM,
        "label": options.label,
    }
    print("drives from sweeps:", *(f"{key}={value}" for key, value in settings.items() if value))
    recorded = Recorded("sweep_pairs", settings, options.fresh)
    print(f"{'case':<6}{'pair':<10}{'held-out ESR':>13}{'knobs':>8}{'found':>7}{'s':>7}  chain")
    rows = []
    for number in range(options.first, options.first + options.cases):
        for way in WAYS:
            row = recorded.row(
                f"{number:02d} {way}",
                lambda number=number, way=way: matched(number, way, options),  # type: ignore[misc]
            )
            print(_line(number, row), flush=True)
            rows.append(row)
    print(*summary(rows), sep="\n")


def drawn(number: int, seconds: int) -> Case:
    """Draw a device and record it.

    Args:
        number: seeds it
        seconds: of each of the four sweeps
    """
    rng = hidden_rng([STREAM, number])
    kinds = [_FILTERS[at] for at in rng.permutation(len(_FILTERS))[: int(rng.integers(1, 4))]]
    kinds.insert(int(rng.integers(len(kinds) + 1)), _DRIVES[number % 2])
    sweep = SweepSignal(RATE, seconds).samples()
    music = _music(sweep.shape[1] / RATE, 2 * number)
    chain, _ = random_structure(rng, music[:, : 4 * RATE], RATE, tuple(kinds))
    preset = Preset(chain.stage, chain.values, RATE)
    pairs = {}
    for name, dry in (("sweep", sweep), ("music", music)):
        wet = render(preset, dry, RATE)
        level = np.sqrt(np.mean(np.square(wet))) * 10.0 ** (NOISE_DB / 20.0)
        pairs[name] = dry, (wet + level * rng.standard_normal(wet.shape)).astype(np.float32)
    unseen = _music(HELD_OUT_SECONDS, 2 * number + 1)
    return Case(chain, pairs, (unseen, render(preset, unseen, RATE)))


def matched(number: int, way: str, options: argparse.Namespace) -> Row:
    """Match a device from one of its pairs, and return the figures."""
    case = drawn(number, options.seconds)
    limits = {"iterations": options.iterations, "threads": options.threads, "seed": number}
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        measured = None
        if way == "measured":
            measured = Path(folder) / "measured"
            found = measure(Audio(case.pairs["sweep"][1], RATE, "sweep.wav"))
            write_measurement(found, measured, "benchmark")
        dry, wet = case.pairs["sweep" if way == "sweep" else "music"]
        preset = match(dry, wet, RATE, measured=measured, **limits).preset
    every = np.ones(preset.stage.size, dtype=bool)
    scores = structure_scores(
        canonical(case.chain), canonical(Candidate(preset.stage, preset.values, every))
    )
    return {
        "way": way,
        "esr": float(esr(case.held_out[1], render(preset, case.held_out[0], RATE))),
        "knobs": statistics.fmean(scores["distances"]),
        "right": scores["all"],
        "seconds": time.monotonic() - began,
        "true": _labels(case.chain.stage.slots()),
        "found": _labels(preset.stage.slots()),
    }


def summary(rows: list[Row]) -> list[str]:
    """Return the medians of each way."""
    lines = [""]
    for way in WAYS:
        own = [row for row in rows if row["way"] == way]
        error, knobs = (statistics.median(row[key] for row in own) for key in ("esr", "knobs"))
        right = sum(row["right"] for row in own)
        lines.append(f"{way:<10}held-out ESR {error:.1e}, knobs {knobs:.3f} off in the median; "
                     f"structure right in {right} of {len(own)}")  # fmt: skip
    return lines


def _music(seconds: float, seed: int) -> np.ndarray:
    found = np.atleast_2d(plucked_strings(seconds, RATE, seed=seed)).astype(np.float32)
    return found * np.float32(10.0 ** (_PEAK_DBFS / 20.0) / np.abs(found).max())


def _labels(slots: Any) -> str:
    kinds = {slot.path: slot.kind for slot in slots if slot.kind != "mix"}
    return " → ".join(kinds.values()) or "nothing"


def _line(number: int, row: Row) -> str:
    found = "" if row["right"] else f"; found: {row['found']}"
    return (
        f"{number:02d}    {row['way']:<10}{row['esr']:>13.1e}{row['knobs']:>8.3f}"
        f"{'yes' if row['right'] else 'no':>7}{row['seconds']:>7.0f}  {row['true']}{found}"
    )


if __name__ == "__main__":
    main()
