"""One cycle of a wave, as samples and as text."""

from collections.abc import Sequence

import numpy as np

#: Heights of a column, from the lowest on, and columns of a drawn cycle.
_BLOCKS, _COLUMNS = "▁▂▃▄▅▆▇█", 32


def cycle_samples(coefficients: Sequence[complex], count: int) -> np.ndarray:
    """Return one cycle of a wave, (count,).

    Args:
        coefficients: c of the wave Σ Re(c_n e^{inφ}), n from 1 on
        count: samples; harmonics from half of it on are left out
    """
    spectrum = np.zeros(count // 2 + 1, dtype=np.complex128)
    inside = min(len(coefficients), (count - 1) // 2)
    spectrum[1 : inside + 1] = 0.5 * count * np.asarray(coefficients[:inside])
    return np.fft.irfft(spectrum, count)


def drawn_cycle(coefficients: Sequence[complex]) -> str:
    """Return a wave as text: one cycle in block characters, and how many harmonics it has."""
    fine = max(16 * _COLUMNS, 4 * len(coefficients))
    fine += -fine % _COLUMNS
    columns = cycle_samples(coefficients, fine).reshape(_COLUMNS, -1).mean(axis=1)
    low, high = float(columns.min()), float(columns.max())
    steps = (columns - low) / max(high - low, 1e-30) * len(_BLOCKS)
    heights = np.clip(steps.astype(int), 0, len(_BLOCKS) - 1)
    count = len(coefficients)
    picture = "".join(_BLOCKS[each] for each in heights)
    return f"{picture}  {count} harmonic{'s' if count > 1 else ''}"
