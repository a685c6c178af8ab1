"""Wow and flutter: the lag of a wet recording that wanders, as that of a tape does.

With d(t) the lag beyond the latency, wet(t + d(t)) is what a linear filter makes of the dry. A
windowed correlation gives d to a fraction of a millisecond; then filter and d are solved in turns
by least squares, the filter from the fitted part alone, d, a cubic spline, from everything:
Gauss–Newton steps with first the low frequencies, of which a lag may be wrong by more, then higher
ones, each at a sample rate that suffices for them.

The lag belongs to the recording, as its latency does: no effect can foretell where a tape wanders.

Source:
    P. J. O. Doets and others measure the lag of windows; the least squares over a spline are those
    of image registration (Lucas and Kanade 1981) in one dimension.
"""

from dataclasses import dataclass

import numpy as np
import scipy.interpolate
import scipy.linalg
import scipy.signal
import scipy.sparse
import scipy.sparse.linalg
from numpy.typing import NDArray

from fxchain.alignment.best_path import continuous_path
from fxchain.alignment.warping import warped

Array = NDArray[np.float32]
Vector = NDArray[np.float64]

#: Distance of the knots of the spline, s.
KNOT_SECONDS = 0.025
#: Of the windowed correlation: about this rate, Hz, windows and their distance, s, the farthest
#: lag, s, and what a change by one sample costs of a correlation of at most 1.
COARSE_RATE, WINDOW_SECONDS, HOP_SECONDS = 8_000, 0.2, 0.05
FARTHEST_SECONDS, CHANGE_PRICE = 0.015, 0.04
#: Frequencies below these, Hz, are compared in turn, in so many steps each, at a sample rate that
#: is at least so many times as large.
BANDS_HZ, STEPS, OVERSAMPLED = (400.0, 1_200.0, 4_000.0), 4, 5.0
#: Taps of the filter before and behind the direct sound, s, and its ridge.
BEFORE_SECONDS, BEHIND_SECONDS, RIDGE = 0.001, 0.005, 1e-4
#: Weight of the second differences of the knots, against the mean slope of the wet.
STIFFNESS = 1e-2
#: The error of a filter must fall to this share for a lag to be believed.
WORTH_IT = 0.7
#: The least length, s.
SHORTEST_SECONDS = 1.0


@dataclass(frozen=True, eq=False)
class Flutter:
    """The lag of a wet recording over time, beyond its latency.

    Attributes:
        sample_rate: Hz
        lag_samples: (samples,), at each sample of the dry; its mean over what sounds in the
            fitted part is 0
        error: what a linear filter leaves of the wet without the lag, as a share of its energy
        before: the same with it
    """

    sample_rate: float
    lag_samples: Vector
    error: float
    before: float

    @property
    def certain(self) -> bool:
        """Tell whether the lag explains so much that it is believed."""
        return self.error <= WORTH_IT * self.before

    @property
    def milliseconds(self) -> float:
        """Return the standard deviation of the lag, ms."""
        return 1e3 * float(np.std(self.lag_samples)) / self.sample_rate

    @property
    def percent(self) -> float:
        """Return the root mean square of the deviation of the speed, %."""
        return 100.0 * float(np.sqrt(np.mean(np.diff(self.lag_samples) ** 2)))

    def metrics(self) -> dict[str, float | list[float]]:
        """Return what `metrics.json` holds of it, the lag at each knot in ms."""
        step = max(round(KNOT_SECONDS * self.sample_rate), 1)
        lags = 1e3 * self.lag_samples[::step] / self.sample_rate
        return {
            "deviation_ms": self.milliseconds,
            "speed_percent": self.percent,
            "linear_error": self.error,
            "linear_error_before": self.before,
            "knot_seconds": step / self.sample_rate,
            "lag_ms": [round(float(each), 5) for each in lags],
        }


def measure_flutter(dry: Array, wet: Array, sample_rate: int, fitted: int) -> Flutter | None:
    """Find the lag that wanders.

    Args:
        dry: (channels, samples)
        wet: (channels, samples), shifted onto the dry's time axis by its latency
        sample_rate: Hz
        fitted: end of the part that the filter may be solved from; the lag is solved everywhere

    Returns:
        None where they are too short or silent
    """
    x, y = (np.asarray(np.mean(each, axis=0, dtype=np.float64)) for each in (dry, wet))
    fitted = min(fitted, len(x))
    if fitted < SHORTEST_SECONDS * sample_rate or not (np.any(x[:fitted]) and np.any(y[:fitted])):
        return None
    seconds = len(x) / sample_rate
    knots = _Spline(seconds, len(x), sample_rate).nearest(_track(x, y, sample_rate) / sample_rate)
    for highest_hz in BANDS_HZ:
        near = min(highest_hz, 0.4 * sample_rate)
        down = max(int(sample_rate / (OVERSAMPLED * near)), 1)
        low, high = (
            scipy.signal.resample_poly(_below(each, near, sample_rate), 1, down) for each in (x, y)
        )
        spline = _Spline(seconds, len(low), sample_rate / down)
        for _ in range(STEPS):
            knots = knots + spline.step(low, high, knots, -(-fitted // down))
    lag = sample_rate * _Spline(seconds, len(x), sample_rate).at(knots)
    lag -= np.average(lag[:fitted], weights=y[:fitted] ** 2)
    errors = [_error(x, _moved(y, each), sample_rate, fitted) for each in (lag, np.zeros(len(x)))]
    return Flutter(sample_rate, lag, errors[0], errors[1])


def without_flutter(wet: Array, flutter: Flutter, latency_samples: int) -> Array:
    """Return a recording whose lag no longer wanders; its latency stays.

    Args:
        wet: (channels, samples), as recorded
        flutter: of it
        latency_samples: of the wet, which `flutter` is measured beyond

    Returns:
        (channels, samples)
    """
    at = np.arange(wet.shape[-1])
    held = np.clip(at - latency_samples, 0, len(flutter.lag_samples) - 1)
    return warped(wet, at + flutter.lag_samples[held])


class _Spline:
    """Cubic splines of the lag, s, over a recording; the knots are the same at any sample rate.

    Args:
        seconds: length of the recording
        samples: at which they are read
        sample_rate: Hz, of these
    """

    def __init__(self, seconds: float, samples: int, sample_rate: float) -> None:
        self._rate = sample_rate
        count = int(np.ceil(seconds / KNOT_SECONDS)) + 1
        places = np.minimum(np.arange(samples) / (KNOT_SECONDS * sample_rate), count - 1)
        knots = np.arange(-3.0, count + 3)
        self._basis = scipy.interpolate.BSpline.design_matrix(places, knots, 3).tocsr()
        size = self._basis.shape[1]
        second = scipy.sparse.diags([1.0, -2.0, 1.0], [0, 1, 2], shape=(size - 2, size))
        self._bend = (second.T @ second).tocsc()

    def at(self, knots: Vector) -> Vector:
        """Return the lag at each sample, s, of what the knots say."""
        return np.asarray(self._basis @ knots, np.float64)

    def nearest(self, lag: Vector) -> Vector:
        """Return the knots of the spline nearest to a lag, s."""
        return self._solved(np.ones(len(lag)), lag)

    def step(self, x: Vector, y: Vector, knots: Vector, fitted: int) -> Vector:
        """Return by how much the knots have to change, by one Gauss–Newton step."""
        moved = _moved(y, self._rate * self.at(knots))
        made = _filtered(x, moved, self._rate, fitted)
        return self._solved(self._rate * np.gradient(moved), made - moved)

    def _solved(self, slope: Vector, wanted: Vector) -> Vector:
        """Return the knots of the spline s for which slope·s is nearest to what is wanted."""
        weighted = self._basis.multiply(slope[:, None]).tocsr()
        normal = (weighted.T @ weighted).tocsc()
        stiff = STIFFNESS * float(normal.diagonal().mean()) + 1e-30
        flat = 1e-4 * stiff * scipy.sparse.identity(normal.shape[0], format="csc")
        found = scipy.sparse.linalg.spsolve(normal + stiff * self._bend + flat, weighted.T @ wanted)
        return np.asarray(found, np.float64)


def _track(x: Vector, y: Vector, sample_rate: int) -> Vector:
    """Return the lag of short windows, samples, for each sample."""
    down = max(sample_rate // COARSE_RATE, 1)
    rate = sample_rate / down
    dry, wet = (_whitened(scipy.signal.resample_poly(each, 1, down)) for each in (x, y))
    size, hop, far = (round(s * rate) for s in (WINDOW_SECONDS, HOP_SECONDS, FARTHEST_SECONDS))
    window, rows = np.hanning(size), []
    padded = np.concatenate([np.zeros(far), wet, np.zeros(far + size)])
    least = 1e-2 * size * np.sqrt(np.mean(dry**2) * np.mean(wet**2)) + 1e-12
    begins = range(0, max(len(dry) - size, 1), hop)
    for begin in begins:
        here = dry[begin : begin + size]
        part = np.zeros(size)
        part[: len(here)] = here * window[: len(here)]
        there = padded[begin : begin + size + 2 * far]  # lag −far … far
        scale = np.sqrt((part @ part) * (there @ there)) + least
        rows.append(scipy.signal.correlate(there, part, "valid", "fft") / scale)
    path = _best_of_both_polarities(np.array(rows))
    times = (np.array(begins) + 0.5 * size) * down
    return np.asarray(np.interp(np.arange(len(x)), times, (path - far) * float(down)))


def _best_of_both_polarities(correlations: Vector) -> NDArray[np.intp]:
    """Return the path of the highest sum, of either sign: a wet may be inverted."""
    paths, sums = [], []
    for sign in (1.0, -1.0):
        path = continuous_path(sign * correlations, CHANGE_PRICE)
        gained = sign * float(correlations[np.arange(len(path)), path].sum())
        paths.append(path)
        sums.append(gained - CHANGE_PRICE * float(np.abs(np.diff(path)).sum()))
    return paths[int(np.argmax(sums))]


def _whitened(signal: Vector) -> Vector:
    """Return a signal whose spectrum is flattened: correlation peaks are narrow then."""
    spectrum = np.fft.rfft(signal)
    power = np.abs(spectrum) ** 2
    smooth = np.convolve(power, np.hanning(101) / 50.0, "same")
    return np.asarray(np.fft.irfft(spectrum / np.sqrt(smooth + 1e-3 * smooth.max()), len(signal)))


def _below(signal: Vector, highest_hz: float, sample_rate: float) -> Vector:
    """Return what of a signal is below a frequency, without delay."""
    sections = scipy.signal.butter(2, highest_hz, fs=sample_rate, output="sos")
    return np.asarray(scipy.signal.sosfiltfilt(sections, signal))


def _moved(signal: Vector, lag: Vector) -> Vector:
    return np.asarray(warped(signal[None], np.arange(len(lag)) + lag)[0], np.float64)


def _filtered(x: Vector, y: Vector, sample_rate: float, fitted: int) -> Vector:
    """Return what the best filter, solved from the fitted part, makes of all of x."""
    before = round(BEFORE_SECONDS * sample_rate)
    taps = before + round(BEHIND_SECONDS * sample_rate)
    early = np.concatenate([x[before:], np.zeros(before)])  # the first taps are before the sound
    u, v = early[:fitted], y[:fitted]
    own = scipy.signal.correlate(u, u, "full", "fft")[fitted - 1 : fitted - 1 + taps]
    both = scipy.signal.correlate(v, u, "full", "fft")[fitted - 1 : fitted - 1 + taps]
    own[0] *= 1.0 + RIDGE
    response = scipy.linalg.solve_toeplitz(own, both)
    return np.asarray(scipy.signal.oaconvolve(early, response)[: len(x)])


def _error(x: Vector, y: Vector, sample_rate: float, fitted: int) -> float:
    rest = y - _filtered(x, y, sample_rate, fitted)
    return float(rest @ rest / (y @ y + 1e-30))
