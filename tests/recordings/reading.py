"""One pair, read as a match reads it."""

from typing import Any

from fxchain.recordings.pair import Pair
from fxchain.recordings.pair_source import PairSource
from fxchain.recordings.several_pairs import read_pair_sources


def read_pair(
    dry: Any,
    wet: Any,
    sample_rate: float | None = None,
    dry_channel: int | None = None,
    latency_samples: float | None = None,
) -> Pair:
    """Return two recordings at one sample rate and with equally many channels."""
    source = PairSource(dry, wet, dry_channel=dry_channel, latency_samples=latency_samples)
    (pair,) = read_pair_sources([source], sample_rate)
    return pair
