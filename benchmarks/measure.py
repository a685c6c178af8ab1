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

from measured_devices import (
    GOAL_HARMONIC_DB,
    GOAL_LINEAR_DB,
    GOAL_SAMPLES,
    RATE,
    Row,
    drawn_device,
    errors,
)

from fxchain.files.audio_input import Audio
from fxchain.measuring.measurement import measure
from fxchain.measuring.sweep import SweepSignal


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


if __name__ == "__main__":
    main()
