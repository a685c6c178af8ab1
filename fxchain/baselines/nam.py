"""The networks of Neural Amp Modeler, from its own package."""

from __future__ import annotations

import copy
import importlib.resources
import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import torch
from torch import Tensor

from fxchain.baselines.nam_package import nam_module
from fxchain.baselines.network import Network

Config = Mapping[str, Any]

#: Share of the multi-resolution STFT distance in the loss of `nam_loss`.
SPECTRAL_SHARE = 5e-4


class NamWaveNet(Network):
    """A WaveNet of the package `neural-amp-modeler`, played block by block.

    Args:
        config: as the package reads it

    Raises:
        MatchError: the package is not installed.

    Source:
        S. Atkinson, Neural Amp Modeler, the package `neural-amp-modeler` 0.13.
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        wavenet = nam_module("models.wavenet").WaveNet
        self.published = wavenet.init_from_config(copy.deepcopy(dict(config)))

    @property
    def receptive_field_samples(self) -> int:
        """Return the number of samples an output depends on, its own included."""
        return int(self.published.receptive_field)

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
        extended = torch.cat([state, audio], 1)
        return self.published(extended, pad_start=False), extended[:, audio.shape[1] :]


def packaged_config(channels: int) -> Config:
    """Return one of the two networks that the package trains by itself, of 8 and of 3 channels.

    One array of 23 layers with leaky rectifiers, kernels of 6 and 15 samples, and a head of 16.

    Raises:
        MatchError: the package is not installed.
    """
    folder = importlib.resources.files(nam_module("train._resources"))
    packed = json.loads(folder.joinpath("config_model_packed.json").read_text())
    (found,) = (
        each["config"]
        for each in packed["net"]["config"]["submodels"]
        if each["config"]["layers_configs"][0]["channels"] == channels
    )
    return dict(found)


def standard_config() -> Config:
    """Return the package's standard network until its version 0.12.

    Two arrays of ten layers each, of 16 and of 8 channels, tanh, dilations 1 to 512.
    """
    return {"layers_configs": [_array(1, 16, 8, False), _array(16, 8, 1, True)], "head_scale": 0.02}


def _array(inputs: int, channels: int, outputs: int, bias: bool) -> dict[str, Any]:
    return {
        "input_size": inputs,
        "condition_size": 1,
        "channels": channels,
        "head": {"out_channels": outputs, "kernel_size": 1, "bias": bias},
        "kernel_size": 3,
        "dilations": [2**power for power in range(10)],
        "activation": "Tanh",
    }


def nam_loss(target: Tensor, estimate: Tensor) -> Tensor:
    """Return the loss that the package trains with, of (batch, samples).

    The mean squared error, and a little of the multi-resolution STFT distance.
    """
    losses = nam_module("models.losses")
    distance: Tensor = losses.multi_resolution_stft_loss(estimate, target, _resolutions())
    return (estimate - target).square().mean() + SPECTRAL_SHARE * distance


@cache
def _resolutions() -> Any:
    return nam_module("_dependencies.auraloss.freq").MultiResolutionSTFTLoss()


def error_to_signal(target: Tensor, estimate: Tensor) -> Tensor:
    """Return the error-to-signal ratio of all segments together, by which weights are kept."""
    return (estimate - target).square().sum() / target.square().sum().clamp(min=1e-12)
