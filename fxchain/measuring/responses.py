"""The responses of a device to a sweep: of the fundamental, and of its harmonics.

The recording is divided by the sweep. What is linear becomes an impulse response at time 0, the
harmonic of order n one at −L ln n.
"""

import math
from dataclasses import dataclass

import numpy as np
import scipy.fft

from fxchain.measuring.sweep import GAP_SECONDS, SweepSignal

#: Harmonics up to this order are measured; 1 is the fundamental.
HIGHEST_ORDER = 5
#: Where the sweep has no energy the quotient becomes 0: this share of its least power within.
_REGULARIZATION = 1e-5
#: The part of the distance to the next response that belongs to one, before its time and behind.
_SHARE_BEFORE, _SHARE_BEHIND = 0.1, 0.85
#: A response is short above the second frequency, long below the first, Hz: what decays sooner
#: than it could is noise, of which there is more the higher the frequency.
_LONG_BELOW_HZ, _SHORT_ABOVE_HZ = 300.0, 600.0
#: The short part begins before the response, ends where its level has fallen into the noise, and
#: lasts at least so long, s.
_SHORT_BEFORE_SECONDS, _LEAST_SECONDS = 0.005, 0.02
_SMOOTHING_SECONDS = 0.005
#: Of the level of the noise, in power.
_ABOVE_NOISE = 10.0
_FADE_SHARE = 0.05


@dataclass(frozen=True, eq=False)
class Responses:
    """What a device makes of a sweep at one level.

    Attributes:
        impulses: (taps,), the quotient of recording and sweep: time 0 at index 0, times before it
            at the end
        signal: what was played
    """

    impulses: np.ndarray
    signal: SweepSignal

    @classmethod
    def of(cls, part: np.ndarray, level: float, signal: SweepSignal) -> "Responses":
        """Divide a part of a recording by the sweep.

        Args:
            part: (samples,) from the first sample of the sweep until the end of the silence
                behind it
            level: amplitude of the sweep
            signal: what was played
        """
        size = scipy.fft.next_fast_len(len(part) + signal.sweep_samples // 2, real=True)
        played = scipy.fft.rfft(signal.sweep, size)
        power = np.square(np.abs(played))
        end = round(0.95 * signal.end_hz / signal.sample_rate * size)
        floor = _REGULARIZATION * float(np.median(power[end - size // 500 : end]))
        quotient = scipy.fft.rfft(part, size) * played.conj() / (power + floor)
        return cls(scipy.fft.irfft(quotient, size) / level, signal)

    def impulse_response(self, order: int) -> np.ndarray:
        """Return the response of a harmonic with as little noise as possible.

        Args:
            order: 1 is the fundamental

        Returns:
            (size,), time 0 at index 0, times before it at the end; size is a power of 2
        """
        rate = self.signal.sample_rate
        whole = self._window(order)
        size = 2 ** math.ceil(math.log2(len(whole.samples) * 2))
        long = whole.spectrum(size)
        short = whole.shortened(rate).spectrum(size)
        share = _share_of_short(np.fft.rfftfreq(size, 1.0 / rate))
        return scipy.fft.irfft(long + share * (short - long), size)

    def _window(self, order: int) -> "_Part":
        """Return the part of the impulses that belongs to a harmonic."""
        rate, seconds = self.signal.sample_rate, self.signal.rate_seconds
        behind = GAP_SECONDS if order == 1 else seconds * math.log(order / (order - 1))
        before = seconds * math.log((order + 1) / order)
        behind_share = 0.95 if order == 1 else _SHARE_BEHIND
        first = math.floor(_SHARE_BEFORE * before * rate)
        count = first + math.floor(behind_share * behind * rate)
        exact = -seconds * math.log(order) * rate
        nearest = round(exact)
        at = np.arange(nearest - first, nearest - first + count) % len(self.impulses)
        return _faded(_Part(self.impulses[at], first, exact - nearest))


@dataclass(frozen=True, eq=False)
class _Part:
    """A part of impulses with its time 0.

    Attributes:
        samples: (samples,)
        zero: index of time 0
        fraction: how much later than that it is, samples
    """

    samples: np.ndarray
    zero: int
    fraction: float

    def spectrum(self, size: int) -> np.ndarray:
        """Return the spectrum with time 0 at index 0, (size / 2 + 1,)."""
        turns = 2.0 * np.pi * np.arange(size // 2 + 1) / size
        shift = self.zero + self.fraction
        return scipy.fft.rfft(self.samples, size) * np.exp(1j * turns * shift)

    def shortened(self, sample_rate: int) -> "_Part":
        """Return the part until the response has fallen into the noise."""
        power = np.square(np.diff(self.samples, prepend=0.0))  # high frequencies decide
        width = max(1, round(_SMOOTHING_SECONDS * sample_rate))
        level = np.convolve(power, np.ones(width) / width, mode="same")
        noise = float(np.median(level[-len(level) // 4 : -width]))
        above = np.flatnonzero(level[self.zero :] > _ABOVE_NOISE * noise)
        last = int(above[-1]) + 2 * width if len(above) else 0
        end = self.zero + max(round(_LEAST_SECONDS * sample_rate), last)
        begin = max(0, self.zero - round(_SHORT_BEFORE_SECONDS * sample_rate))
        return _faded(_Part(self.samples[begin:end], self.zero - begin, self.fraction))


def _faded(part: _Part) -> _Part:
    """Return a part whose ends are faded, the first until half of the time before 0."""
    samples = part.samples.copy()
    for side, count in (
        (samples, part.zero // 2),
        (samples[::-1], round(_FADE_SHARE * len(samples))),
    ):
        side[:count] *= 0.5 - 0.5 * np.cos(np.pi * (np.arange(count) + 0.5) / max(1, count))
    return _Part(samples, part.zero, part.fraction)


def _share_of_short(frequencies_hz: np.ndarray) -> np.ndarray:
    """Return the share of the short response at each frequency, in dependence of its logarithm."""
    low, high = math.log(_LONG_BELOW_HZ), math.log(_SHORT_ABOVE_HZ)
    place = (np.log(np.maximum(frequencies_hz, 1e-3)) - low) / (high - low)
    return 0.5 - 0.5 * np.cos(np.pi * np.clip(place, 0.0, 1.0))
