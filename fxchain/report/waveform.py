"""The outline of a recording's waveform."""

import numpy as np

COLUMNS, HEIGHT = 720, 64


def outline(samples: np.ndarray, full_scale: float) -> str:
    """Return the points of a polygon in a box of COLUMNS by HEIGHT.

    Args:
        samples: (channels, samples); the outline encloses all channels
        full_scale: the amplitude at the upper edge
    """
    edges = np.linspace(0, samples.shape[1], COLUMNS + 1).astype(int)
    starts = np.minimum(edges[:-1], samples.shape[1] - 1)
    highest = np.maximum.reduceat(samples.max(axis=0), starts)
    lowest = np.minimum.reduceat(samples.min(axis=0), starts)
    middle, scale = HEIGHT / 2.0, HEIGHT / 2.0 / max(full_scale, 1e-9)
    tops = middle - np.clip(highest * scale, -middle, middle) - 0.3
    bottoms = middle - np.clip(lowest * scale, -middle, middle) + 0.3
    there = [f"{x},{y:.1f}" for x, y in enumerate(tops)]
    back = [f"{x},{y:.1f}" for x, y in reversed(list(enumerate(bottoms)))]
    return " ".join(there + back)
