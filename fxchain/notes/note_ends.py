"""When a note is released."""

import numpy as np

#: Levels count down to this share of the largest (−50 dB).
_FLOOR = 10.0 ** (-50.0 / 20.0)


def note_end(level: np.ndarray) -> int:
    """Return the frame at which the decay of a note becomes steepest for good.

    Two lines are fitted to the logarithm of the level from its peak on: the release is where they
    meet. Where the second is not the steeper one, the note sounds to its last frame.

    Args:
        level: (frames,) of the note, from its onset

    Source:
        segmented regression by least squares over all places of the break
    """
    top = int(np.argmax(level))
    logs = np.log(np.maximum(level[top:], _FLOOR * level[top] + 1e-30))
    # what lies at the floor says nothing of the decay
    ended = np.flatnonzero(logs <= np.log(1.5 * _FLOOR) + logs[0])
    logs = logs[: int(ended[0]) + 1] if len(ended) else logs
    if len(logs) < 6:
        return top + len(logs)
    breaks = np.arange(2, len(logs) - 2)
    left, right = _line_errors(logs), _line_errors(logs[::-1])[::-1]
    at = int(breaks[np.argmin(left[breaks] + right[breaks])])
    slopes = [_slope(logs[: at + 1]), _slope(logs[at:])]
    return top + (at if slopes[1] < 1.5 * slopes[0] - 1e-3 else len(logs))


def _line_errors(values: np.ndarray) -> np.ndarray:
    """Return the squared error of the best line through the first n + 1 values, for each n."""
    count = np.arange(1, len(values) + 1, dtype=float)
    places = np.arange(len(values), dtype=float)
    sum_x, sum_y = np.cumsum(places), np.cumsum(values)
    varying = np.cumsum(places**2) - sum_x**2 / count
    together = np.cumsum(places * values) - sum_x * sum_y / count
    spread = np.cumsum(values**2) - sum_y**2 / count
    return np.asarray(np.maximum(spread - together**2 / np.maximum(varying, 1e-12), 0.0))


def _slope(values: np.ndarray) -> float:
    places = np.arange(len(values)) - 0.5 * (len(values) - 1)
    return float((places * values).sum() / np.square(places).sum())
