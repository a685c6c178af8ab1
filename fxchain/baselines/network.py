"""The interface of networks: causal functions of mono audio with a state."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn


class Network(nn.Module):
    """A causal network that can be played block by block.

    Subclasses state their receptive field and their initial state, and return the state with the
    output, so that consecutive blocks equal the whole at once.
    """

    @property
    def receptive_field_samples(self) -> int | None:
        """Return the number of input samples an output depends on; None: all before it."""
        raise NotImplementedError

    @property
    def most_threads(self) -> int | None:
        """Return the number of useful threads; None: no limit."""
        return None

    def initial_state(self, batch: int) -> Any:
        """Return the state after infinite silence, for `batch` recordings."""
        raise NotImplementedError

    def forward(self, audio: Tensor, state: Any) -> tuple[Tensor, Any]:
        """Play a block.

        Args:
            audio: (batch, samples)
            state: returned with the block before, or `initial_state`

        Returns:
            (batch, samples), and the state for the next block
        """
        raise NotImplementedError

    def weight_count(self) -> int:
        """Return the number of trained parameters."""
        return sum(weights.numel() for weights in self.parameters())
