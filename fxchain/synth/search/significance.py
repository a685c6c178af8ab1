"""How much an error grows by chance where controls are left out that explain nothing, and how many
of its samples are independent."""

import numpy as np

#: Samples of a frame of the transform in which samples are counted.
FRAME = 512


def growth_by_chance(controls: int, residual: np.ndarray, overlap: float = 1.0) -> float:
    """Return the factor by which a sum of squares may grow.

    Args:
        controls: that are left out
        residual: whose squares are summed; those that are about zero count little
        overlap: how many of the residuals say the same

    Source:
        Schwarz 1978, the Bayesian information criterion n · ln(sum) + controls · ln(n), with n from
        the kurtosis: that of so many normal residuals among zeros
    """
    squares = np.square(residual)
    fourth = float(np.square(squares).sum())
    count = 3.0 * float(squares.sum()) ** 2 / fourth if fourth > 0.0 else len(residual)
    count = max(min(count, len(residual)) / overlap, np.e)
    return float(np.exp(controls * np.log(count) / count))


def independent_samples(residual: np.ndarray) -> float:
    """Return how many independent samples a residual is worth: those of white, steady noise whose
    powers over time and frequency scatter as much.

    Args:
        residual: (samples,), noise of any colour and envelope

    Source:
        powers of normal noise are exponential: the mean of their squares is twice the square of
        their mean
    """
    hop = FRAME // 2
    window = np.sin(np.pi * (np.arange(FRAME) + 0.5) / FRAME)
    padded = np.pad(residual, (hop, FRAME))
    frames = np.lib.stride_tricks.sliding_window_view(padded, FRAME)[::hop]
    powers = np.square(np.abs(np.fft.rfft(frames * window)))
    squares = float(np.square(powers).sum())
    return 2.0 * float(powers.sum()) ** 2 / squares if squares > 0.0 else float(len(residual))
