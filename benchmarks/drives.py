"""What is a cell worth between the filters of a chain, on drives drawn at random?

    FXCHAIN_DATA=… python benchmarks/drives.py [--cases 8] [--first 0] [--search 36] [--seconds 15]
        [--fresh]

The drives are those of `cells.py`. A chain of knobs is searched for the first four fifths of each.
Where it leaves as much as a match tries a cell for, cells are trained: alone, from four starts, and
as a match does, two of the four between the filters with which the chain begins and ends. Seconds
are those of one processor, so that rows compare that were measured beside other work. Printed is
the error-to-signal ratio, half of it behind a pre-emphasis, on the last fifth.
"""

import argparse
import json
import time
from functools import partial
from typing import Any

import numpy as np
import torch
from cell_cases import STREAM, DriveCase
from recorded import Recorded

from fxchain import match
from fxchain.alignment.fractional_delay import advanced
from fxchain.matching.search.filters_around import filters_around
from fxchain.matching.search.try_recurrent_cell import UNITS, WORTH_A_CELL
from fxchain.preset import Preset
from fxchain.recurrent.filters import Alternative
from fxchain.recurrent.gru import gru
from fxchain.recurrent.recording import LEFT_OUT, Recording
from fxchain.recurrent.trained_piece import Piece
from fxchain.recurrent.training import compile_training, train_cell
from fxchain.render import render
from fxchain.structure.candidate import Candidate

WAYS = ("alone", "between")


def main() -> None:
    """Print a row for each drive, then the geometric means."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=8)
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--search", type=float, default=36.0, help="seconds for each chain")
    parser.add_argument("--seconds", type=float, default=15.0, help="of each training")
    parser.add_argument("--label", default="", help="keeps the rows of versions apart")
    parser.add_argument("--fresh", action="store_true", help="measure again what is recorded")
    options = parser.parse_args()
    torch.set_num_threads(1)
    compile_training(gru(UNITS))
    searches = Recorded("drive-chains", {"stream": STREAM, "search": options.search}, options.fresh)
    settings = {"stream": STREAM, "search": options.search, "seconds": options.seconds}
    trainings = Recorded("drives", {**settings, "label": options.label}, options.fresh)
    print(f"{'case':<6}{'chain':>9}" + "".join(f"{way:>9}" for way in WAYS) + "  latency")
    rows = []
    for number in range(options.first, options.first + options.cases):
        case = DriveCase(number)
        found = searches.row(str(number), partial(searched, case, options.search))
        row = trainings.row(str(number), partial(trained, case, found, options.seconds))
        figures = "".join(f"{row[name]:>9.4f}" for name in ("chain", *WAYS) if name in row)
        print(f"{number:<6}{figures}  {found['latency_samples']:.2f}", flush=True)
        rows += [row] if "alone" in row else []
    for name in ("chain", *WAYS):
        mean = np.exp(np.mean([np.log(row[name]) for row in rows]))
        print(f"{name}: geometric mean {mean:.4f}")


def searched(case: DriveCase, seconds: float) -> dict[str, Any]:
    """Find a chain of knobs for a drive; its latency is known to be none."""
    dry, wet, sample_rate = case.pair()
    end = round((1.0 - LEFT_OUT) * len(dry))
    found = match(
        dry[:end],
        wet[:end],
        sample_rate,
        seconds=seconds,
        measured_response=False,
        latency_samples=0.0,
        polarity=1,
        threads=1,
        clock=time.process_time,
    )
    return {
        "preset": json.loads(found.preset.to_json()),
        "latency_samples": found.metrics["latency_samples"],
    }


def trained(case: DriveCase, found: dict[str, Any], seconds: float) -> dict[str, Any]:
    """Train a cell alone, and between filters, and return what they leave."""
    dry, wet, sample_rate = case.pair()
    preset = Preset.from_json(json.dumps(found["preset"]))
    chain = Candidate(preset.stage, preset.values, np.ones(len(preset.values), dtype=bool))
    own = np.asarray(advanced(wet[None], found["latency_samples"])[0], np.float32)
    plain, aligned = _recording(dry, wet), _recording(dry, own)
    around = filters_around(chain, sample_rate)
    moved = Alternative([aligned], around) if around else Alternative([aligned])
    played = render(preset, dry[None], sample_rate)[0]
    piece = Piece(aligned, aligned.end, len(dry))
    row: dict[str, Any] = {
        "chain": float(np.sum(piece.residual(played[piece.begin :]) ** 2)) / piece.energy,
        "knobs": 0 if around is None else len(around.start),
    }
    if row["chain"] < WORTH_A_CELL:
        return row
    ways = ([Alternative([plain]), Alternative([aligned])], [Alternative([plain]), moved])
    for name, alternatives in zip(WAYS, ways, strict=True):
        begun = time.process_time()
        cell = train_cell(
            alternatives,
            sample_rate,
            gru(UNITS),
            np.random.default_rng(case.number),
            lambda left, begun=begun: time.process_time() - begun > seconds,
        )
        if cell is None:
            raise SystemExit(f"case {case.number}: no time for a step; give more --seconds")
        row[name], row[f"{name} steps"] = cell.left, cell.steps
        row[f"{name} alternative"] = cell.alternative
    return row


def _recording(dry: np.ndarray, wet: np.ndarray) -> Recording:
    gain = np.full_like(wet, 1.0 / max(float(np.linalg.norm(wet)), 1e-9))
    return Recording(dry, wet, gain)


if __name__ == "__main__":
    main()
