"""Independent pieces of compiled work on as many threads as torch may use."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import TypeVar

import torch

Item = TypeVar("Item")
Made = TypeVar("Made")


def map_threads(work: Callable[[Item], Made], items: Sequence[Item]) -> list[Made]:
    """Return `work` of each item, in their order.

    Pieces run at the same time where they give Python's lock away, as compiled loops do. What they
    return does not depend on how many run at once.

    Args:
        work: called once with each item; it must not call `map_threads` itself
        items: what is worked on
    """
    threads = min(torch.get_num_threads(), len(items))
    if threads < 2:
        return [work(item) for item in items]
    return list(_pool(threads, os.getpid()).map(work, items))


@lru_cache(maxsize=4)
def _pool(threads: int, process: int) -> ThreadPoolExecutor:
    """Return the threads of this process: a fork has none of its parent's."""
    return ThreadPoolExecutor(threads, thread_name_prefix="fxchain")
