"""How the channels of a recording go into a chain and come out of it.

    recording − constants → inputs (a matrix) → chain → outputs (a matrix) → delays

The matrices hold levels too: of recordings far below or above full scale, the one before the
chain brings the dry to the level that the chain was fitted at, the one behind it goes back to that
of the wet. A negative element inverts a channel.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np


class Routed:
    """A board between two matrices, called as a Pedalboard is.

    Args:
        board: a Pedalboard, or what is called as one
        inputs: (chain channels, recording channels) factors
        outputs: (output channels, chain channels) factors
        delays_samples: by how much each output channel is delayed
        constants: what is subtracted from each channel of the recording; empty: nothing
    """

    def __init__(
        self,
        board: Any,
        inputs: list[list[float]],
        outputs: list[list[float]],
        delays_samples: list[int],
        constants: Sequence[float] = (),
    ) -> None:
        self.board = board
        self.whole = getattr(board, "whole", False)
        self.inputs = np.array(inputs, dtype=np.float64)
        self.outputs = np.array(outputs, dtype=np.float64)
        self.delays_samples = list(delays_samples)
        self.constants = np.array(constants, dtype=np.float32)
        self.past: list[np.ndarray] = []

    def __call__(
        self, audio: np.ndarray, sample_rate: float, buffer_size: int = 8192, reset: bool = True
    ) -> np.ndarray:
        """Play (channels, samples) of any number of channels, and return those of the outputs.

        A mono recording is heard by every input. Where the routing knows one input channel, each
        channel of another recording goes through a channel of the chain.
        """
        if reset:
            self.reset()
        audio = np.asarray(audio, dtype=np.float32)
        if len(self.constants):
            audio = audio - np.resize(self.constants, audio.shape[0])[:, None]
        inputs, outputs = self.matrices(audio.shape[0])
        heard = (inputs @ audio).astype(np.float32)
        played = outputs @ self.board(heard, sample_rate, buffer_size, reset)
        return self.delayed(played.astype(np.float32))

    def reset(self) -> None:
        """Forget all audio played so far."""
        self.board.reset()
        self.past = []

    def matrices(self, channels: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the matrices before and behind the chain for a recording of so many channels."""
        known = self.inputs.shape[1]
        if channels == known:
            return self.inputs, self.outputs
        if channels == 1:
            return self.inputs.sum(axis=1, keepdims=True), self.outputs
        if known > 1:
            used = min(channels, known)
            inputs = np.zeros((len(self.inputs), channels))
            inputs[:, :used] = self.inputs[:, :used]
            return inputs, self.outputs
        each = np.resize(self.inputs[:, 0], channels)
        if len(self.inputs) > 1:
            return np.diag(each), self.outputs
        return np.diag(each), np.diag(np.resize(self.outputs[:, 0], channels))

    def output_channels(self, channels: int) -> int:
        """Return how many channels come out for a recording of so many."""
        return int(self.matrices(channels)[1].shape[0])

    def delayed(self, audio: np.ndarray) -> np.ndarray:
        """Delay each channel (channels, samples), going on from what was delayed before."""
        delays = np.resize(self.delays_samples, len(audio)).tolist()
        self.past = self.past or [np.zeros(delay, dtype=np.float32) for delay in delays]
        whole = [np.concatenate(parts) for parts in zip(self.past, audio, strict=True)]
        self.past = [each[audio.shape[1] :] for each in whole]
        return np.stack([each[: audio.shape[1]] for each in whole])
