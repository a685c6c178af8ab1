"""A feed-forward WaveNet: gated, dilated, causal convolutions."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from fxchain.baselines.network import Network

KERNEL = 3


class WaveNet(Network):
    """Layers of dilated convolutions, gated, each adding to the next and to a linear mix.

    Layer k takes the output of the one before at the times t, t − d and t − 2d, with the dilation
    d = 1, 2, 4 … 2^(depth − 1), the whole repeated. Of its 2·channels outputs, tanh of one half
    times the logistic function of the other leaves the layer: into the mix, and through a
    1 × 1 convolution, with the layer's input added, into the next layer. The mix is one weight
    for each channel of each layer and a constant.

    The batch is the innermost dimension, (channels, samples · batch), so that a shift in time is a
    shift in memory and each convolution is three products of matrices, nothing copied.

    Args:
        channels: of each layer
        depth: layers until the dilation starts again at 1
        repeats: how often it starts
        input_layer: whether a 1 × 1 convolution widens the audio to `channels` before the first
            layer

    Source:
        A. van den Oord et al., "WaveNet: a generative model for raw audio", 2016, section 2.3, for
        the layer; E.-P. Damskägg et al., "Deep learning for tube amplifier emulation", ICASSP
        2019, for its feed-forward use. With 16 channels, depth 8, 3 repeats and no input layer it
        is T. Koker's PedalNet (43,105 weights; the 1 × 1 convolution behind the last layer is
        counted there though its output is unused, and also here), with 4, 9, 2 and an input layer
        GuitarML's PedalNetRT in its small size. They pad each layer of a segment with zeros; here
        only the recording is padded, and a segment is preceded by its true past.
    """

    def __init__(self, channels: int, depth: int, repeats: int, input_layer: bool = False) -> None:
        super().__init__()
        self.dilations = [2**power for power in range(depth)] * repeats
        self.widen = nn.Conv1d(1, channels, 1) if input_layer else None
        first = channels if input_layer else 1
        widths = [first] + [channels] * (len(self.dilations) - 1)
        self.hidden = nn.ModuleList(
            nn.Conv1d(width, 2 * channels, KERNEL, dilation=dilation)
            for width, dilation in zip(widths, self.dilations, strict=True)
        )
        self.residuals = nn.ModuleList(nn.Conv1d(channels, channels, 1) for _ in self.dilations)
        self.mix = nn.Conv1d(channels * len(self.dilations), 1, 1)

    @property
    def receptive_field_samples(self) -> int:
        """Return the number of samples an output depends on, its own included."""
        return 1 + (KERNEL - 1) * sum(self.dilations)

    def initial_state(self, batch: int) -> Tensor:
        """Return silence over the receptive field, (batch, samples)."""
        return torch.zeros(batch, self.receptive_field_samples - 1)

    def forward(self, audio: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Play a block; the state is the audio that came before it.

        Args:
            audio: (batch, samples)
            state: (batch, receptive field − 1)

        Returns:
            (batch, samples), and the state for the next block
        """
        batch, samples = audio.shape
        extended = torch.cat([state, audio], 1)
        played = extended.t().reshape(1, -1)
        if self.widen is not None:
            played = _product(self.widen, played)
        mixed = _bias(self.mix).expand(1, samples * batch)
        weights = self.mix.weight[:, :, 0].chunk(len(self.dilations), 1)
        layers = zip(self.hidden, self.residuals, weights, strict=True)
        for number, (hidden, residual, weight) in enumerate(layers, start=1):
            gated = _gated(_dilated(hidden, played, batch))
            mixed = torch.addmm(mixed, weight, gated[:, -samples * batch :])
            if number < len(self.dilations):
                played = _product(residual, gated) + played[:, -gated.shape[1] :]
        return mixed.view(samples, batch).t(), extended[:, samples:]


def _dilated(layer: nn.Module, audio: Tensor, batch: int) -> Tensor:
    """A dilated convolution without padding, (channels, time) to (2·channels, shorter time)."""
    assert isinstance(layer, nn.Conv1d)
    step = layer.dilation[0] * batch
    length = audio.shape[1] - (KERNEL - 1) * step
    total = _bias(layer).expand(-1, length)
    for tap in range(KERNEL):
        part = audio[:, tap * step : tap * step + length]
        total = torch.addmm(total, layer.weight[:, :, tap], part)
    return total


def _product(layer: nn.Module, audio: Tensor) -> Tensor:
    """A convolution over one sample, (channels, time) to (channels, time)."""
    assert isinstance(layer, nn.Conv1d)
    return torch.addmm(_bias(layer), layer.weight[:, :, 0], audio)


def _bias(layer: nn.Conv1d) -> Tensor:
    """The constants of a layer, (channels, 1)."""
    assert layer.bias is not None
    return layer.bias[:, None]


def _gated(audio: Tensor) -> Tensor:
    """tanh of one half of the channels times the logistic function of the other."""
    signal, gate = audio.chunk(2, 0)
    return torch.tanh(signal) * torch.sigmoid(gate)
