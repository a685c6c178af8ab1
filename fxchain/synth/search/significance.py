"""How much an error grows by chance where controls are left out that explain nothing."""

import numpy as np


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
