"""The time of one step of a fit: a chain forward and backward, and its Jacobian.

    python benchmarks/step.py [--seconds 10] [--repeats 15] [--threads 2] [--profile]

The chain is the one `fxchain match` fits by default.
"""

import argparse
import statistics
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from unittest import mock

import numpy as np
import scipy.fft
import torch
from rich.console import Console
from rich.table import Table
from torch import Tensor

from fxchain.data.signals import plucked_strings
from fxchain.metrics.spectral_loss import SpectralLoss
from fxchain.player import Playback
from fxchain.stage import Stage
from fxchain.structure.named import named_chain

RATE_HZ = 44_100
LINEAR_RUNS = 3  # the two equalisers, and gain + delay + reverb
TANGENT_SECONDS = 5.0

#: name, shape of the input, length of the transform
Transform = tuple[str, tuple[int, ...], int]


def main() -> None:
    """Print the times and their ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--profile", action="store_true", help="show where the time goes")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    chain, values = default_chain()
    audio = torch.from_numpy(plucked_strings(options.seconds, RATE_HZ))[None]
    loss = SpectralLoss(audio)

    def step(measure: Callable[[Tensor], Tensor]) -> None:
        gradient_step(chain, values, audio, measure)

    def forward() -> None:
        with torch.no_grad():
            chain.process(audio, Playback(float(RATE_HZ)), values[None])

    def squares() -> None:
        step(torch.square)

    forward_s = median_seconds(forward, options.repeats)
    squares_s = median_seconds(squares, options.repeats)
    spectral_s = median_seconds(lambda: step(loss), options.repeats)
    used = transforms_of(squares)
    used_s = median_seconds(lambda: replay(used), options.repeats)
    pairs = spectral_pairs(audio.shape[-1])
    pairs_s = median_seconds(lambda: replay(pairs), options.repeats)
    table = Table("", "median, ms", "ratio")
    table.title = f"{options.seconds:g} s mono at {RATE_HZ} Hz, {options.threads} threads"
    rows = [
        ("FFTs in a step, alone", used_s, used_s),
        ("forward", forward_s, used_s),
        ("forward + backward, sum of squares", squares_s, used_s),
        ("forward + backward, spectral loss", spectral_s, used_s),
        ("FFT pairs of each linear run, forward + backward", pairs_s, pairs_s),
        ("forward + backward, sum of squares", squares_s, pairs_s),
    ]
    for name, taken_s, reference_s in rows:
        table.add_row(name, f"{1e3 * taken_s:.1f}", f"{taken_s / reference_s:.2f}")
    Console().print(table)
    print_tangents(chain, values, audio[0, :, : round(TANGENT_SECONDS * RATE_HZ)], options)
    if options.profile:
        with torch.profiler.profile() as profile:
            squares()
        print(profile.key_averages().table(sort_by="self_cpu_time_total", row_limit=15))


def default_chain() -> tuple[Stage, Tensor]:
    """Return the chain, and values in the middle of their ranges."""
    stage = named_chain("default").stage
    positions = torch.from_numpy(np.random.default_rng(0).uniform(0.3, 0.7, stage.size))
    slots = zip(stage.slots(), positions, strict=True)
    return stage, torch.stack([slot.spec.denormalize(at) for slot, at in slots])


def gradient_step(
    chain: Stage, values: Tensor, audio: Tensor, measure: Callable[[Tensor], Tensor]
) -> None:
    """Differentiate a measure of the output for audio (1, channels, samples) by the values."""
    moving = values[None].clone().requires_grad_()
    measure(chain.process(audio, Playback(float(RATE_HZ)), moving)).sum().backward()


def print_tangents(
    chain: Stage, values: Tensor, audio: Tensor, options: argparse.Namespace
) -> None:
    """Print the time of all columns of the Jacobian."""
    has_jacobian = np.array([slot.has_jacobian for slot in chain.slots()])
    nothing = torch.zeros(0, *audio.shape)

    def jacobian() -> None:
        chain.linearize(audio, nothing, Playback(float(RATE_HZ)), values, has_jacobian)

    repeats = max(options.repeats // 3, 1)
    seconds = audio.shape[-1] / RATE_HZ
    taken_s = median_seconds(jacobian, repeats)
    print(f"linearize: {has_jacobian.sum()} columns of {seconds:g} s in {taken_s:.3f} s (median)")


def median_seconds(task: Callable[[], None], repeats: int) -> float:
    """Return the median time of a task, s, after it has run once."""
    task()
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        task()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def transforms_of(task: Callable[[], None]) -> list[Transform]:
    """Return the FFTs that a task calls for."""
    called: list[Transform] = []

    def watching(name: str) -> AbstractContextManager[Any]:
        original = getattr(torch.fft, name)

        def call(signal: Tensor, n: int) -> Tensor:
            called.append((name, tuple(signal.shape), n))
            return original(signal, n=n)

        return mock.patch.object(torch.fft, name, call)

    with watching("rfft"), watching("irfft"):
        task()
    return called


def spectral_pairs(samples: int) -> list[Transform]:
    """Return one pair of FFTs forward and one backward for each run of linear stages."""
    n = int(scipy.fft.next_fast_len(2 * samples, real=True))
    pair: list[Transform] = [("rfft", (1, 1, samples), n), ("irfft", (1, 1, n // 2 + 1), n)]
    return pair * (2 * LINEAR_RUNS)


def replay(transforms: list[Transform]) -> None:
    """Run FFTs of the same kinds and sizes."""
    for (name, shape, n), count in Counter(transforms).items():
        dtype = torch.float32 if name == "rfft" else torch.complex64
        signal = torch.ones(shape, dtype=dtype)
        for _ in range(count):
            getattr(torch.fft, name)(signal, n=n)


if __name__ == "__main__":
    main()
