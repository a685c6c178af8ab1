"""The recurrent network of guitar amplifiers: one LSTM layer and a linear one."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from fxchain.baselines.network import Network

State = tuple[Tensor, Tensor]


class Lstm(Network):
    """An LSTM that reads a sample at a time, a linear layer, and the input added to the output.

    Args:
        units: of the LSTM

    Source:
        A. Wright, E.-P. Damskägg, L. Juvela and V. Välimäki, "Real-time guitar amplifier emulation
        with deep learning", Applied Sciences 10(3), 2020, section 2.2, as GuitarML's recurrent
        models use it: 32 units, 4,513 weights. (GuitarML's program GuitarLSTM puts two
        convolutions before the LSTM; its later versions do without them.)
    """

    def __init__(self, units: int) -> None:
        super().__init__()
        self.recurrent = nn.LSTM(1, units)
        self.linear = nn.Linear(units, 1)

    @property
    def receptive_field_samples(self) -> None:
        """Return None: its memory is unlimited."""
        return None

    @property
    def most_threads(self) -> int:
        """Return 1: a sample is too little work for several threads."""
        return 1

    def initial_state(self, batch: int) -> State:
        """Return the state after silence, two of (1, batch, units)."""
        shape = (1, batch, self.recurrent.hidden_size)
        return torch.zeros(shape), torch.zeros(shape)

    def forward(self, audio: Tensor, state: State) -> tuple[Tensor, State]:
        """Play a block; see `Network.forward`."""
        samples = audio.t().unsqueeze(2)
        read, after = self.recurrent(samples, state)
        return (self.linear(read) + samples).squeeze(2).t(), after
