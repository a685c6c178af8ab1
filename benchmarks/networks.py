"""fxchain beside WaveNet and LSTM: the tables and pictures under docs/benchmark.

    FXCHAIN_DATA=… python benchmarks/networks.py [--tables steady] [--cases 1000] [--seconds N]
                                                 [--methods fxchain,lstm] [--folder NAME]
                                                 [--publish]

Four tables, each a run of `fxchain benchmark` with a manifest that is written here:

steady      every pair whose effect is time-invariant (and the tape, with its slight flutter)
            and that has a held-out part, and three made with pedalboard: a 350 ms
            echo, a large reverb, and an echo into a reverb behind a drive; 60 s a method
long        four of them, 300 s a method
modulation  the pairs whose effect is time-varying and that have a held-out part; 60 s a method
echoes      one echo of 5 to 350 ms, for the memory of each method; 30 s a method

A stopped run continues where it ended, pair by pair and method by method. `--publish` copies the
results so far to docs/benchmark. `--folder` keeps those apart that were measured otherwise, on
another number of threads.
"""

import argparse
import csv
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pedalboard
from recorded import FOLDER
from recorded_pairs import Pair, data_folder, read_pairs, read_sources

from fxchain import benchmark
from fxchain.benchmarking.benchmark import Step
from fxchain.benchmarking.methods import DEFAULT_METHODS
from fxchain.files.audio_input import read_audio, to_channels
from fxchain.files.audio_output import write_audio
from fxchain.recordings.held_out_split import LEAST_SECONDS

HOME = FOLDER / "networks"
PUBLISHED = Path("docs/benchmark")

DRY_SECONDS = 10.0
ECHO_MS = 350.0
ECHOES_MS = (5.0, 15.0, 30.0, 40.0, 80.0, 160.0, 350.0)
TIME_VARYING = {"flanger", "phaser", "chorus", "rotary"}
LONG = (
    "dafx25-gypsy-guitar_1",
    "openamp-Bogner-c0",
    "dafx24-BlackstarHT40_AmpHighGain",
    "made-drive-echo-reverb",
)
#: The networks of Neural Amp Modeler stand in the tables of a minute and more.
PEERS = ("nam", "nam_lite", "nam_standard")
#: Methods of the tables of more and less time than `steady`: all but `only_pedalboard`.
FEWER_METHODS = tuple(method for method in DEFAULT_METHODS if method != "only_pedalboard")
ECHO_METHODS = ("best_linear_filter", "fxchain", "lstm", "wavenet")

Row = dict[str, object]


@dataclass(frozen=True)
class Table:
    """A run of the comparison.

    Attributes:
        seconds: of each method on each pair, s
        rows: of its manifest
        methods: that are compared
    """

    seconds: float
    rows: Sequence[Row]
    methods: Sequence[str] = DEFAULT_METHODS


def main() -> None:
    """Measure the tables, and publish them with `--publish`."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", default="steady,long,modulation,echoes")
    parser.add_argument("--cases", type=int, default=1000, help="only the first so many pairs")
    parser.add_argument("--seconds", type=float, help="another time for each method")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--methods", help="only these of the table's, with commas between")
    parser.add_argument("--only", default="", help="only pairs whose name holds this")
    parser.add_argument("--folder", help="of the results; by default the table's name")
    parser.add_argument("--publish", action="store_true", help="copy to docs/benchmark")
    options = parser.parse_args()
    tables = all_tables()
    for name in options.tables.split(","):
        table = tables[name]
        seconds = options.seconds or table.seconds
        methods = [
            each
            for each in table.methods
            if not options.methods or each in options.methods.split(",")
        ]
        rows = [row for row in table.rows if options.only in str(row["id"])][: options.cases]
        usual = name if seconds == table.seconds else f"{name}-{seconds:g}s"
        folder = HOME / (options.folder or usual)
        manifest = write_manifest(HOME / f"{folder.name}.csv", rows)
        print(f"{name}: {len(rows)} pairs, {seconds:g} s a method, into {folder}", flush=True)
        results = benchmark(
            manifest,
            folder,
            methods=methods,
            seconds=seconds,
            threads=options.threads,
            progress=_print_finished,
        )
        for row in results.rows:
            if "error" in row:
                print(f"failed: {row['case']}, {row['method']}: {row['error']}")
        if options.publish:
            publish(folder, PUBLISHED / (options.folder or name))


def all_tables() -> Mapping[str, Table]:
    """Return the tables; writes the recordings that are made with pedalboard."""
    pairs = [pair for pair in read_pairs(data_folder()) if _has_held_out(pair)]
    given = {pair.id: _given(pair) for pair in pairs}
    moving = {pair.id for pair in pairs if _effect(pair) in TIME_VARYING}
    dry, rate = _dry()
    made = [
        _made(name, device, effect, board, dry, rate)
        for name, (device, effect, board) in _boards(rate).items()
    ]
    steady = [row for name, row in given.items() if name not in moving] + made
    echoes = [
        {
            **_made(f"echo-{time_ms:g}-ms", f"echo of {time_ms:g} ms", "delay", board, dry, rate),
            "delay_ms": time_ms,
        }
        for time_ms in ECHOES_MS
        for board in [[_echo(time_ms, rate, feedback=0.0)]]
    ]
    return {
        "steady": Table(60.0, steady, (*DEFAULT_METHODS, *PEERS)),
        "long": Table(
            300.0, [row for row in steady if row["id"] in LONG], (*FEWER_METHODS, *PEERS)
        ),
        "modulation": Table(
            60.0, [row for name, row in given.items() if name in moving], FEWER_METHODS
        ),
        "echoes": Table(30.0, echoes, ECHO_METHODS),
    }


def write_manifest(path: Path, rows: Sequence[Row]) -> Path:
    """Write rows as `fxchain benchmark` reads them."""
    columns = ("id", "dry", "wet", "dry_channel", "device", "effect", "delay_ms")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def publish(source: Path, target: Path) -> None:
    """Copy results, tables and pictures, without the recordings."""
    target.mkdir(parents=True, exist_ok=True)
    for path in (*source.glob("results.*"), *source.glob("*.png")):
        shutil.copy2(path, target / path.name)
    print(f"published: {target}")


def _boards(rate: int) -> dict[str, tuple[str, str, list[pedalboard.Plugin]]]:
    """Return the boards of the made recordings: id -> device, kind of effect, effects."""
    echo = _echo(ECHO_MS, rate, feedback=0.35)
    room = pedalboard.Reverb(room_size=0.9, damping=0.3, wet_level=0.35, dry_level=0.6, width=0.0)
    drive = [pedalboard.Gain(6.0), pedalboard.Distortion(18.0), pedalboard.Gain(-12.0)]
    chain = [*drive, echo, room]
    return {
        "made-echo-350-ms": ("350 ms echo (made)", "delay", [echo]),
        "made-large-reverb": ("large reverb (made)", "reverb", [room]),
        "made-drive-echo-reverb": ("drive, echo, reverb (made)", "drive, delay, reverb", chain),
    }


def _echo(time_ms: float, rate: int, feedback: float) -> pedalboard.Delay:
    """Return an echo of k + 1/2 samples, which pedalboard truncates to k."""
    samples = round(time_ms * rate / 1e3)
    return pedalboard.Delay(delay_seconds=(samples + 0.5) / rate, feedback=feedback, mix=0.4)


def _dry() -> tuple[np.ndarray, int]:
    """Return ten seconds of a clean guitar, (1, samples), and their rate."""
    source = read_sources(data_folder(), "dry", "guitar")[0]
    audio = to_channels(read_audio(source.file), 1)
    return audio.samples[:, : round(DRY_SECONDS * audio.sample_rate)], audio.sample_rate


def _made(
    name: str,
    device: str,
    effect: str,
    board: Sequence[pedalboard.Plugin],
    dry: np.ndarray,
    rate: int,
) -> Row:
    """Return a row whose wet is the dry through a board; writes it unless it exists."""
    files = {"dry": HOME / "made" / "dry.wav", "wet": HOME / "made" / f"{name}.wav"}
    files["dry"].parent.mkdir(parents=True, exist_ok=True)
    if not files["wet"].exists():
        wet = pedalboard.Pedalboard(list(board))(dry, rate, reset=True)
        write_audio(files["dry"], dry, rate, force=True)
        write_audio(files["wet"], wet, rate, force=True)
    absolute = {column: str(path.absolute()) for column, path in files.items()}
    return {"id": name, **absolute, "device": device, "effect": effect}


def _given(pair: Pair) -> Row:
    return {
        "id": pair.id,
        "dry": str(pair.dry),
        "wet": str(pair.wet),
        "dry_channel": "" if pair.dry_channel is None else pair.dry_channel,
        "device": pair.device,
        "effect": _effect(pair),
    }


def _effect(pair: Pair) -> str:
    """Return the kind of effect without the remark in brackets."""
    return re.sub(r"\s*\(.*", "", pair.category)


def _has_held_out(pair: Pair) -> bool:
    return min(pair.dry_seconds, pair.wet_seconds) > LEAST_SECONDS


def _print_finished(step: Step) -> None:
    if not step.phase:
        print(f"  {step.done} of {step.jobs}: {step.case}, {step.method}", flush=True)


if __name__ == "__main__":
    main()
