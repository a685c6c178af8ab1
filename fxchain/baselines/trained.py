"""A trained network with the gains around it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from fxchain.baselines.network import Network
from fxchain.baselines.threads import at_most_threads
from fxchain.errors import AudioError

Array = NDArray[np.float32]

#: Longer blocks are played in parts of this many samples, which fit the processor's cache.
_PART_SAMPLES = 16_384


@dataclass(frozen=True, eq=False)
class TrainedNetwork:
    """A network trained on a device.

    Attributes:
        kind: a key of `fxchain.baselines.recipes.RECIPES`
        network: with its weights
        sample_rate: Hz, of training and playback
        input_gain: factor that scales the training input to a peak of 1
        output_gain: factor of the output, negative for an inverting device
        metadata: anything JSON can hold
    """

    kind: str
    network: Network
    sample_rate: int
    input_gain: float
    output_gain: float
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def board(self, sample_rate: float) -> NetworkBoard:
        """Return its player, with the interface of a Pedalboard.

        Args:
            sample_rate: Hz, of the audio to play

        Raises:
            AudioError: the sample rate is not that of the training.
        """
        if sample_rate != self.sample_rate:
            raise AudioError(
                f"the network was trained at {self.sample_rate} Hz and plays at no other rate, not "
                f"{sample_rate:g} Hz; resample the recording first"
            )
        return NetworkBoard(self)

    def clamped(self, sample_rate: float) -> list[str]:
        """Return no warnings; see `Preset.clamped`."""
        return []


class NetworkBoard:
    """Plays a network block by block.

    Args:
        trained: the network
    """

    def __init__(self, trained: TrainedNetwork) -> None:
        self._trained = trained
        self._state: Any = None

    def __call__(
        self, audio: Array, sample_rate: float, buffer_size: int = 8192, reset: bool = True
    ) -> Array:
        """Play (channels, samples), each channel through the same weights."""
        if reset or self._state is None:
            self._state = self._trained.network.initial_state(len(audio))
        trained = self._trained
        output = np.empty(audio.shape, dtype=np.float32)
        with torch.no_grad(), at_most_threads(trained.network.most_threads):
            for begin in range(0, audio.shape[1], _PART_SAMPLES):
                part = audio[:, begin : begin + _PART_SAMPLES]
                scaled = torch.from_numpy(np.asarray(part * np.float32(trained.input_gain)))
                out, self._state = trained.network(scaled, self._state)
                output[:, begin : begin + _PART_SAMPLES] = out.numpy()
        return output * np.float32(trained.output_gain)

    def reset(self) -> None:
        """Reset the state."""
        self._state = None
