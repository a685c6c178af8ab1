"""How many threads a network is played with."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def at_most_threads(most: int | None) -> Iterator[None]:
    """Let torch use no more threads than that inside the block; None: as many as it may.

    Work in small pieces is done faster by one thread than by several that wait for each other.
    """
    before = torch.get_num_threads()
    if most is None or before <= most:
        yield
        return
    torch.set_num_threads(most)
    try:
        yield
    finally:
        torch.set_num_threads(before)
