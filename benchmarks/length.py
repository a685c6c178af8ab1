"""Time and memory of `fxchain render` and `fxchain match` for recordings of 5 s to 30 min, stereo.

    python benchmarks/length.py [--cases 8] [--seconds 30] [--threads 2] [--fresh]

Plucked strings are played through a small board by `fxchain render`, and its output is matched by
`fxchain match --seconds 30`, each command in a process of its own. The peak is that of the
process's memory, libraries included. Rendering should need no more for 30 min than for 5 s.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import soundfile
from cost import BOARD
from recorded import Recorded, Row

from fxchain.data.signals import plucked_strings
from fxchain.preset import Preset, parse_chain

RATE_HZ = 44_100
LENGTHS_SECONDS = (5.0, 60.0, 600.0, 1800.0)
#: Length of a piece with a riff of its own, s.
PIECE_SECONDS = 5.0
COMMANDS = ("render", "match")
#: Divisor from the unit of the system's report to MiB.
UNIT = 2**20 if sys.platform == "darwin" else 2**10


def main() -> None:
    """Print a row for each command and length as it ends, then how much memory grows."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=len(COMMANDS) * len(LENGTHS_SECONDS))
    parser.add_argument("--seconds", type=float, default=30.0, help="of each match")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--fresh", action="store_true", help="measure again what is recorded")
    options = parser.parse_args()
    settings = {
        "seconds": options.seconds,
        "threads": options.threads,
        "channels": 2,
        "sample_rate": RATE_HZ,
    }
    print(", ".join(f"{name} {value}" for name, value in settings.items()))
    recorded = Recorded("length", settings, options.fresh)
    cases = [(length, command) for length in LENGTHS_SECONDS for command in COMMANDS]
    found: dict[str, list[Row]] = {command: [] for command in COMMANDS}
    for length, command in cases[: options.cases]:
        row = recorded.row(f"{command} {length:g} s", partial(measure, command, length, options))
        found[command].append(row)
        print(
            f"{row['case']:<16} {row['wall_seconds']:8.1f} s   {row['peak_mebibytes']:7.0f} MiB",
            flush=True,
        )
    for command, rows in found.items():
        if len(rows) > 1:
            peaks = [row["peak_mebibytes"] for row in rows]
            print(f"{command}: {peaks[-1] / peaks[0]:.2f} times the memory of the shortest")


def measure(command: str, length: float, options: argparse.Namespace) -> Row:
    """Return time and memory of a command on a recording of a length, s."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write_strings(folder / "dry.wav", length)
        stage, values, _ = parse_chain(BOARD, "the hidden board")
        Preset(stage, values, RATE_HZ).save(folder / "board.json")
        rendering = ["render", "board.json", "dry.wav", "wet.wav"]
        spent = timed(rendering, folder)
        if command == "render":
            return spent
        limits = ["--seconds", str(options.seconds), "--threads", str(options.threads)]
        return timed(["match", "dry.wav", "wet.wav", "--out", "out", *limits], folder)


def write_strings(path: Path, seconds: float) -> None:
    """Write stereo strings piece by piece: this process stays small."""
    with soundfile.SoundFile(path, "w", RATE_HZ, 2, "PCM_16") as file:
        for piece in range(max(1, round(seconds / PIECE_SECONDS))):
            left, right = (
                plucked_strings(PIECE_SECONDS, RATE_HZ, 2 * piece + n)[0] for n in (0, 1)
            )
            file.write(0.5 * np.stack([left + 0.3 * right, 0.3 * left + right], axis=1))


def timed(arguments: Sequence[str], folder: Path) -> Row:
    """Run a command in a folder and return what it took.

    Raises:
        RuntimeError: it failed.
    """
    began = time.monotonic()
    command = [sys.executable, "-m", "fxchain", *arguments]
    child = os.fork()
    if child == 0:
        os.chdir(folder)
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.execv(command[0], command)
    _, status, usage = os.wait4(child, 0)
    if status:
        raise RuntimeError(f"fxchain {' '.join(arguments)} ended with status {status}")
    return {
        "wall_seconds": time.monotonic() - began,
        "peak_mebibytes": usage.ru_maxrss / UNIT,
    }


if __name__ == "__main__":
    main()
