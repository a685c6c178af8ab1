"""The path that collects the most at a price for each change."""

from itertools import product

import numpy as np
import pytest

from fxchain.alignment.best_path import best_path


def collected(path: tuple[int, ...], gains: np.ndarray, price: float) -> float:
    """Return what a path collects."""
    return float(sum(gains[range(len(path)), path])) - price * np.count_nonzero(np.diff(path))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("price", [0.0, 0.4, 5.0])
def test_no_path_collects_more(seed: int, price: float) -> None:
    gains = np.random.default_rng(seed).uniform(0.0, 1.0, (6, 3))
    most = max(collected(path, gains, price) for path in product(range(3), repeat=6))
    assert collected(tuple(best_path(gains, price)), gains, price) == pytest.approx(most)
