"""Jobs on a Dask cluster that is already running.

Its workers must see the recordings and the results' folder under the same paths, and have fxchain.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from fxchain.batch.job import FAILED, Job, Outcome, Report, Watch, run_job
from fxchain.errors import FxchainError


class ClusterError(FxchainError):
    """A cluster that cannot be used."""


def run_on_cluster(
    jobs: Sequence[Job],
    report: Report,
    watch: Watch,
    *,
    scheduler: str,
    retries: int,
    timeout_seconds: float = 20.0,
) -> bool:
    """Do all jobs; Dask begins those of a lost worker again on another.

    Args:
        jobs: in the order they are begun
        report: called with each outcome
        watch: called with each job's steps
        scheduler: its address, `tcp://host:8786`
        retries: how often a job that raised something unexpected is begun again
        timeout_seconds: how long to wait for the scheduler, s

    Returns:
        whether all were begun: False after Ctrl-C, when the others were cancelled

    Raises:
        ClusterError: Dask is not installed, or the scheduler does not answer.
    """
    client, as_completed = connect(scheduler, timeout_seconds)
    with client:
        name = f"fxchain-{client.id}"
        client.subscribe_topic(name, lambda event: watch(*event[1]))
        futures = {
            client.submit(
                run_and_report, job, name, key=f"{name}-{number}", retries=retries, pure=False
            ): job
            for number, job in enumerate(jobs)
        }
        try:
            for future in as_completed(futures):
                report(_outcome(future, futures[future]))
        except KeyboardInterrupt:
            client.cancel(list(futures))
            return False
        finally:
            client.unsubscribe_topic(name)
    return True


def run_and_report(job: Job, topic: str) -> Outcome:
    """Do a job on a worker of the cluster, and publish its steps under a topic."""
    from distributed import get_worker

    worker = get_worker()

    def progress(phase: str, loss: float, share: float) -> None:
        worker.log_event(topic, [job.id, phase, loss, share])

    return run_job(job, progress)


def connect(scheduler: str, timeout_seconds: float) -> tuple[Any, Any]:
    """Return a client of a cluster, and Dask's `as_completed`.

    Args:
        scheduler: its address, `tcp://host:8786`
        timeout_seconds: how long to wait for it, s

    Raises:
        ClusterError: Dask is not installed, or the scheduler does not answer.
    """
    try:
        from distributed import Client, as_completed
    except ImportError as error:
        raise ClusterError(
            "--scheduler: Dask is not installed; install it with: pip install 'fxchain[cluster]'"
        ) from error
    try:
        return Client(scheduler, timeout=timeout_seconds), as_completed
    except (OSError, ValueError, TimeoutError) as error:
        raise ClusterError(
            f"--scheduler {scheduler}: no Dask scheduler answers there; check the address"
        ) from error


def _outcome(future: Any, job: Job) -> Outcome:
    """Return what became of a job, lost ones included."""
    error = future.exception()
    if error is None:
        return replace(future.result(), attempts=1)
    line = " ".join(f"{type(error).__name__}: {error}".split())
    return Outcome(job.id, FAILED, line[:300])
