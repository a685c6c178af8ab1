"""Phasers of other makers, drawn from seeds: other stages, sweeps, corners and feedback than ours.

Each all-pass is y = c·x + x₁ − c·y₁ in direct form, at twice the sample rate; the loop around them
is one sample late, behind a high-pass and a low-pass. The corners of the stages differ, the sweep
has one of four shapes, and behind the sum of dry and copy stand a high-pass and a shelf.
"""

from dataclasses import dataclass

import numba
import numpy as np
import scipy.signal

#: Times the sample rate.
OVERSAMPLED = 2
#: Of a sweep, from 0 to 1 and back: its shapes by the phase, 0 to 1.
SHAPES = ("sine", "triangle", "arch", "shark fin")


@dataclass(frozen=True)
class StrangePhaser:
    """What is drawn of a phaser.

    Attributes:
        stages: all-passes
        octaves: of each, by which its corner is higher than the sweep
        shape: of the sweep
        rate_hz: of it
        phase: at the first sample, turns
        low_hz: lowest corner
        span_octaves: of the sweep
        feedback: of the loop, subtracted
        loop_hz: corners of the high-pass and the low-pass in it
        levels: of dry and copy
        highpass_hz: behind the sum
    """

    stages: int
    octaves: tuple[float, ...]
    shape: str
    rate_hz: float
    phase: float
    low_hz: float
    span_octaves: float
    feedback: float
    loop_hz: tuple[float, float]
    levels: tuple[float, float]
    highpass_hz: float

    def play(self, dry: np.ndarray, sample_rate: int) -> np.ndarray:
        """Return the wet, (channels, samples) float32, of a dry."""
        rate = OVERSAMPLED * sample_rate
        fast = scipy.signal.resample_poly(dry.astype(np.float64), OVERSAMPLED, 1, axis=1)
        turns = self.rate_hz * np.arange(fast.shape[1]) / rate + self.phase
        sweep = np.log2(self.low_hz) + self.span_octaves * swept(self.shape, turns % 1.0)
        corners = np.exp2(sweep[:, None] + np.array(self.octaves))
        tangent = np.tan(np.pi * np.minimum(corners, 0.45 * rate) / rate)
        loop = [1.0 - np.exp(-2.0 * np.pi * hertz / rate) for hertz in self.loop_hz]
        copy = np.empty_like(fast)
        for channel, out in zip(fast, copy, strict=True):
            _run(channel, (tangent - 1.0) / (tangent + 1.0), self.feedback, *loop, out)
        mixed = self.levels[0] * fast + self.levels[1] * copy
        highpass = scipy.signal.butter(1, self.highpass_hz, "high", fs=rate, output="sos")
        made = scipy.signal.sosfilt(highpass, mixed, axis=1)
        slow = scipy.signal.resample_poly(made, 1, OVERSAMPLED, axis=1)[:, : dry.shape[1]]
        return slow.astype(np.float32)


def swept(shape: str, turns: np.ndarray) -> np.ndarray:
    """Return a sweep, 0 to 1, by its phase in turns, 0 to 1."""
    if shape == "sine":
        return np.asarray(0.5 - 0.5 * np.cos(2.0 * np.pi * turns))
    if shape == "triangle":
        return np.asarray(1.0 - np.abs(2.0 * turns - 1.0))
    if shape == "arch":
        return np.asarray(np.abs(np.sin(np.pi * turns)))
    up = 1.0 - np.exp(-4.0 * turns)
    down = np.exp(-4.0 * np.maximum(turns - 0.6, 0.0)) - np.exp(-4.0 * 0.4)
    peak = 1.0 - np.exp(-4.0 * 0.6)
    falling = peak * down / (1.0 - np.exp(-4.0 * 0.4))
    return np.asarray(np.where(turns < 0.6, up, falling) / peak)


def strange_phaser(seed: int) -> StrangePhaser:
    """Draw one."""
    rng = np.random.default_rng([27_002, seed])
    stages = int(rng.choice([4, 6, 8]))
    spread = float(rng.choice([0.0, 0.3]))
    sign = float(rng.choice([0.0, 1.0, -1.0]))
    return StrangePhaser(
        stages,
        tuple(float(each) for each in spread * rng.standard_normal(stages)),
        str(rng.choice(SHAPES)),
        float(np.exp(rng.uniform(np.log(0.3), np.log(3.0)))),
        float(rng.uniform()),
        float(np.exp(rng.uniform(np.log(150.0), np.log(500.0)))),
        float(rng.uniform(1.5, 3.5)),
        sign * float(rng.uniform(0.2, 0.6)),
        (float(rng.uniform(20.0, 150.0)), float(rng.uniform(5_000.0, 15_000.0))),
        (float(rng.uniform(0.4, 0.6)), float(rng.choice([1.0, -1.0]) * rng.uniform(0.4, 0.6))),
        float(rng.uniform(20.0, 80.0)),
    )


@numba.njit
def _run(x, coefficients, feedback, high, low, out):  # type: ignore[no-untyped-def]
    stages = coefficients.shape[1]
    before, after = np.zeros(stages), np.zeros(stages)
    slow, dull, last = 0.0, 0.0, 0.0
    for t in range(len(x)):
        o = x[t] - feedback * last
        for k in range(stages):
            made = coefficients[t, k] * (o - after[k]) + before[k]
            before[k], after[k], o = o, made, made
        out[t] = o
        dull += low * (o - dull)
        slow += high * (dull - slow)
        last = dull - slow
