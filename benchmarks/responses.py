"""Impulse responses of known rooms and cabinets, measured from a few seconds of music.

    FXCHAIN_DATA=… python benchmarks/responses.py [--cases 20] [--seconds 2.5] [--noise-db -50]

Every dry source of the data folder (no speech: 16 kHz) is played through every measured impulse
response, in place of a device that is a filter. The loudest `--seconds` of the first half are the
pair; noise is added to its wet. The response that a match would measure from that pair is scored
there and on the second half of the source, which is held out and has no noise, both beside the best
linear filter of 2,048 taps, by ESR.
"""

import argparse
import csv
import statistics
from pathlib import Path

import numpy as np
import torch
from recorded_pairs import data_folder
from scipy.signal import fftconvolve

from fxchain.alignment.aligned_audio import AlignedAudio
from fxchain.baselines.linear import Filter, best_linear_filter
from fxchain.files.audio_input import read_audio, resample, to_channels
from fxchain.fir.impulse_response_fit import measure_response
from fxchain.metrics.scores import esr

RATE_HZ = 44_100
SHORTEST_SECONDS = 8.0


def main() -> None:
    """Print a row for each source and response."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=1_000, help="only the first so many")
    parser.add_argument("--seconds", type=float, default=2.5)
    parser.add_argument("--noise-db", type=float, default=-50.0, help="relative to the wet")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    print(f"responses: seconds={options.seconds:g} noise_db={options.noise_db:g} seed=0")
    print(f"{'dry':<26}{'response':<30}{'taps':>7}{'left out':>10}", end="")
    print(f"{'fitted':>10}{'linear':>9}{'unheard':>10}{'linear':>9}")
    rows = []
    sources = [
        (name, audio)
        for name, audio in _recordings("dry")
        if audio.shape[1] >= SHORTEST_SECONDS * RATE_HZ
    ]
    cases = [(source, hidden) for hidden in _recordings("IR") for source in sources]
    for number, ((name, dry), (device, hidden)) in enumerate(cases[: options.cases]):
        rng = np.random.default_rng(number)
        rows.append(_measured(dry, hidden, options.seconds, options.noise_db, rng))
        taps, *figures = rows[-1]
        shown = "".join(
            f"{value:>{w}.1e}" for value, w in zip(figures, (10, 10, 9, 10, 9), strict=True)
        )
        print(f"{name[:25]:<26}{device[:29]:<30}{taps:>7}{shown}", flush=True)
    for name, column in (("measured", 4), ("linear filter", 5)):
        values = [row[column] for row in rows]
        print(f"{name}, unheard: median {statistics.median(values):.1e}, worst {max(values):.1e}")


def _recordings(role: str) -> list[tuple[str, np.ndarray]]:
    """Return name and samples (1, samples) of all that have a role and no lower sample rate."""
    folder = data_folder()
    with (folder / "sources.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["role"] == role]
    found = []
    for row in rows:
        if float(row["sample_rate"]) < RATE_HZ:
            continue
        audio = resample(to_channels(read_audio(folder / row["file"]), 1), RATE_HZ)
        found.append((Path(row["file"]).stem.partition("-")[2] or row["file"], audio.samples))
    return found


def _measured(
    dry: np.ndarray, hidden: np.ndarray, seconds: float, noise_db: float, rng: np.random.Generator
) -> tuple[int, float, float, float, float, float]:
    """Return taps, the error on blocks left out, and four ESR: fitted and unheard, of both."""
    half, length = dry.shape[1] // 2, round(seconds * RATE_HZ)
    power = np.concatenate([[0.0], np.cumsum(dry[0, :half].astype(np.float64) ** 2)])
    start = int(np.argmax(power[length:] - power[:-length]))
    near, far = dry[:, start : start + length], dry[:, half:]
    wet, away = _played(near, hidden), _played(far, hidden)
    scale = 10.0 ** (noise_db / 20.0) * float(np.std(wet))
    wet = (wet + scale * rng.standard_normal(wet.shape)).astype(np.float32)
    found = measure_response([AlignedAudio(near, wet, 0)], RATE_HZ)
    if found is None:
        raise SystemExit("nothing could be measured")
    linear = best_linear_filter(near, wet)
    response = Filter(found.impulse_response.samples.astype(np.float64), (found.ridge,))
    return (
        found.taps,
        found.checked,
        esr(wet, response(near)),
        esr(wet, linear(near)),
        esr(away, response(far)),
        esr(away, linear(far)),
    )


def _played(dry: np.ndarray, hidden: np.ndarray) -> np.ndarray:
    made = fftconvolve(dry.astype(np.float64), hidden.astype(np.float64), axes=-1)
    return made[:, : dry.shape[1]].astype(np.float32)


if __name__ == "__main__":
    main()
