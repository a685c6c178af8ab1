"""Hum is taken out of a recording, so that it is no part of the responses near its harmonics."""

from collections.abc import Sequence

import numpy as np

from fxchain.measuring.background import Hum

#: How far the frequency may be from what one silence said, and the step in which it is sought, Hz.
_OFF_HZ, _STEP_HZ = 0.06, 0.0005
_BLOCK_SECONDS = 0.05
_CHUNK = 2**18


def without_hum(
    recording: np.ndarray, hum: Hum, silences: Sequence[tuple[int, int]], sample_rate: int
) -> np.ndarray:
    """Return a recording without hum, where it is the same in all silences; else as it is.

    Args:
        recording: (samples,)
        hum: as one silence says
        silences: first sample and end of each
        sample_rate: Hz
    """
    orders = tuple(hum.levels_dbfs)
    turns = refined_hz(recording, hum, silences, sample_rate) / sample_rate
    at = np.concatenate([np.arange(*span) for span in silences])
    waves = np.stack([np.ones(len(at)), *_waves(at, orders, turns)], axis=1)
    weights = np.linalg.lstsq(waves, recording[at], rcond=None)[0][1:]
    found = recording.copy()
    for begin in range(0, len(recording), _CHUNK):
        part = found[begin : begin + _CHUNK]
        for weight, wave in zip(
            weights, _waves(begin + np.arange(len(part)), orders, turns), strict=True
        ):
            part -= weight * wave
    quieter = all(found[a:b].var() < recording[a:b].var() for a, b in silences)
    return found if quieter else recording


def refined_hz(
    recording: np.ndarray, hum: Hum, silences: Sequence[tuple[int, int]], sample_rate: int
) -> float:
    """Return the frequency of a hum at which its phase is the same in all silences, Hz.

    Args:
        recording: (samples,)
        hum: as one silence says
        silences: first sample and end of each
        sample_rate: Hz
    """
    size = round(_BLOCK_SECONDS * sample_rate)
    starts = np.concatenate([np.arange(begin, end - size + 1, size) for begin, end in silences])
    places = starts[:, None] + np.arange(size)
    blocks = recording[places]
    times = (starts + size / 2) / sample_rate
    steps = np.arange(-_OFF_HZ, _OFF_HZ + _STEP_HZ / 2, _STEP_HZ)
    power = np.zeros(len(steps))
    for order in hum.levels_dbfs:
        turning = np.exp(-2j * np.pi * order * hum.frequency_hz / sample_rate * places)
        values = np.sum(blocks * turning, axis=1)
        power += np.square(np.abs(np.exp(-2j * np.pi * order * np.outer(steps, times)) @ values))
    return float(hum.frequency_hz + steps[np.argmax(power)])


def _waves(at: np.ndarray, orders: Sequence[int], turns: float) -> list[np.ndarray]:
    """Return cosine and sine of each order at some samples."""
    angles = [2.0 * np.pi * ((order * turns * at) % 1.0) for order in orders]
    return [wave(angle) for angle in angles for wave in (np.cos, np.sin)]
