"""Hits of a drum."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fxchain.synth.voice.oscillator import detached

#: A hit is played for so many time constants (−87 dB), and at most so long, s.
HIT_TIME_CONSTANTS, LONGEST_HIT_SECONDS = 10.0, 10.0


@dataclass(frozen=True)
class Hit:
    """What a source of a drum plays.

    Attributes:
        times: (samples,) since the hit, s; numpy or torch
        noise: (samples,) numpy, white, of standard deviation 1; zeros for a source without noise
        sample_rate: Hz
    """

    times: Any
    noise: np.ndarray
    sample_rate: float


@dataclass(frozen=True)
class Part:
    """One source of a drum.

    Attributes:
        sound: see `DrumSource`
        weight: its factor in the sum
        values: of its controls, by name
        noisy: it is noise
    """

    sound: Callable[..., Any]
    weight: Any
    values: Mapping[str, Any]
    noisy: bool = False


@dataclass(frozen=True)
class Drum:
    """What sounds for each hit: Σ weight · source.

    Attributes:
        parts: the sources
        noise_seed: of their noise
    """

    parts: tuple[Part, ...]
    noise_seed: int = 0


def part_seconds(part: Part) -> float:
    """Return how long a source of a hit sounds, s."""
    decay = 1e-3 * float(detached(part.values["decay_ms"]))
    return min(HIT_TIME_CONSTANTS * decay, LONGEST_HIT_SECONDS)


def play_hit(xp: Any, drum: Drum, number: int, samples: int, sample_rate: float) -> Any:
    """Return one hit at full velocity.

    Args:
        xp: numpy or torch
        drum: what is hit
        number: of the hit, which has noise of its own
        samples: how many
        sample_rate: Hz

    Returns:
        (samples,)
    """
    heard = xp.zeros(samples, dtype=xp.float64)
    drawn = 0
    for part in drum.parts:
        count = min(max(math.ceil(part_seconds(part) * sample_rate), 2), samples)
        times = xp.asarray(np.arange(count) / sample_rate)
        noise = np.zeros(count)
        if part.noisy:
            rng = np.random.default_rng((drum.noise_seed, number, drawn))
            noise, drawn = rng.standard_normal(count), drawn + 1
        sound = part.sound(xp, Hit(times, noise, sample_rate), **part.values)
        heard[:count] += part.weight * sound
    return heard


def play_drum(
    xp: Any, drum: Drum, notes: Sequence[Any], sample_rate: float, samples: int | None = None
) -> Any:
    """Return a hit for each note; pitch and duration say nothing, the velocity is the level.

    Args:
        xp: numpy or torch
        drum: what is hit
        notes: with start_seconds and velocity
        sample_rate: Hz
        samples: where to end; None: when all have faded away

    Returns:
        (samples,) float64
    """
    seconds = max(part_seconds(part) for part in drum.parts)
    longest = max(math.ceil(seconds * sample_rate), 2)
    starts = [round(note.start_seconds * sample_rate) for note in notes]
    length = max(starts, default=0) + longest if samples is None else samples
    total = xp.zeros(length, dtype=xp.float64)
    for number, (note, start) in enumerate(zip(notes, starts, strict=True)):
        count = min(longest, length - start)
        if count >= 2:
            hit = note.velocity * play_hit(xp, drum, number, count, sample_rate)
            total[start : start + count] += hit
    return total
