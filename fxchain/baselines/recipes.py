"""The networks by name: their sizes, and the training that was published with each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from torch import Tensor

from fxchain.baselines.lstm import Lstm
from fxchain.baselines.nam import (
    Config,
    NamWaveNet,
    error_to_signal,
    nam_loss,
    packaged_config,
    standard_config,
)
from fxchain.baselines.network import Network
from fxchain.baselines.network_loss import network_loss
from fxchain.baselines.wavenet import WaveNet

#: Units of the LSTM that second-order steps train too.
SMALL_LSTM_UNITS = 8


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
        loss: of a target and an estimate, (batch, samples)
        kept_by: the same, by which weights are kept on the part for validation; None: the loss
        decay: factor of the learning rate at each update
        target_rms: level to which the wet is scaled, full scale 1; None: a peak of 1
        longest_gradient: norm to which gradients are clipped, over all weights; None: no clipping
    """

    make: Callable[[], Network]
    learning_rate: float
    batch: int
    segment_samples: int
    warm_up_samples: int | None
    update_samples: int
    loss: Callable[[Tensor, Tensor], Tensor]
    kept_by: Callable[[Tensor, Tensor], Tensor] | None = None
    weight_decay: float = 0.0
    decay: float = 1.0
    target_rms: float | None = None
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
        loss=partial(network_loss, pre_emphasis=0.95),
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
    loss=partial(network_loss, pre_emphasis=0.85),
)


def _nam(config: Callable[[], Config]) -> Recipe:
    """Neural Amp Modeler 0.13: Adam at 4e-3, segments of 8,192 samples, the wet at −18 dBFS.

    Its batches of 16 segments are 4 here, as those of the other convolutions. Its learning rate
    falls by 0.6 % an epoch of its own recording, 62 updates; an epoch of a few seconds has two.
    """
    return Recipe(
        make=lambda: NamWaveNet(config()),
        learning_rate=4e-3,
        weight_decay=3.17e-7,
        decay=0.994 ** (1.0 / 62.0),
        batch=4,
        segment_samples=8_192,
        warm_up_samples=None,
        update_samples=8_192,
        target_rms=10.0 ** (-18.0 / 20.0),
        loss=nam_loss,
        kept_by=error_to_signal,
    )


RECIPES: Mapping[str, Recipe] = {
    "wavenet": _wavenet(lambda: WaveNet(16, 8, 3)),
    "wavenet_small": _wavenet(lambda: WaveNet(4, 9, 2, input_layer=True)),
    "lstm": _LSTM,
    # only loaded: second-order steps train it
    "lstm_small": replace(_LSTM, make=lambda: Lstm(SMALL_LSTM_UNITS)),
    "nam": _nam(lambda: packaged_config(8)),
    "nam_lite": _nam(lambda: packaged_config(3)),
    "nam_standard": _nam(standard_config),
}
