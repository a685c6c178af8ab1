"""Notes that are drawn at random, one after the other, and what a sampler makes of others."""

from collections.abc import Sequence

import numpy as np
import soxr

from fxchain.notes.note import Note

#: Between two notes, s.
GAP_SECONDS = 0.2


def drawn_notes(
    rng: np.random.Generator, count: int, shortest: float, longest: float
) -> tuple[Note, ...]:
    """Return notes of different pitches from E2 to E5 with random velocities.

    Args:
        rng: draws them
        count: how many
        shortest: duration, s
        longest: s
    """
    notes, start = [], 0.0
    for pitch in rng.choice(np.arange(40, 77), count, replace=False):
        seconds = float(rng.uniform(shortest, longest))
        notes.append(Note(start, seconds, float(pitch), float(rng.uniform(0.3, 1.0))))
        start += seconds + GAP_SECONDS
    return tuple(notes)


def sampled(
    recorded: np.ndarray,
    notes: Sequence[Note],
    wanted: Sequence[Note],
    samples: int,
    sample_rate: int,
) -> np.ndarray:
    """Return what a sampler plays: for each note the nearest recorded one, resampled.

    Args:
        recorded: (samples,)
        notes: that were recorded
        wanted: that are played
        samples: how many
        sample_rate: Hz
    """
    played = np.zeros(samples)
    for note in wanted:
        near = min(notes, key=lambda each: abs(each.pitch - note.pitch))
        first = round(near.start_seconds * sample_rate)
        sample = recorded[first : first + round(near.duration_seconds * sample_rate)]
        ratio = 2.0 ** ((near.pitch - note.pitch) / 12.0)
        sample = soxr.resample(sample, sample_rate, sample_rate * ratio)
        start = round(note.start_seconds * sample_rate)
        length = min(len(sample), round(note.duration_seconds * sample_rate), samples - start)
        played[start : start + length] += sample[:length] * note.velocity / near.velocity
    return played
