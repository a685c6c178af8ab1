"""What every network here is: a causal function of mono audio that carries a state."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn


class Network(nn.Module):
    """A causal network that can be played block by block.

    Subclasses say how far back they hear, start from silence, and give the state back with the
    output, so that blocks played one after another are the whole played at once.
    """

    @property
    def receptive_field_samples(self) -> int | None:
        """Return how many samples an output depends on, its own included; None: all before it."""
        raise NotImplementedError

    @property
    def most_threads(self) -> int | None:
        """Return how many threads are of use; None: all there are."""
        return None

    def rest(self, batch: int) -> Any:
        """Return the state after endless silence, for so many recordings."""
        raise NotImplementedError

    def forward(self, audio: Tensor, state: Any) -> tuple[Tensor, Any]:
        """Play a block.

        Args:
            audio: (batch, samples)
            state: what the block before gave back, or `rest`

        Returns:
            (batch, samples), and the state for the next block
        """
        raise NotImplementedError

    def weight_count(self) -> int:
        """Return how many numbers are trained."""
        return sum(weights.numel() for weights in self.parameters())
