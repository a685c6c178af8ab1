"""The same batch on a Dask cluster."""

import math
import os
import signal

import pytest

from fxchain.batch.cluster import ClusterError, run_on_cluster
from fxchain.batch.job import DONE, FAILED
from fxchain.batch.run import Resources
from tests.batch.test_batch import FILES, batch, folder, statuses  # noqa: F401

distributed = pytest.importorskip("distributed")


@pytest.mark.filterwarnings("ignore")
def test_a_cluster_does_the_jobs(folder):  # noqa: F811
    settings = {"n_workers": 1, "threads_per_worker": 1, "dashboard_address": None}
    steps = []
    with distributed.LocalCluster(**settings, silence_logs=50) as cluster:
        found = batch(
            Resources(scheduler=cluster.scheduler_address), watch=lambda *step: steps.append(step)
        )
    assert found.complete and statuses(found) == [DONE, FAILED, DONE]
    assert found.rows[0]["peak_mebibytes"] > 100
    told = {job for job, phase, loss, share in steps if math.isfinite(loss) and 0 < share <= 1}
    assert told == {found.rows[0]["id"], found.rows[2]["id"]}


@pytest.mark.filterwarnings("ignore")
def test_nothing_is_lost_with_a_worker(folder):  # noqa: F811
    killed = []
    settings = {"n_workers": 1, "threads_per_worker": 1, "dashboard_address": None}
    with (
        distributed.LocalCluster(**settings, silence_logs=50) as cluster,
        distributed.Client(cluster) as client,
    ):
        process = next(iter(client.run(os.getpid).values()))

        def kill_once(_):
            if not killed:
                killed.append(process)
                os.kill(process, signal.SIGKILL)

        found = batch(Resources(scheduler=cluster.scheduler_address), report=kill_once)
    assert killed and found.complete and statuses(found) == [DONE, FAILED, DONE]
    for name in ("first", "la_st"):
        assert sorted(os.listdir(f"out/{name}")) == FILES


@pytest.mark.filterwarnings("ignore")
def test_a_cluster_that_is_not_there():
    with pytest.raises(ClusterError, match="no Dask scheduler answers there"):
        run_on_cluster(
            [], print, print, scheduler="tcp://127.0.0.1:9", retries=0, timeout_seconds=0.2
        )
