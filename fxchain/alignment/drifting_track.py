"""A lag that grows at one rate from window to window, and may jump.

Clocks that drift change the lag at one rate throughout; a buffer that is lost changes it at one
place. Of all rates, the one counts at which a path of few jumps through the windows collects the
most of their correlations: first on a coarse grid of lags and rates, then near that on a fine one,
on which short jumps are told from a drift.

Source:
    for each rate the path by the algorithm of A. J. Viterbi (1967)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d

from fxchain.alignment.best_path import best_path

Numbers = NDArray[np.float64]

#: A jump costs what so many windows give at their highest lags.
JUMP_PRICE = 2.0
#: Steps of the grids, s. On the fine one so many coarse steps of the rate are tried to either side.
GRID_SECONDS, FINE_SECONDS, BESIDE = 0.0005, 0.0001, 4
#: Correlations above this, in medians of their window, count no more than it.
_MOST_HEIGHT = 30.0


@dataclass(frozen=True, eq=False)
class DriftingTrack:
    """The lags of windows, roughly.

    Attributes:
        slope: by how much the lag grows, samples a second
        expected: (windows,) the lag of each, samples
        piece: (windows,) number of the stretch without a jump that each lies in, from 0
    """

    slope: float
    expected: Numbers
    piece: NDArray[np.intp]


def drifting_track(
    times: Numbers, heights: NDArray[np.float32], per_second: float, most_slope: float
) -> DriftingTrack:
    """Return the track that collects the most.

    Args:
        times: (windows,) middles of windows, s
        heights: (windows, lags) correlations, lag 0 in the middle, in medians of each window
        per_second: entries of `heights` for a second of lag
        most_slope: largest growth of the lag, s a second

    Returns:
        the track, in entries of `heights`
    """
    away = times - times.mean()
    span = max(float(away[-1]), 1e-9)
    width = max(1, round(GRID_SECONDS * per_second))
    most = np.floor(most_slope * span * per_second / width)
    # By rising steepness: of equally good ones the first counts.
    rises = width * np.array(sorted(np.arange(-most, most + 1), key=abs))
    rise = _best_rise(_on_grid(heights, width), rises / width, away / span) * width
    fine = max(1, round(FINE_SECONDS * per_second))
    beside = fine * np.arange(np.ceil(BESIDE * width / fine) + 1)
    near = rise + np.stack([beside, -beside], axis=1).ravel()
    rows = _on_grid(heights, fine)
    rise = _best_rise(rows, near / fine, away / span) * fine
    shifts = np.round(rise / fine * away / span).astype(int)
    moved = np.concatenate([_moved(row, shifts[at : at + 1]) for at, row in enumerate(rows)])
    path = best_path(moved, _price(rows))
    expected = (path - (rows.shape[1] - 1) / 2) * fine + rise * away / span
    piece = np.concatenate([[0], np.cumsum(np.diff(path) != 0)])
    return DriftingTrack(rise / span, expected, piece)


def _on_grid(heights: NDArray[np.float32], width: int) -> NDArray[np.float32]:
    """Return the highest correlation around each lag of a grid, symmetric about lag 0."""
    half = (heights.shape[1] - 1) // 2
    highest = maximum_filter1d(heights, 2 * width + 1, axis=1)[:, half % width :: width]
    return np.minimum(highest[:, : 2 * (half // width) + 1], _MOST_HEIGHT)


def _price(rows: NDArray[np.float32]) -> float:
    return JUMP_PRICE * float(rows.max(axis=1).mean())


def _best_rise(rows: NDArray[np.float32], rises: Numbers, away: Numbers) -> float:
    """Return the rise over `away` = 1, steps of the grid, with the best path."""
    price, score = _price(rows), np.zeros((len(rises), rows.shape[1]))
    for row, distance in zip(rows, away, strict=True):
        stay = np.maximum(score, score.max(axis=1, keepdims=True) - price)
        score = stay + _moved(row, np.round(rises * distance).astype(int))
    return float(rises[score.max(axis=1).argmax()])


def _moved(row: NDArray[np.float32], shifts: NDArray[np.int_]) -> Numbers:
    """Return a row (lags,) moved by each of some shifts, (shifts, lags); 0 beyond its ends."""
    index = np.arange(len(row))[None] + shifts[:, None]
    inside = (index >= 0) & (index < len(row))
    return np.where(inside, row[np.clip(index, 0, len(row) - 1)], 0.0).astype(np.float64)
