"""When a response begins: the delay that remains beside its minimum phase.

The minimum phase of a filter depends on its magnitude at all frequencies, also on those above the
measured ones. A digital filter has a periodic spectrum, perhaps with zeros at half the sample rate;
a device continues its slope. Both are tried: it is a device, unless after the other what remains of
the phase is a delay by far more exactly.
"""

from dataclasses import dataclass

import numpy as np
import scipy.fft

from fxchain.dsp.minimum_phase import minimum_phase

#: Frequencies that count have a level within this of the loudest; nothing lies farther below, dB.
_RANGE_DB, _FLOOR_DB = 40.0, 80.0
_LEAST = 1e-12
#: What lies above the measured frequencies is continued from this share of them below.
_CONTINUED_SHARE = 0.2
_MOST_ZEROS = 8.0
_DECISIVE = 1 / 3
#: The slope of a device is continued up to so many times half the sample rate, on so many points.
_TIMES, _POINTS = 16, 4_096


@dataclass(frozen=True)
class DirectSound:
    """The direct sound of a response.

    Attributes:
        delay_samples: how late it is
        polarity: +1 or -1
        agreement: how much of the phase it explains, 0 to 1
    """

    delay_samples: float
    polarity: int
    agreement: float


def direct_sound(response: np.ndarray, low_share: float, high_share: float) -> DirectSound:
    """Return the delay of an impulse response beside that of its minimum phase.

    Args:
        response: (size,), time 0 at index 0, times before it at the end
        low_share: the lowest frequency that was measured, of the sample rate
        high_share: the highest
    """
    size = len(response)
    spectrum = scipy.fft.rfft(response)
    at = np.arange(len(spectrum)) / size
    measured = (at >= low_share) & (at <= high_share)
    magnitude = np.maximum(np.abs(spectrum), _LEAST)
    first, last = np.flatnonzero(measured)[[0, -1]]
    loudest = magnitude[measured].max()
    counts = measured & (magnitude > 10.0 ** (-_RANGE_DB / 20.0) * loudest)
    magnitude = np.maximum(magnitude, 10.0 ** (-_FLOOR_DB / 20.0) * loudest)
    magnitude[:first] = magnitude[first]
    found = []
    for continued in (_with_zeros, _with_slope):
        phase = continued(magnitude, at, int(last))
        excess = counts * np.exp(1j * (np.angle(spectrum) - phase))
        found.append(_delay(excess, size))
    digital, device = found
    decided = 1.0 - digital.agreement < _DECISIVE * (1.0 - device.agreement)
    return digital if decided else device


def _with_zeros(magnitude: np.ndarray, at: np.ndarray, last: int) -> np.ndarray:
    """Return the minimum phase of a digital filter with zeros at half the rate as they show below.

    Args:
        magnitude: (frequencies,)
        at: of the sample rate, (frequencies,)
        last: index of the highest frequency that was measured
    """
    begin = round((1.0 - _CONTINUED_SHARE) * last)
    shape = np.log(np.maximum(np.cos(np.pi * at), 1e-4))
    level = np.log(magnitude)
    columns = np.stack([np.ones(last - begin), shape[begin:last], np.square(at[begin:last])], 1)
    _, zeros, bend = np.linalg.lstsq(columns, level[begin:last], rcond=None)[0]
    zeros = float(np.clip(zeros, 0.0, _MOST_ZEROS))
    beyond = zeros * (shape[last:] - shape[last]) + bend * (at[last:] ** 2 - at[last] ** 2)
    return minimum_phase(np.concatenate([level[:last], level[last] + beyond]))


def _with_slope(magnitude: np.ndarray, at: np.ndarray, last: int) -> np.ndarray:
    """Return the minimum phase of a device whose slope continues above what was measured.

    Args:
        magnitude: (frequencies,)
        at: of the sample rate, (frequencies,)
        last: index of the highest frequency that was measured
    """
    level = np.log(magnitude)
    begin = round((1.0 - _CONTINUED_SHARE) * last)
    slope = np.polyfit(np.log(at[begin:last]), level[begin:last], 1)[0]
    level[last:] = level[last] + slope * np.log(at[last:] / at[last])
    few = np.linspace(0.0, 0.5, _POINTS + 1)
    inside = np.interp(few, at, level)
    far = np.linspace(0.0, 0.5 * _TIMES, _TIMES * _POINTS + 1)[_POINTS + 1 :]
    beyond = level[-1] + slope * np.log(far / 0.5)
    # The periodic spectrum of the digital filter with this magnitude, as far.
    turn = np.concatenate([inside, inside[-2:0:-1]])
    periodic = np.resize(turn, _TIMES * _POINTS + 1)
    difference = minimum_phase(np.concatenate([inside, beyond])) - minimum_phase(periodic)
    return minimum_phase(level) + np.interp(at, few, difference[: _POINTS + 1])


def _delay(excess: np.ndarray, size: int) -> DirectSound:
    """Return the delay at which most frequencies agree."""
    peaks = scipy.fft.irfft(excess, size)
    top = int(np.argmax(np.abs(peaks)))
    polarity = 1 if peaks[top] > 0.0 else -1
    delay = float(top - size if top > size // 2 else top)
    turns = 2.0 * np.pi * np.arange(len(excess)) / size
    for _ in range(12):
        turned = polarity * excess * np.exp(1j * turns * delay)
        slope, curvature = -np.sum(turns * turned.imag), -np.sum(np.square(turns) * turned.real)
        if curvature >= 0.0:
            break
        delay -= float(np.clip(slope / curvature, -0.5, 0.5))
    turned = polarity * excess * np.exp(1j * turns * delay)
    return DirectSound(delay, polarity, float(turned.real.sum() / np.abs(excess).sum()))
