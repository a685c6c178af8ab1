"""A recording whose clock drifted, brought to the clock of another one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fxchain.alignment.align import align
from fxchain.alignment.clock_drift import measure_drift, without_drift

Array = NDArray[np.float32]

#: Number of passes: the drift smears the windows that it is measured in.
_PASSES = 3


def drift_removed(
    dry: Array,
    wet: Array,
    sample_rate: float,
    span: slice | None = None,
    latency_samples: float | None = None,
    lag: int | None = None,
) -> tuple[Array, float]:
    """Remove the drift of a wet's clock against that of the dry, where there is one.

    Args:
        dry: (channels, samples)
        wet: (channels, other samples), at the same rate
        sample_rate: Hz
        span: samples of both in which it is measured; None: all
        latency_samples: taken as given instead of searched; positive where the wet is late
        lag: of the wet as it is, where an alignment has found it already; None: it is searched

    Returns:
        the wet, and the drift that was removed, parts per million; 0 and the same wet where
        there is none
    """
    span = slice(None) if span is None else span
    total, found = 0.0, wet
    for _ in range(_PASSES):
        here = dry[:, span], found[:, span]
        if lag is None:
            aligned = align(*here, sample_rate, latency_samples=latency_samples)
            lag = round(aligned.latency_samples)
        drift = measure_drift(*here, sample_rate, lag)
        # That there is a drift must be certain; what a correction left of it need not be.
        if drift is None or not (drift.steady if total else drift.certain):
            break
        total += drift.ppm
        found, lag = without_drift(wet, total), None
    return found, total
