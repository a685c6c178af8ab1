"""What does a data set cost, and does it survive being killed?

    python benchmarks/dataset.py [--cases 60] [--seconds 10] [--killed 3] [--workers 2]
        [--sources FOLDER]

The cost is the time of one process on one core, per second of audio: of the chains alone, and of
whole pairs with FLAC and with WAV. Then the command makes as many pairs twice, once in one go and
once killed at random moments and resumed; the bytes are compared, and every label is rendered
again.
"""

import argparse
import hashlib
import random
import signal
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from fxchain.child_process import module_command, module_environment
from fxchain.dataset.options import DatasetOptions
from fxchain.dataset.pair import PairMaker
from fxchain.dataset.pair_files import PairFiles
from fxchain.dataset.sources import Source, find_sources
from fxchain.files.audio_input import read_audio
from fxchain.preset import Preset
from fxchain.render import render

GOAL_MILLISECONDS, GOAL_DECIBELS = 5.0, -95.0
SHARES = (0.8, 0.1, 0.1)
#: At most so many pairs are timed.
MOST_TIMED = 60


def main() -> None:
    """Print the cost, then what became of the data set that was killed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=60, help="pairs")
    parser.add_argument("--seconds", type=float, default=10.0, help="length of each pair")
    parser.add_argument("--killed", type=int, default=3, help="how often the second is killed")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--sources", type=Path, help="a folder of recordings; else all is made")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for audio_format in ("flac", "wav"):
            place = Path(folder) / audio_format
            print(*costs(place, audio_format, options), sep="\n", flush=True)
        print(*interruptions(Path(folder), options), sep="\n")


def costs(folder: Path, audio_format: str, options: argparse.Namespace) -> list[str]:
    """Return the cost of pairs and of their chains alone, processor time in ms per second."""
    count = min(options.cases, MOST_TIMED)
    asked = DatasetOptions(count, seconds=options.seconds, audio_format=audio_format, shares=SHARES)
    sources: tuple[Source, ...] = ()
    if options.sources is not None:
        sources = find_sources(options.sources, options.seconds, SHARES, 0)
    made_from = None if options.sources is None else str(options.sources)
    maker = PairMaker(str(folder), asked, made_from, sources)
    maker.make(0)  # libraries are loaded, code is compiled
    whole, chains = [], []
    for number in range(count):
        began = time.process_time()
        maker.make(number)
        whole.append(time.process_time() - began)
        files = PairFiles.of(number, audio_format)
        preset, dry = Preset.load(folder / files.preset), read_audio(folder / files.dry)
        began = time.process_time()
        render(preset, dry.samples, dry.sample_rate)
        chains.append(time.process_time() - began)
    return [
        f"{audio_format}: {name} {_milliseconds(found, options.seconds)}"
        for name, found in (("the chain alone", chains), ("a whole pair", whole))
    ]


def interruptions(folder: Path, options: argparse.Namespace) -> list[str]:
    """Return whether a data set that was killed is the same, and how exact its labels are."""
    once, killed = folder / "once", folder / "killed"
    began = time.monotonic()
    _command(once, options).wait()
    seconds = time.monotonic() - began
    chance, kills = random.Random(0), 0
    process = _command(killed, options)
    while kills < options.killed:
        try:
            process.wait(chance.uniform(0.1, 1.0) * seconds / options.killed)
            break
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            kills += 1
            process = _command(killed, options, resume=(killed / "dataset.json").exists())
    process.wait()
    same = _hashes(once) == _hashes(killed)
    worst = max(_difference_db(once, number) for number in range(options.cases))
    return [
        f"{options.cases} pairs of {options.seconds:g} s in {seconds:.0f} s on {options.workers} "
        f"processes, {1e3 * seconds / options.cases / options.seconds:.1f} ms per second of audio",
        f"killed {kills} times and resumed: {'the same bytes' if same else 'OTHER BYTES'}",
        f"labels rendered again: {worst:.1f} dB at most (goal {GOAL_DECIBELS:g})",
    ]


def _command(
    folder: Path, options: argparse.Namespace, resume: bool = False
) -> "subprocess.Popen[bytes]":
    words = ["dataset", "--out", str(folder), "--count", str(options.cases)]
    words += ["--seconds", str(options.seconds), "--workers", str(options.workers)]
    words += ["--sources", str(options.sources)] if options.sources else []
    words += ["--resume"] if resume else []
    return subprocess.Popen(
        module_command("fxchain", *words), env=module_environment(), stdout=subprocess.DEVNULL
    )


def _hashes(folder: Path) -> dict[str, str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def _difference_db(folder: Path, number: int) -> float:
    """Return how far the label of a pair renders from its wet, dB relative to the wet."""
    files = PairFiles.of(number, "flac")
    preset, dry = Preset.load(folder / files.preset), read_audio(folder / files.dry)
    wet = read_audio(folder / files.wet).samples.astype(np.float64)
    error = np.square(render(preset, dry.samples, dry.sample_rate) - wet).sum()
    return float(10.0 * np.log10(error / np.square(wet).sum() + 1e-30))


def _milliseconds(found: Sequence[float], seconds: float) -> str:
    each = [1e3 * one / seconds for one in found]
    return (
        f"{statistics.median(each):.1f} ms per second of audio in the median (goal "
        f"{GOAL_MILLISECONDS:g}), {max(each):.1f} at most"
    )


if __name__ == "__main__":
    main()
