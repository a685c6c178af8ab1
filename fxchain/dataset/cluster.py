"""The pairs of a data set on a Dask cluster that is already running.

Its workers must see the sources and the folder of the data set under the same paths.
"""

from collections.abc import Callable, Sequence

from fxchain.batch.cluster import connect
from fxchain.dataset.pair import PairMaker

#: Pairs of a task: one alone would cost more to hand over than to make.
_TASK_PAIRS = 8


def make_on_cluster(
    maker: PairMaker,
    numbers: Sequence[int],
    progress: Callable[[int], None],
    *,
    scheduler: str,
    timeout_seconds: float = 20.0,
) -> None:
    """Make pairs; Dask begins those of a lost worker again on another.

    Args:
        maker: writes a pair
        numbers: of the pairs
        progress: called with how many are made
        scheduler: its address, `tcp://host:8786`
        timeout_seconds: how long to wait for the scheduler, s

    Raises:
        ClusterError: Dask is not installed, or the scheduler does not answer.
        FxchainError: of the first pair that cannot be made.
    """
    client, as_completed = connect(scheduler, timeout_seconds)
    parts = [numbers[at : at + _TASK_PAIRS] for at in range(0, len(numbers), _TASK_PAIRS)]
    with client:
        futures = [client.submit(make_pairs, maker, part, pure=False) for part in parts]
        done = 0
        try:
            for future in as_completed(futures):
                done += future.result()
                progress(done)
        finally:
            client.cancel(futures)


def make_pairs(maker: PairMaker, numbers: Sequence[int]) -> int:
    """Make pairs on a worker of the cluster; return how many."""
    for number in numbers:
        maker.make(number)
    return len(numbers)
