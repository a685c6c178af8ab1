"""What a batch calls while it runs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fxchain.batch.job import Job, Report, Watch


@dataclass(frozen=True)
class BatchHooks:
    """Callbacks of a batch.

    Attributes:
        begin: called with all jobs, and the number of those that are done already
        report: called with each outcome
        watch: called with each job's steps; some may come after its outcome
        started: called with each job and the id of its process, on this computer
    """

    begin: Callable[[Sequence[Job], int], None] = lambda jobs, done: None
    report: Report = lambda outcome: None
    watch: Watch = lambda job, phase, loss, share: None
    started: Callable[[Job, int], None] = lambda job, process: None
