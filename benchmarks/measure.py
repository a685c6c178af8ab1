"""How exact is a measurement with a sweep?

    python benchmarks/measure.py [--cases 12] [--first 0] [--seconds 8]

Each device is a drawn chain (filters, in two of three a drive) that is played without aliasing, and
a recorder with a latency, a clock that drifts, hum in two of three, and noise at −60 dB. The truth
is what the chain makes of steady sines. Responses count where they lie within 30 dB of the loudest,
from 30 Hz to 18 kHz, at the lowest and the highest level; harmonics where they stand 25 dB out of
the noise that the measurement states, within 45 dB of their fundamental.
"""

import argparse
import statistics
from collections.abc import Sequence
from typing import Any

import numpy as np
from measured_devices import RATE, Device, drawn_device

from fxchain.files.audio_input import Audio
from fxchain.measuring.measurement import Measurement, measure
from fxchain.measuring.responses import HIGHEST_ORDER
from fxchain.measuring.sweep import SweepSignal

GOAL_LINEAR_DB, GOAL_HARMONIC_DB, GOAL_SAMPLES = 0.1, 0.5, 0.05
FREQUENCIES_HZ = np.geomspace(30.0, 18_000.0, 19)
RANGE_DB, HARMONIC_RANGE_DB, ABOVE_NOISE_DB = 30.0, 45.0, 25.0

Row = dict[str, Any]


def main() -> None:
    """Print a row for each device, then the worst."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=12)
    parser.add_argument("--first", type=int, default=0, help="number of the first device")
    parser.add_argument("--seconds", type=int, default=8, help="of each sweep")
    options = parser.parse_args()
    signal = SweepSignal(RATE, options.seconds)
    samples = signal.samples()
    print(f"{'device':<8}{'linear, dB':>12}{'harmonics':>12}{'latency':>10}{'drift, ppm':>12}"
          f"{'hum, Hz':>9}{'hum, dB':>9}  chain")  # fmt: skip
    rows = []
    for number in range(options.first, options.first + options.cases):
        device = drawn_device(number)
        found = measure(Audio(device.record(samples), RATE, f"device {number}"))
        rows.append(errors(device, found))
        print(_line(number, rows[-1]), flush=True)
    print(*summary(rows), sep="\n")


def errors(device: Device, found: Measurement) -> Row:
    """Return how far a measurement is from the truth: the largest errors."""
    linear, harmonic = [0.0], [0.0]
    for level in (found.levels[0], found.levels[-1]):
        amplitude = 10.0 ** (level.input_dbfs / 20.0)
        tones = [device.tone(each, amplitude, HIGHEST_ORDER) for each in FREQUENCIES_HZ]
        loudest = max(tone[0] for tone in tones)
        for frequency_hz, tone in zip(FREQUENCIES_HZ, tones, strict=True):
            if _db(tone[0] / loudest) < -RANGE_DB:
                continue
            linear.append(_at(found, level.gain_db, frequency_hz) - _db(tone[0]))
            for order, true in enumerate(tone[1:], 2):
                played_hz = order * frequency_hz
                floor_db = _at(found, level.noise_db, min(played_hz, 18_000.0)) + ABOVE_NOISE_DB
                least_db = max(floor_db, _db(tone[0]) - HARMONIC_RANGE_DB)
                if played_hz <= 18_000.0 and _db(true) > least_db:
                    curve = level.harmonics_db[order]
                    harmonic.append(_at(found, curve, frequency_hz) - _db(true))
    hum, given = found.background.hum, device.hum_hz
    return {
        "linear": _largest(linear),
        "harmonic": _largest(harmonic),
        "harmonics": len(harmonic) - 1,
        "latency": found.latency_samples - device.latency_samples,
        "drift": found.drift_ppm - device.drift_ppm,
        "hum_right": (hum is None) == (not given),
        "hum_hz": hum.frequency_hz - given if hum and given else 0.0,
        "hum_db": hum.levels_dbfs.get(1, -200.0) - device.hum_dbfs if hum and given else 0.0,
        "chain": " > ".join(dict.fromkeys(slot.kind for slot in device.preset.stage.slots())),
    }


def summary(rows: Sequence[Row]) -> list[str]:
    """Return the worst and the median of each error, with its goal."""
    lines = []
    for key, name, goal in (
        ("linear", "linear response, dB", GOAL_LINEAR_DB),
        ("harmonic", "harmonics, dB", GOAL_HARMONIC_DB),
        ("latency", "latency, samples", GOAL_SAMPLES),
    ):
        sizes = [abs(row[key]) for row in rows]
        within = sum(size <= goal for size in sizes)
        lines.append(
            f"{name}: largest error {max(sizes):.3f}, median {statistics.median(sizes):.4f}; "
            f"{within} of {len(rows)} within {goal:g}"
        )
    drift = max(abs(row["drift"]) for row in rows)
    right = sum(row["hum_right"] for row in rows)
    lines.append(f"drift: largest error {drift:.3f} ppm; hum found or absent in {right} of "
                 f"{len(rows)}, {max(abs(row['hum_hz']) for row in rows):.3f} Hz and "
                 f"{max(abs(row['hum_db']) for row in rows):.2f} dB off at most")  # fmt: skip
    return lines


def _line(number: int, row: Row) -> str:
    hum = "" if row["hum_right"] else " HUM"
    return (
        f"{number:<8}{row['linear']:>12.3f}{row['harmonic']:>8.3f} ({row['harmonics']:>2})"
        f"{row['latency']:>9.4f}{row['drift']:>12.4f}{row['hum_hz']:>9.3f}{row['hum_db']:>9.2f}"
        f"  {row['chain']}{hum}"
    )


def _at(found: Measurement, curve: np.ndarray, frequency_hz: float) -> float:
    """Return a curve at a frequency, between its points in the logarithm."""
    return float(np.interp(np.log(frequency_hz), np.log(found.frequencies_hz), curve))


def _largest(numbers: Sequence[float]) -> float:
    """Return the number of the largest size; infinite where one is not known."""
    return max(numbers, key=abs) if np.isfinite(numbers).all() else float("inf")


def _db(ratio: float) -> float:
    return 20.0 * float(np.log10(max(ratio, 1e-12)))


if __name__ == "__main__":
    main()
