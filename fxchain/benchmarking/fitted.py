"""What every method of the comparison gives back."""

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
#: (seconds, figure), in the course of time.
Curve = Sequence[tuple[float, float]]

#: What a method made of the dry recording.
AUDIO_FILE = "played.wav"


@dataclass(frozen=True, eq=False)
class TrainingTask:
    """What a method is given.

    Attributes:
        take: what is known about the pair
        pair: the recordings, comparable, not yet aligned
        prepared: the same, aligned; a method hears `prepared.problem` alone
        seconds: how long it may search, s; None: `iterations` count
        iterations: how many steps it may make instead
        seed: of whatever it draws
        threads: how many it may use
        progress: to be told phase, loss and share of the time
    """

    take: PairSource
    pair: Pair
    prepared: AlignedPair
    seconds: float | None
    iterations: int | None
    seed: int
    threads: int
    progress: Progress


@dataclass(frozen=True, eq=False)
class Fitted:
    """What a method has found.

    Attributes:
        play: plays audio of the pair's sample rate and channels
        weights: how many numbers were fitted
        seconds: how long that took, s
        save: writes what plays it again into a folder, where there is such a thing
        curve: of what the method itself made small, the best so far
        snapshots: what the best was in the course of time: seconds, and what plays it
        notes: sentences about the fit
        receptive_field_samples: how many samples of the dry an output depends on; None: all
    """

    play: Player
    weights: int
    seconds: float
    save: Callable[[Path], None] | None = None
    curve: Curve = ()
    snapshots: Sequence[tuple[float, Player]] = ()
    notes: Sequence[str] = ()
    receptive_field_samples: int | None = None
