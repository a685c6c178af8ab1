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
    return _traced(back, int(total.argmax()))


def continuous_path(gains: NDArray[np.float64], price: float) -> NDArray[np.intp]:
    """Return the candidate of each window for the highest sum where near candidates are alike.

    Args:
        gains: (windows, candidates), what each window has for each candidate, in their order
        price: of a change by one candidate from one window to the next; n times for n candidates

    Source:
        Viterbi, as above; the best predecessor of all candidates is found in two passes, as the
        distance transform of P. F. Felzenszwalb and D. P. Huttenlocher, 2012, does.
    """
    places = np.arange(gains.shape[1])
    total, back = gains[0].copy(), np.zeros(gains.shape, np.intp)
    for at in range(1, len(gains)):
        best, origin = total, places
        for turned in (slice(None), slice(None, None, -1)):
            raised = best[turned] + price * places
            highest = np.maximum.accumulate(raised)
            first = np.maximum.accumulate(np.where(raised >= highest, places, -1))
            best = (highest - price * places)[turned]
            origin = origin[turned][first][turned]
        back[at], total = origin, best + gains[at]
    return _traced(back, int(total.argmax()))


def _traced(back: NDArray[np.intp], last: int) -> NDArray[np.intp]:
    """Return the path that ends at a candidate, by the predecessor of each, (windows,)."""
    path = np.empty(len(back), np.intp)
    path[-1] = last
    for at in range(len(back) - 1, 0, -1):
        path[at - 1] = back[at][path[at]]
    return path
