"""The networks by name: their sizes, and the training that was published with each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fxchain.baselines.lstm import Lstm
from fxchain.baselines.network import Network
from fxchain.baselines.wavenet import WaveNet


@dataclass(frozen=True)
class Recipe:
    """The construction and training of a network.

    Attributes:
        make: returns the network with weights drawn anew
        learning_rate: of Adam
        weight_decay: of Adam
        patience: updates without a better validation loss until the learning rate is halved; None:
            it is constant
        batch: number of segments
        segment_samples: length of a segment
        warm_up_samples: played before each segment to set the state; None: the receptive field
        update_samples: length of truncated back-propagation in a segment
        pre_emphasis: of the loss
        longest_gradient: norm to which gradients are clipped, over all weights; None: no clipping
    """

    make: Callable[[], Network]
    learning_rate: float
    batch: int
    segment_samples: int
    warm_up_samples: int | None
    update_samples: int
    pre_emphasis: float
    weight_decay: float = 0.0
    patience: int | None = None
    longest_gradient: float | None = None


def _wavenet(make: Callable[[], WaveNet]) -> Recipe:
    """PedalNet and PedalNetRT: Adam at 3e-3, segments of 100 ms.

    Their batches of 64 segments are longer than a clip of a few seconds; with one update an epoch
    the loss would hardly fall in a minute, so here a batch has 4.
    """
    return Recipe(
        make=make,
        learning_rate=3e-3,
        batch=4,
        segment_samples=4_410,
        warm_up_samples=None,
        update_samples=4_410,
        pre_emphasis=0.95,
    )


#: Alec Wright's Automated-GuitarAmpModelling: Adam at 5e-3 with weight decay, halved on plateaus, a
#: warm-up before each segment without a gradient, an update for each 1,000 samples. It takes 50
#: segments of half a second; a clip of a few seconds has 8 of a quarter. Its patience is ten epochs
#: of minutes of recordings, thousands of updates; ten epochs of a few seconds would be a hundred.
#: Small batches make noisy gradients, which are therefore clipped.
_LSTM = Recipe(
    make=lambda: Lstm(32),
    learning_rate=5e-3,
    weight_decay=1e-4,
    patience=2_500,
    longest_gradient=1.0,
    batch=8,
    segment_samples=11_000,
    warm_up_samples=1_000,
    update_samples=1_000,
    pre_emphasis=0.85,
)

RECIPES: Mapping[str, Recipe] = {
    "wavenet": _wavenet(lambda: WaveNet(16, 8, 3)),
    "wavenet_small": _wavenet(lambda: WaveNet(4, 9, 2, input_layer=True)),
    "lstm": _LSTM,
}
