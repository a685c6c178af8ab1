"""The networks by name: their sizes and how each was trained where it was published."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fxchain.baselines.lstm import Lstm
from fxchain.baselines.network import Network
from fxchain.baselines.wavenet import WaveNet


@dataclass(frozen=True)
class Recipe:
    """How a network is made and trained.

    Attributes:
        make: returns the network with weights drawn anew
        learning_rate: of Adam
        weight_decay: of Adam
        patience: updates without a better check until the learning rate is halved; None: never
        batch: segments that are played together
        segment_samples: length of a segment
        warm_up_samples: played before each segment to bring the state to where it would be; None:
            all that the network hears
        update_samples: the weights move after so many samples of a segment
        pre_emphasis: of the loss
        longest_gradient: a longer one is shortened to that, over all weights; None: as it is
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

    They take 64 segments at a time, more than a clip of a few seconds has; with a step for each
    epoch nothing is learned in a minute, so here it is 4.
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


#: Alec Wright's Automated-GuitarAmpModelling: Adam at 5e-3 with a little decay, halved when it
#: stands still, the state brought in before each segment without a gradient, a step for each
#: 1,000 samples. It takes 50 segments of half a second; a clip of a few seconds has 8 of a quarter.
#: It stands still after ten rounds of minutes of recordings, which are thousands of updates; ten
#: rounds of a few seconds would be a hundred. Few segments make rough gradients, at which that rate
#: throws the weights far away now and then: they are shortened.
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
