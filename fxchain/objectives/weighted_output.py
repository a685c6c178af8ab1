"""The output of a chain behind a spectral weighting."""

from dataclasses import dataclass

import numpy as np
from torch import Tensor

from fxchain.objectives.spectral_weighting import Weighting
from fxchain.player import Playback
from fxchain.stage import Stage
from fxchain.stage.linear import Linear, apply_linear, in_series, linearize_linear


@dataclass(frozen=True)
class WeightedOutput:
    """A chain as an objective renders it: its output, filtered by a weighting where there is one.

    A chain that is a linear filter is joined with the weighting: both take one pair of FFTs.

    Attributes:
        stage: the chain
        weighting: belongs to the comparison, not to the chain; None: no weighting
    """

    stage: Stage
    weighting: Weighting | None = None

    def process(self, audio: Tensor, playback: Playback, values: Tensor) -> Tensor:
        """Render (batch, channels, time) with (batch, size) values."""
        if self.weighting is None:
            return self.stage.process(audio, playback, values)
        linear = self.stage.linear(audio, playback, values)
        if linear is None:
            audio = self.stage.process(audio, playback, values)
        return apply_linear(audio, playback.sample_rate, self._filter(audio, linear))

    def linearize(
        self, audio: Tensor, playback: Playback, values: Tensor, active: np.ndarray, like: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Render and differentiate forwards.

        Args:
            audio: (channels, time)
            playback: where the audio begins in its recording
            values: (size,)
            active: (size,), bool, the values along which the output is differentiated
            like: (0, channels, time), on the device where the tangents are computed

        Returns:
            the output (channels, time), and its tangents (active, channels, time)
        """
        if self.weighting is None:
            return self.stage.linearize(audio, like, playback, values, active)
        linear, tangents, chosen = (
            self.stage.linear(audio[None], playback, values[None]),
            like,
            active,
        )
        if linear is None:
            audio, tangents = self.stage.linearize(audio, like, playback, values, active)
            chosen = active[:0]
        weighted = self._filter(audio[None], linear)
        return linearize_linear(audio, tangents, playback.sample_rate, weighted, chosen)

    def filtered(self, audio: Tensor, sample_rate: float) -> Tensor:
        """Return audio (batch, channels, time) behind the weighting alone."""
        if self.weighting is None:
            return audio
        return apply_linear(audio, sample_rate, self._filter(audio, None))

    def _filter(self, like: Tensor, linear: Linear | None) -> Linear:
        """Return the weighting, behind the chain where that is a linear filter."""
        if self.weighting is None:
            raise ValueError("there is no weighting")
        own = self.weighting.filter(like.dtype)
        return own if linear is None else in_series([linear, own], own.dtype)
