"""A batch on a Dask cluster beside a plain loop, with a worker killed.

    python benchmarks/batch.py [--cases 24] [--workers 2] [--iterations 40] [--seconds-each 8]
                               [--fresh]

Pairs of plucked strings through drives of different strength are matched by one process, one after
the other, then by `run_batch` on a local cluster, whose first worker is killed after a quarter of
the jobs. Every job must be done in the end, with the figures of the loop.
"""

import argparse
import os
import signal
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import soundfile
from recorded import Recorded, Row

from fxchain.batch.hooks import BatchHooks
from fxchain.batch.job import DONE, Job, Outcome, peak_mebibytes, run_job
from fxchain.batch.run import Resources, make_jobs, run_batch
from fxchain.data.signals import plucked_strings
from fxchain.matching.options import MatchOptions

RATE_HZ = 44_100


def main() -> None:
    """Print a row for the loop and one for the cluster, then what one gains over the other."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=24, help="pairs")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--iterations", type=int, default=40)
    parser.add_argument("--seconds-each", type=float, default=8.0, help="length of a recording")
    parser.add_argument("--fresh", action="store_true", help="measure again what is recorded")
    options = parser.parse_args()
    if options.workers < 2:
        parser.error("--workers: give 2 or more; one of them is killed")
    settings = {
        "pairs": options.cases,
        "workers": options.workers,
        "iterations": options.iterations,
        "seconds_each": options.seconds_each,
        "chain": "drive",
        "threads": 1,
    }
    print(", ".join(f"{name} {value}" for name, value in settings.items()))
    recorded = Recorded("batch", settings, options.fresh)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write_pairs(folder, options.cases, options.seconds_each)
        loop = recorded.row("plain loop", partial(measure_loop, folder, options.iterations))
        _print(loop)
        cluster = recorded.row(
            "Dask cluster", partial(measure_cluster, folder, options.iterations, options.workers)
        )
        _print(cluster)
    print(f"throughput: {loop['wall_seconds'] / cluster['wall_seconds']:.2f} times the loop's")
    same = loop["held_out_esr"] == cluster["held_out_esr"]
    print(f"lost: {loop['done'] - cluster['done']}; figures {'equal' if same else 'DIFFER'}")
    if cluster["done"] < options.cases or not same:
        raise SystemExit(1)


def _print(row: Row) -> None:
    print(
        f"{row['case']:<13} {row['done']} done in {row['wall_seconds']:.1f} s, peaks "
        f"{', '.join(f'{peak:.0f}' for peak in row['worker_mebibytes'])} MiB"
        + (f", {row['killed']} worker killed" if row["killed"] else ""),
        flush=True,
    )


def write_pairs(folder: Path, count: int, seconds: float) -> None:
    """Write dry and wet recordings and the manifest that lists them."""
    lines = ["dry,wet,id"]
    for number in range(count):
        dry = plucked_strings(seconds, RATE_HZ, number)
        wet = 0.5 * np.tanh((2.0 + number) * dry)
        soundfile.write(folder / f"dry{number}.wav", dry.T, RATE_HZ, "FLOAT")
        soundfile.write(folder / f"wet{number}.wav", wet.T, RATE_HZ, "FLOAT")
        lines.append(f"dry{number}.wav,wet{number}.wav,{number}")
    (folder / "pairs.csv").write_text("\n".join(lines) + "\n")


def match_options(iterations: int) -> MatchOptions:
    """Return the options of every job."""
    return MatchOptions(chain="drive", iterations=iterations, threads=1, measured_response=False)


def measure_loop(folder: Path, iterations: int) -> Row:
    """Run the jobs one after the other in a process of their own."""
    jobs = make_jobs(folder / "pairs.csv", folder / "loop", match_options(iterations))
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        found, peak, seconds = pool.submit(_loop, jobs).result()
    return _row(found, seconds, [peak], 0)


def _loop(jobs: list[Job]) -> tuple[list[Outcome], float, float]:
    began = time.monotonic()
    found = [run_job(job) for job in jobs]
    return found, peak_mebibytes(), time.monotonic() - began


def measure_cluster(folder: Path, iterations: int, workers: int) -> Row:
    """Run the jobs on a local cluster, and kill a worker after a quarter of them."""
    from distributed import Client, LocalCluster

    outcomes: list[Outcome] = []
    killed: list[int] = []
    with (
        LocalCluster(
            n_workers=workers, threads_per_worker=1, dashboard_address=None, silence_logs=50
        ) as cluster,
        Client(cluster) as client,
    ):
        processes = client.run(os.getpid)
        total = len((folder / "pairs.csv").read_text().splitlines()) - 1

        def report(outcome: Outcome) -> None:
            outcomes.append(outcome)
            print(f"  {len(outcomes)} of {total}", end="\r", file=sys.stderr, flush=True)
            if not killed and len(outcomes) >= total / 4:
                killed.append(next(iter(processes.values())))
                os.kill(killed[0], signal.SIGKILL)

        began = time.monotonic()
        run_batch(
            folder / "pairs.csv",
            folder / "cluster",
            match_options(iterations),
            Resources(scheduler=cluster.scheduler_address),
            hooks=BatchHooks(report=report),
        )
        seconds = time.monotonic() - began
        peaks = list(client.run(peak_mebibytes).values())
    return _row(sorted(outcomes, key=lambda outcome: int(outcome.id)), seconds, peaks, len(killed))


def _row(outcomes: list[Outcome], seconds: float, peaks: list[float], killed: int) -> Row:
    return {
        "done": sum(outcome.status == DONE for outcome in outcomes),
        "wall_seconds": seconds,
        "worker_mebibytes": peaks,
        "killed": killed,
        "held_out_esr": [
            ((outcome.metrics or {}).get("held_out") or {}).get("esr") for outcome in outcomes
        ],
    }


if __name__ == "__main__":
    main()
