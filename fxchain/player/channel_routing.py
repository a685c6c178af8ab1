"""The facts of a routing: which channels go into a chain, at what level, and which come out."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from fxchain.player.routing import Routed

Matrix = tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Routing:
    """How the channels of a recording go into a chain and come out of it.

    Attributes:
        inputs: (chain channels, recording channels) factors
        outputs: (output channels, chain channels) factors; a negative one inverts
        delays_samples: by how much each output is delayed, at the preset's sample rate
        constants: what is subtracted from each channel of the recording (DC), full scale 1; empty:
            nothing
    """

    inputs: Matrix
    outputs: Matrix
    delays_samples: tuple[int, ...]
    constants: tuple[float, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Return whether each channel goes through the chain as it is."""
        return (
            self.inputs == identity(len(self.inputs))
            and self.outputs == identity(len(self.outputs))
            and not any(self.delays_samples)
            and not any(self.constants)
        )

    @property
    def levels(self) -> tuple[float, float] | None:
        """Return the factors before and behind the chain where there is nothing else to it."""
        before, behind = self.inputs[0][0], self.outputs[0][0]
        plain = straight(len(self.inputs))
        alone = min(before, behind) > 0.0 and self == plain.levelled(before, behind)
        return (before, behind) if alone else None

    @property
    def input_level(self) -> float:
        """Return the factor before the chain: 1 where its inputs are channels or their mean."""
        return max(sum(map(abs, row)) for row in self.inputs)

    def levelled(self, before: float, behind: float) -> "Routing":
        """Return the routing with a factor before the chain and one behind it."""
        return replace(
            self, inputs=_scaled(self.inputs, before), outputs=_scaled(self.outputs, behind)
        )

    def of_channel(self, channel: int) -> "Routing":
        """Return the routing of a recording of which one channel, from 0, is used alone."""
        width = max(channel + 1, 2)
        inputs = tuple(
            tuple(row[0] if at == channel else 0.0 for at in range(width)) for row in self.inputs
        )
        constants = tuple(
            self.constants[0] if at == channel else 0.0
            for at in range(width * bool(self.constants))
        )
        return replace(self, inputs=inputs, constants=constants)

    def around(self, board: Any, rate_ratio: float = 1.0) -> Any:
        """Return a board with this routing around it.

        Args:
            board: a Pedalboard, or what is called as one
            rate_ratio: the sample rate that it plays at over that of the preset
        """
        inputs, outputs = ([list(row) for row in each] for each in (self.inputs, self.outputs))
        return Routed(board, inputs, outputs, self.delays_at(rate_ratio), self.constants)

    def delays_at(self, rate_ratio: float) -> list[int]:
        """Return the delays at another sample rate, samples."""
        return [round(delay * rate_ratio) for delay in self.delays_samples]

    def output(self, played: np.ndarray) -> np.ndarray:
        """Return what comes out where the chain makes (chain channels, samples), float32."""
        mixed = (np.array(self.outputs) @ played).astype(np.float32)
        length = mixed.shape[1]
        rows = zip(mixed, self.delays_samples, strict=True)
        return np.stack([np.pad(row, (delay, 0))[:length] for row, delay in rows])


def identity(channels: int) -> Matrix:
    """Return the matrix that leaves so many channels as they are."""
    return tuple(tuple(float(i == j) for j in range(channels)) for i in range(channels))


def straight(channels: int) -> Routing:
    """Return the routing that leaves so many channels as they are."""
    return Routing(identity(channels), identity(channels), (0,) * channels)


def _scaled(matrix: Matrix, factor: float) -> Matrix:
    return tuple(tuple(each * factor for each in row) for row in matrix)
