"""The same batch on a Dask cluster."""

import pytest

from fxchain.batch.cluster import ClusterError, run_on_cluster
from fxchain.batch.job import DONE, FAILED
from fxchain.batch.run import Means
from tests.batch.test_batch import batch, folder, statuses  # noqa: F401

distributed = pytest.importorskip("distributed")


@pytest.mark.filterwarnings("ignore")
def test_a_cluster_does_the_jobs(folder):  # noqa: F811
    settings = {"n_workers": 1, "threads_per_worker": 1, "dashboard_address": None}
    with distributed.LocalCluster(**settings, silence_logs=50) as cluster:
        found = batch(Means(scheduler=cluster.scheduler_address))
    assert found.complete and statuses(found) == [DONE, FAILED, DONE]
    assert found.rows[0]["peak_mebibytes"] > 100


@pytest.mark.filterwarnings("ignore")
def test_a_cluster_that_is_not_there():
    with pytest.raises(ClusterError, match="no Dask scheduler answers there"):
        run_on_cluster([], print, scheduler="tcp://127.0.0.1:9", retries=0, patience=0.2)
