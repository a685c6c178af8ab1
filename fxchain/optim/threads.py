"""How many threads torch uses in the present thread."""

import torch


def use_threads(count: int) -> None:
    """Let torch use so many threads here, whatever other threads set for themselves.

    A thread in which torch was not used before takes over, at its first use, the number that any
    thread has set last, even when it has set its own before. So torch is used once first: sums are
    rounded otherwise with another number of threads.

    Args:
        count: at least 1
    """
    torch.get_num_threads()
    torch.set_num_threads(count)
