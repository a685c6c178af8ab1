"""The task that every method of a benchmark is given, and its result."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fxchain.optim.budget import Progress
from fxchain.recordings.aligned_pair import AlignedPair
from fxchain.recordings.pair import Pair
from fxchain.recordings.pair_source import PairSource

#: Plays (channels, samples) from the first sample on.
Player = Callable[[np.ndarray], np.ndarray]
#: (seconds, figure) over time.
Curve = Sequence[tuple[float, float]]

#: The dry recording processed by a method, and a trained network.
AUDIO_FILE, NETWORK_FILE = "played.wav", "network.json"


@dataclass(frozen=True, eq=False)
class TrainingTask:
    """The recordings and limits that a method is given.

    Attributes:
        source: files, id, and a given latency and polarity
        pair: the recordings at one sample rate, not yet aligned
        prepared: the same, aligned; a method is fitted on `prepared.problem` alone
        seconds: time limit, s; None: `iterations` limits
        iterations: number of steps instead
        seed: of the random numbers
        threads: how many it may use
        progress: called with phase, loss and share of the budget
    """

    source: PairSource
    pair: Pair
    prepared: AlignedPair
    seconds: float | None
    iterations: int | None
    seed: int
    threads: int
    progress: Progress


@dataclass(frozen=True, eq=False)
class Fitted:
    """The result of a method.

    Attributes:
        play: plays audio of the pair's sample rate and channels
        weights: the number of fitted parameters
        seconds: of fitting, s
        save: writes a file that restores it into a folder; None: there is no such file
        curve: the least value so far of the method's own loss, over time
        snapshots: the best result over time: seconds, and its player
        notes: sentences about the fit
        receptive_field_samples: number of dry samples that an output sample depends on; None: all
    """

    play: Player
    weights: int
    seconds: float
    save: Callable[[Path], None] | None = None
    curve: Curve = ()
    snapshots: Sequence[tuple[float, Player]] = ()
    notes: Sequence[str] = ()
    receptive_field_samples: int | None = None
