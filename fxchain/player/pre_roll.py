"""Silence that a plugin plays first, so that its oscillator is where the recording begins.

pedalboard starts the oscillator of a plugin at one phase when the plugin is reset. It moves while
silence is played, so an amount of silence stands for a phase.
"""

from typing import Any

import numpy as np

#: What a plugin is given at a time, and the least that it plays first: with less, pedalboard
#: prepares the plugin anew when a larger block comes, which resets its oscillator.
PRE_ROLL_BLOCK = 8_192


class PreRolled:
    """A plugin that plays silence before the recording, called as a plugin is.

    Args:
        plugin: of pedalboard
        pre_roll_samples: how much silence, `PRE_ROLL_BLOCK` samples or more
    """

    def __init__(self, plugin: Any, pre_roll_samples: int) -> None:
        self.plugin = plugin
        self.pre_roll_samples = pre_roll_samples
        self.channels = 0

    def __call__(
        self, audio: np.ndarray, sample_rate: float, buffer_size: int = 8192, reset: bool = True
    ) -> np.ndarray:
        """Play (channels, samples) that follow what was played before, or, reset, begin anew."""
        audio = np.asarray(audio, dtype=np.float32)
        if reset or self.channels != len(audio):
            silence = np.zeros((len(audio), self.pre_roll_samples), dtype=np.float32)
            self._run(silence, sample_rate, reset=True)
            self.channels = len(audio)
        return self._run(audio, sample_rate, reset=False)

    def reset(self) -> None:
        """Return to the beginning of the recording."""
        self.channels = 0

    def _run(self, audio: np.ndarray, sample_rate: float, reset: bool) -> np.ndarray:
        played = self.plugin(audio, sample_rate, buffer_size=PRE_ROLL_BLOCK, reset=reset)
        return np.asarray(played, dtype=np.float32)


def oscillator_pre_roll(
    sample_rate: float, rate_hz: float, phase_degrees: float, every: int = 1
) -> int:
    """Return after how many samples the oscillator of a plugin is nearest to a phase.

    The oscillator adds up float32 steps from 0 on and subtracts 2π where they reach it, so that its
    rate differs from the one that is set: by 0.1 % at 1 Hz, a few % below 0.1 Hz. The phase is one
    of those in the first second, or the first period, after `PRE_ROLL_BLOCK` samples.

    Args:
        sample_rate: Hz
        rate_hz: that is set
        phase_degrees: 0 where the plugin is reset
        every: the oscillator moves every so many samples
    """
    turn, stepped_rate = np.float32(2.0 * np.pi), sample_rate / every
    step = turn / np.float32(stepped_rate) * np.float32(rate_hz)
    wanted = np.float32(phase_degrees % 360.0 / 180.0 * np.pi)
    least, count = -(-PRE_ROLL_BLOCK // every), 0
    most = least + int(max(1.2 / rate_hz, 1.0) * stepped_rate)
    steps = np.full(int(1.5 * turn / step) + 2, step, dtype=np.float32)
    steps[0] = 0.0
    best, distance = least, np.inf
    while count < most:
        phases = np.add.accumulate(steps, dtype=np.float32)
        period = int(np.searchsorted(phases, turn))
        at = int(np.searchsorted(phases, wanted))
        near = [number for number in (0, at - 1, at, period - 1) if 0 <= number < period]
        for number in near:
            if count + number < least:
                continue
            away = float(abs(phases[number] - wanted))
            away = min(away, 2.0 * np.pi - away)
            if away < distance:
                best, distance = count + number, away
        count += period
        steps[0] = phases[period] - turn
    return best * every


def stepped_oscillator_pre_roll(sample_rate: float, rate_hz: float, phase_degrees: float) -> int:
    """Return the same of an oscillator that moves every four samples."""
    return oscillator_pre_roll(sample_rate, rate_hz, phase_degrees, every=4)
