"""The number of threads of a network."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def at_most_threads(most: int | None) -> Iterator[None]:
    """Limit the threads of torch inside the block; None: no limit.

    Small operations are faster on one thread than on several that synchronize.
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
