"""How often latency and polarity are right at each confidence, on drawn chains.

    python benchmarks/alignment_confidence.py --cases 300

Plucked strings and noise bursts go through up to eight effects: filters, drives, compressors,
echoes and rooms, a part of them without any direct sound, choruses and phasers. The wet is late by
up to an eighth of a second, inverted in half of the cases, and has noise. A latency is right within
half a millisecond.
"""

import argparse
import itertools

import numpy as np
import pedalboard as pb

from fxchain.alignment.align import align
from fxchain.data.signals import plucked_strings

RATE = 16_000
SECONDS, RIGHT_SECONDS = 6.0, 0.0005
EDGES = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 1.0)


def drawn_pair(seed: int) -> tuple[np.ndarray, np.ndarray, int, int]:
    """Return dry and wet (1, samples), the latency in samples, and the polarity."""
    rng = np.random.default_rng([7, seed])
    dry = plucked_strings(SECONDS, RATE, seed) if rng.uniform() < 0.5 else bursts(rng)
    wet = pb.Pedalboard(drawn_board(rng))(dry, RATE)
    late, sign = int(rng.integers(0, RATE // 8)), int(rng.choice([-1, 1]))
    wet = np.pad(sign * wet, ((0, 0), (late, 0)))
    noise = 10.0 ** rng.uniform(-4.0, -1.5) * np.std(wet) * rng.normal(size=wet.shape)
    return dry, (wet + noise).astype(np.float32), late, sign


def bursts(rng: np.random.Generator) -> np.ndarray:
    """Return decaying bursts of noise at drawn times, (1, samples)."""
    made, size = np.zeros((1, round(SECONDS * RATE))), RATE // 3
    for start in rng.integers(0, made.shape[1] - size, 30):
        decay = np.exp(-np.arange(size) / (RATE * rng.uniform(0.01, 0.06)))
        made[0, start : start + size] += rng.uniform(0.3, 1.0) * rng.normal(size=size) * decay
    return (0.5 * made / np.abs(made).max()).astype(np.float32)


def drawn_board(rng: np.random.Generator) -> list[pb.Plugin]:
    """Return effects with drawn settings, each there with a probability of its own."""
    wet_echo, wet_room = (rng.uniform() < 0.25 for _ in range(2))
    dry_level = 0.0 if wet_room else rng.uniform(0.1, 0.8)
    choices = (
        (0.5, pb.Distortion(rng.uniform(3, 35))),
        (0.4, pb.HighShelfFilter(rng.uniform(800, 3_000), rng.uniform(-12, 12))),
        (0.3, pb.LowpassFilter(rng.uniform(800, 5_000))),
        (0.3, pb.HighpassFilter(rng.uniform(60, 1_000))),
        (0.3, pb.Compressor(rng.uniform(-40, -20), rng.uniform(2, 8))),
        (
            0.35,
            pb.Delay(
                rng.uniform(0.05, 0.5),
                rng.uniform(0.0, 0.6),
                1.0 if wet_echo else rng.uniform(0.1, 0.9),
            ),
        ),
        (0.35, pb.Reverb(rng.uniform(0.2, 0.9), 0.5, rng.uniform(0.1, 1.0), dry_level)),
        (0.15, pb.Chorus(rng.uniform(0.3, 2.0), 0.3, 7, 0.2, rng.uniform(0.2, 0.6))),
        (0.1, pb.Phaser()),
    )
    return [effect for probability, effect in choices if rng.uniform() < probability]


def main() -> None:
    """Print the shares that are right for each range of confidence."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=300)
    rows = []
    for seed in range(parser.parse_args().cases):
        dry, wet, late, sign = drawn_pair(seed)
        found = align(dry, wet, RATE)
        near = abs(found.latency_samples - late) <= RIGHT_SECONDS * RATE
        rows.append((found.confidence, near, found.polarity_confidence, found.polarity == sign))
    for name, confidence, right in (("latency", 0, 1), ("polarity", 2, 3)):
        print(f"\n{name:9} confidence   cases   right")
        for low, high in itertools.pairwise(EDGES):
            there = [
                row[right]
                for row in rows
                if low <= row[confidence] < high or (high == 1.0 and row[confidence] == 1.0)
            ]
            share = f"{np.mean(there):7.1%}" if there else "      –"
            print(f"{'':9} {low:.2f}–{high:.2f}  {len(there):8}  {share}")


if __name__ == "__main__":
    main()
