"""Oscillators, and delay lines that are read at delays that move."""

from collections.abc import Mapping

import numpy as np

from fxchain.player.playback import Playback


def oscillator_turns(
    playback: Playback, samples: int, rate_hz: float, phase_degrees: float
) -> np.ndarray:
    """Return the turns of an oscillator, counted from the beginning of the recording, (samples,).

    Args:
        playback: sample rate and position of the first of them
        samples: how many
        rate_hz: of the oscillator
        phase_degrees: at the first sample of the recording
    """
    time = np.arange(samples, dtype=np.float64) + playback.first_sample
    return np.asarray(rate_hz * time / playback.sample_rate + phase_degrees / 360.0)


def table_oscillators(
    playback: Playback,
    samples: int,
    tables: np.ndarray,
    values: Mapping[str, float],
) -> np.ndarray:
    """Return the sum of tables that are read periodically, linear between two values, (samples,).

    Args:
        playback: sample rate and position
        samples: how many
        tables: (2, entries), one period of each from the phase 0 on
        values: `rate_hz` and `phase_degrees` (at the first sample of the recording) of the first,
            `second_rate_hz` and `second_phase_degrees`; by `depth` times as much as the tables
            say the sum moves about its mean
    """
    mean, total = float(tables.mean(axis=1).sum()), np.zeros(samples)
    for table, number in zip(tables, ("", "second_"), strict=True):
        hertz, degrees = values[f"{number}rate_hz"], values[f"{number}phase_degrees"]
        turns = oscillator_turns(playback, samples, hertz, degrees)
        place = (turns - np.floor(turns)) * len(table)
        at = np.floor(place).astype(int) % len(table)
        near, far = table[at], table[(at + 1) % len(table)]
        total = total + near + (place - np.floor(place)) * (far - near)
    return np.asarray(mean + values["depth"] * (total - mean))


def delayed(
    audio: np.ndarray, delays: np.ndarray, longest: int, playback: Playback, name: str
) -> np.ndarray:
    """Return audio that is late by a delay of its own at each sample, linear between two samples.

    Args:
        audio: (channels, samples), float32
        delays: (samples,), in samples, float32, 0 or more
        longest: what none of them reaches
        playback: its `state` keeps what the next block reads
        name: of that

    Returns:
        (channels, samples), float32
    """
    reach = longest + 2
    past = playback.state.get(name, np.zeros((len(audio), reach), np.float32))
    line = np.concatenate([past, audio], axis=1)
    playback.state[name] = line[:, line.shape[1] - reach :]
    whole = delays.astype(int)
    return between(line, reach + np.arange(audio.shape[1]) - whole, delays - whole)


def between(line: np.ndarray, places: np.ndarray, part: np.ndarray) -> np.ndarray:
    """Return what is between two samples of a line, (channels, places), in its precision.

    Args:
        line: (channels, samples)
        places: of the later sample, whole numbers
        part: of the way to the one before it, 0 to 1
    """
    near, far = line[:, places], line[:, places - 1]
    return np.asarray(near + part.astype(line.dtype) * (far - near))
