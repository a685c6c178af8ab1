"""The low-frequency oscillator of pedalboard's plugins that move, with its bits.

A float32 phase grows by a float32 step and loses 2π where it reaches it; the sine is that of
phase − π. The rounding changes the rate by 0.1 % at 1 Hz and by a few % below 0.1 Hz, always by the
same for the same rate, so it is part of the effect. In float64 there is no rounding.

Source: measured against pedalboard's Chorus, to the bit.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numba
import numpy as np
import torch
from torch import Tensor

from fxchain.dsp.compilation_cache import CACHED

#: A period, rad.
TURN = np.float32(2.0 * np.pi)

PreRoll = Callable[[float, float, float], int]


@numba.njit(cache=CACHED, nogil=True)
def _phases(skipped, step, turn, out):  # type: ignore[no-untyped-def]
    """Write the phases behind so many steps from 0."""
    phase = np.float32(0.0)
    for number in range(skipped + len(out)):
        if number >= skipped:
            out[number - skipped] = phase
        phase = np.float32(phase + step)
        if phase >= turn:
            phase = np.float32(phase - turn)


@numba.njit(cache=CACHED, nogil=True)
def _sines(phases, half, out):  # type: ignore[no-untyped-def]
    """Write the sines of phases less π."""
    for number in range(len(phases)):
        out[number] = math.sin(np.float32(phases[number] - half))


@dataclass(frozen=True)
class Oscillator:
    """Where an oscillator is read.

    Attributes:
        pre_roll: `(sample_rate, rate_hz, phase_degrees) -> samples of silence first`
        sample_rate: Hz
        first_sample: position in the recording of the first value
        count: how many values
        every: samples from one value to the next; the first is that of the last sample at or before
            `first_sample` at which the oscillator moved
        rounded: as pedalboard plays it
    """

    pre_roll: PreRoll
    sample_rate: float
    first_sample: int
    count: int
    every: int = 1
    rounded: bool = True

    def sines(self, rate_hz: Tensor, phase_degrees: Tensor) -> Tensor:
        """Return the values, differentiable in rate and phase.

        Args:
            rate_hz: (batch,)
            phase_degrees: (batch,), at the first sample of the recording

        Returns:
            (batch, count), float64; of a rounded oscillator those of float32
        """
        numbers = torch.arange(self.count, dtype=torch.float64) + self.first_sample // self.every
        turns = rate_hz.double()[:, None] * numbers * self.every / self.sample_rate
        angles = 2.0 * math.pi * (turns + phase_degrees.double()[:, None] / 360.0)
        if not self.rounded:
            return torch.sin(angles - math.pi)
        pairs = zip(rate_hz.tolist(), phase_degrees.tolist(), strict=True)
        played = [self._played(*pair) for pair in pairs]
        phases, sines = (np.stack(each).astype(np.float64) for each in zip(*played, strict=True))
        heard = angles + (torch.from_numpy(phases) - angles).detach()
        smooth = torch.sin(heard - math.pi)
        return smooth + (torch.from_numpy(sines) - smooth).detach()

    def _played(self, rate_hz: float, phase_degrees: float) -> tuple[np.ndarray, np.ndarray]:
        return _played(self, rate_hz, phase_degrees)


@lru_cache(maxsize=8)
def _played(of: Oscillator, rate_hz: float, phase_degrees: float) -> tuple[np.ndarray, np.ndarray]:
    """Return phases and sines as pedalboard computes them, float32."""
    step = _step(of.sample_rate / of.every, rate_hz)
    silent = of.pre_roll(of.sample_rate, rate_hz, phase_degrees) // of.every
    phases, sines = np.empty(of.count, np.float32), np.empty(of.count, np.float32)
    _phases(silent + of.first_sample // of.every, step, TURN, phases)
    _sines(phases, np.float32(np.pi), sines)
    return phases, sines


def _step(moves_per_second: float, rate_hz: float) -> np.float32:
    """Return by how much the phase grows at once, rad."""
    return TURN / np.float32(moves_per_second) * np.float32(rate_hz)


def heard_rate(sample_rate: float, rate_hz: float, every: int = 1) -> float:
    """Return the rate at which the rounded oscillator turns, Hz."""
    step = _step(sample_rate / every, rate_hz)
    count = int(1.5 * sample_rate / every / rate_hz) + 2
    phases = np.add.accumulate(np.full(count, step, np.float32), dtype=np.float32)
    steps = int(np.searchsorted(phases, TURN))
    last = float(phases[steps] - phases[steps - 1])
    return sample_rate / every / (steps + 1 - (float(phases[steps]) - float(TURN)) / last)


def rate_to_set(sample_rate: float, heard_hz: float, every: int = 1) -> float:
    """Return the rate to be set so that the rounded oscillator turns at nearly another, Hz."""
    tried, rate_hz = [], heard_hz
    for _ in range(6):
        error = heard_rate(sample_rate, rate_hz, every) - heard_hz
        tried.append((abs(error), rate_hz))
        rate_hz -= error
    return min(tried)[1]
