"""The path through windows that collects the most, at a price for each change."""

import numpy as np
from numpy.typing import NDArray


def best_path(gains: NDArray[np.float64], price: float) -> NDArray[np.intp]:
    """Return the candidate of each window, (windows,), for the highest sum less the prices.

    Args:
        gains: (windows, candidates), what each window has for each candidate
        price: of a change from one window to the next, the same between any two candidates

    Source:
        A. J. Viterbi, "Error bounds for convolutional codes and an asymptotically optimum decoding
        algorithm", 1967
    """
    count = gains.shape[1]
    total, back = gains[0].copy(), np.zeros(gains.shape, np.intp)
    for at in range(1, len(gains)):
        best = int(total.argmax())
        stay = total >= total[best] - price
        back[at] = np.where(stay, np.arange(count), best)
        total = np.where(stay, total, total[best] - price) + gains[at]
    path = np.empty(len(gains), np.intp)
    path[-1] = int(total.argmax())
    for at in range(len(gains) - 1, 0, -1):
        path[at - 1] = back[at][path[at]]
    return path
