"""The long-term spectra of the tracks in one picture."""

import numpy as np
import scipy.signal

from fxchain.report.audio_excerpts import ComparisonExcerpt
from fxchain.report.pictures import Picture
from fxchain.report.svg import Axis, Plot, frequency_axis

_POINTS = 160
_RANGE_DB = 90.0


def spectra_picture(one: ComparisonExcerpt) -> Picture:
    """Draw the mean spectrum of each track, in sixths of an octave, at its own level."""
    excerpt, rate = one.excerpt, one.excerpt.sample_rate
    x = frequency_axis(rate)
    centres = np.geomspace(x.low, 0.98 * x.high, _POINTS)
    curves = {
        track.key: _smoothed(track.samples[:, excerpt.start : excerpt.end], rate, centres)
        for track in one.comparison.tracks
    }
    high = float(np.ceil(max(curve.max() for curve in curves.values()) / 10.0) * 10.0)
    low = max(high - _RANGE_DB, float(min(curve.min() for curve in curves.values())) - 3.0)
    plot = Plot(x, Axis("level, dB", low, high), "Mean spectrum of each recording", 760, 250)
    for at, curve in enumerate(curves.values()):
        plot.line(centres, curve, f"strong series-{at}")
    legend = tuple((f"strong series-{at}", t.label) for at, t in enumerate(one.comparison.tracks))
    return Picture(plot.svg(), "", legend)


def _smoothed(samples: np.ndarray, sample_rate: int, centres: np.ndarray) -> np.ndarray:
    """Return the mean level of a sixth of an octave around each frequency, dB."""
    size = min(8192, samples.shape[1])
    grid, power = scipy.signal.welch(samples, sample_rate, nperseg=size, scaling="spectrum")
    total = power.sum(axis=0)
    summed = np.concatenate([[0.0], np.cumsum(total)])
    bins = np.arange(len(summed), dtype=float)
    step = grid[1]
    # Linear interpolation of the cumulative sum: narrow bands at low frequencies are smooth too.
    ends = [np.interp(centres * factor / step + 0.5, bins, summed) for factor in (0.944, 1.059)]
    width = centres * (1.059 - 0.944) / step
    return 10.0 * np.log10((ends[1] - ends[0]) / width + 1e-14)
