"""What a fit may see of a pair of recordings."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Problem:
    """A fitted part of a pair, aligned.

    Attributes:
        dry: (channels, samples), float32, from the recording's first sample
        wet: (channels, samples), float32, on the dry's time
        valid_from: first sample at which the wet is known
        sample_rate: Hz
        polarity: +1 or -1, the wet's against the dry's
        gain_free: the wet's level says nothing, so the chain's output is scaled to it
        latency_known: the wet is not late by another part of a sample; otherwise the fit may find
            that it is
        torch_device: where slopes are computed
    """

    dry: np.ndarray
    wet: np.ndarray
    valid_from: int
    sample_rate: int
    polarity: int
    gain_free: bool = False
    latency_known: bool = False
    torch_device: str = "cpu"
