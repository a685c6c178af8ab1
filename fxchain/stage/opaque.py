"""Plugins that autograd cannot differentiate."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from fxchain.dsp.capture import play_each
from fxchain.errors import PluginError

Make = Callable[[np.ndarray], Any]

#: How far samples are moved for the slope of a curve, full scale 1.
SLOPE_STEP = 1e-3


@dataclass(frozen=True)
class Opaque:
    """A plugin for given values.

    Attributes:
        make: gives what is called as a plugin, for values (size,)
        sample_rate: Hz
        memoryless: an output sample depends on the input sample of the same time alone, so that
            autograd passes by the slope of its curve
    """

    make: Make
    sample_rate: float
    memoryless: bool = False

    def play(self, audio: Tensor, values: Tensor) -> Tensor:
        """Play each item of a batch with a plugin of its own, from silence.

        Args:
            audio: (batch, channels, time)
            values: (batch, size), physical; a batch of one serves all items of the other

        Returns:
            (batch, channels, time); its derivatives are zero, but those of a memoryless plugin by
            its audio
        """
        played: Tensor = _Opaque.apply(audio, values, self)
        return played

    def play_one(self, audio: np.ndarray, values: np.ndarray) -> np.ndarray:
        """Play (channels, time) float32; NaN where a plug-in of another maker fails."""
        return self.play_each([audio], [values])[0]

    def play_each(
        self, signals: Sequence[np.ndarray], rows: Sequence[np.ndarray]
    ) -> list[np.ndarray]:
        """Play signals (channels, time) float32 with values (size,) each, at once where the plugin
        can; NaN where a plug-in of another maker fails."""
        try:
            return play_each([self.make(row) for row in rows], signals, self.sample_rate)
        except PluginError:
            return [np.full_like(signal, np.nan) for signal in signals]

    def slope(self, audio: np.ndarray, values: np.ndarray) -> np.ndarray:
        """Return the derivative of each output sample by its input sample (channels, time)."""
        step = np.float32(SLOPE_STEP)
        up, down = self.play_each([audio + step, audio - step], [values, values])
        return np.nan_to_num((up - down) / (2.0 * step))


class _Opaque(torch.autograd.Function):
    """Played by the plugin; the gradient is zero, as that of a constant, or that of its curve."""

    @staticmethod
    def forward(ctx: Any, audio: Tensor, values: Tensor, plugin: Opaque) -> Tensor:
        ctx.save_for_backward(audio, values)
        ctx.plugin = plugin
        signals = audio.detach().float().numpy()
        rows = values.detach().double().numpy()
        items = range(max(len(rows), len(signals)))
        played = plugin.play_each(
            [signals[item % len(signals)] for item in items],
            [rows[item % len(rows)] for item in items],
        )
        return torch.from_numpy(np.stack(played)).to(audio.dtype)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, None]:
        audio, values = ctx.saved_tensors
        if not ctx.plugin.memoryless:
            return torch.zeros_like(audio), torch.zeros_like(values), None
        (above,) = gradients
        signals, rows = audio.detach().float().numpy(), values.detach().double().numpy()
        slopes = [
            ctx.plugin.slope(signals[item % len(signals)], rows[item % len(rows)])
            for item in range(len(above))
        ]
        moved = above * torch.from_numpy(np.stack(slopes)).to(above)
        return moved.sum_to_size(audio.shape), torch.zeros_like(values), None
