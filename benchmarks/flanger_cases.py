"""Flangers of other makers, drawn from seeds: other delays, sweeps and feedback than ours.

The line is read at twice the sample rate, between four samples (a cubic), as chips and buckets are
by no straight line; the loop around it is one sample late, behind a low-pass and a high-pass. One
or two oscillators with harmonics of their own move the delay. What goes in and what comes out
passes filters as those of pedals do: a pre-emphasis, and a high-pass and a shelf behind the sum.
"""

from dataclasses import dataclass

import numba
import numpy as np
import scipy.signal

#: Times the sample rate.
OVERSAMPLED = 2
#: Harmonics of each oscillator.
HARMONICS = 4
#: Feedback that is drawn: none in one of four.
LEAST_FEEDBACK, MOST_FEEDBACK = 0.2, 0.8


@dataclass(frozen=True)
class StrangeFlanger:
    """What is drawn of a flanger.

    Attributes:
        rates_hz: of one or two oscillators
        weights: cosine and sine of each harmonic of each, s
        centre: mean of the delay, s
        feedback: of the loop, subtracted
        loop_hz: corners of the high-pass and the low-pass in it
        levels: of dry and copy
        emphasis: of what goes into the line: x + emphasis·(x − x₁)
        highpass_hz: behind the sum
        pole: of the shelf behind the sum
    """

    rates_hz: tuple[float, ...]
    weights: tuple[tuple[tuple[float, float], ...], ...]
    centre: float
    feedback: float
    loop_hz: tuple[float, float]
    levels: tuple[float, float]
    emphasis: float
    highpass_hz: float
    pole: float

    def delays(self, times: np.ndarray) -> np.ndarray:
        """Return the delay at times, s."""
        late = np.full(len(times), self.centre)
        for hertz, pairs in zip(self.rates_hz, self.weights, strict=True):
            for order, (cosine, sine) in enumerate(pairs, start=1):
                angle = 2.0 * np.pi * order * hertz * times
                late += cosine * np.cos(angle) + sine * np.sin(angle)
        return late

    def play(self, dry: np.ndarray, sample_rate: int) -> np.ndarray:
        """Return the wet, (channels, samples) float32, of a dry."""
        rate = OVERSAMPLED * sample_rate
        fast = scipy.signal.resample_poly(dry.astype(np.float64), OVERSAMPLED, 1, axis=1)
        late = rate * self.delays(np.arange(fast.shape[1]) / rate)
        into = fast + self.emphasis * np.diff(fast, axis=1, prepend=0.0)
        high, low = (1.0 - np.exp(-2.0 * np.pi * hertz / rate) for hertz in self.loop_hz)
        copy = np.empty_like(fast)
        for channel, out in zip(into, copy, strict=True):
            _run(channel, late, self.feedback, high, low, out)
        mixed = self.levels[0] * fast + self.levels[1] * copy
        highpass = scipy.signal.butter(1, self.highpass_hz, "high", fs=rate, output="sos")
        made = scipy.signal.sosfilt(highpass, mixed, axis=1)
        made = scipy.signal.lfilter([1.0 - self.pole], [1.0, -self.pole], made, axis=1)
        slow = scipy.signal.resample_poly(made, 1, OVERSAMPLED, axis=1)[:, : dry.shape[1]]
        return slow.astype(np.float32)


def strange_flanger(seed: int) -> StrangeFlanger:
    """Draw one."""
    rng = np.random.default_rng([27_003, seed])
    centre = float(np.exp(rng.uniform(np.log(1e-3), np.log(8e-3))))
    first = float(np.exp(rng.uniform(np.log(0.4), np.log(3.0))))
    rates, swings = [first], [float(rng.uniform(0.3, 0.6)) * centre]
    if rng.uniform() < 0.4:
        rates.append(first * float(rng.uniform(0.25, 0.8)))
        swings.append(float(rng.uniform(0.1, 0.25)) * centre)
    fed = rng.uniform() < 0.75
    sign = float(rng.choice([1.0, -1.0]))
    amount = float(rng.uniform(LEAST_FEEDBACK, MOST_FEEDBACK))
    return StrangeFlanger(
        tuple(rates),
        tuple(_drawn(rng, swing) for swing in swings),
        centre,
        sign * amount if fed else 0.0,
        (float(rng.uniform(20.0, 150.0)), float(rng.uniform(3_000.0, 12_000.0))),
        (float(rng.uniform(0.4, 0.6)), float(rng.choice([1.0, -1.0]) * rng.uniform(0.4, 0.6))),
        float(rng.uniform(0.0, 1.0)),
        float(rng.uniform(20.0, 80.0)),
        float(rng.uniform(0.0, 0.4)),
    )


def _drawn(rng: np.random.Generator, swing: float) -> tuple[tuple[float, float], ...]:
    """Draw harmonics, the higher the fainter, of which the first has a given height, s."""
    angles = rng.uniform(0.0, 2.0 * np.pi, HARMONICS)
    heights = swing * rng.uniform(0.0, 0.5, HARMONICS) / np.arange(1, HARMONICS + 1) ** 2
    heights[0] = swing
    return tuple(
        (float(h * np.cos(a)), float(h * np.sin(a))) for h, a in zip(heights, angles, strict=True)
    )


@numba.njit
def _run(x, late, feedback, high, low, out):  # type: ignore[no-untyped-def]
    line = np.zeros(len(x) + 3)
    slow, dull, last = 0.0, 0.0, 0.0
    for t in range(len(x)):
        line[t + 3] = x[t] - feedback * last
        delay = max(late[t], 1.0)
        whole = int(delay)
        a, at = delay - whole, t + 3 - whole
        made = 0.0
        if at >= 2:
            p0, p1, p2, p3 = line[at + 1], line[at], line[at - 1], line[at - 2]
            bend = 2.0 * p0 - 5.0 * p1 + 4.0 * p2 - p3
            turn = 3.0 * (p1 - p2) + p3 - p0
            made = p1 + 0.5 * a * (p2 - p0 + a * (bend + a * turn))
        out[t] = made
        dull += low * (made - dull)
        slow += high * (dull - slow)
        last = dull - slow
