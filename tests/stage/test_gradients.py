"""Gradients of whole chains, and through what is linear but not differentiable itself."""

import numpy as np
import pytest
import torch
from torch import Tensor

from fxchain.data.presets import noise_assets
from fxchain.data.signals import white_noise
from fxchain.player import Playback
from fxchain.primitives import REGISTRY
from fxchain.stage import Chain, Effect, Mix

RATE = 16_000.0


def effect(kind: str) -> Effect:
    return Effect(REGISTRY[kind], noise_assets(REGISTRY[kind], np.random.default_rng(0)))


def noise(samples: int = 4_000, seed: int = 0, channels: int = 1) -> Tensor:
    signal = white_noise(samples / RATE, round(RATE), seed=seed, channels=channels)
    return torch.from_numpy(signal)[None]


@pytest.mark.parametrize("after", ["delay", "reverb", "convolution"])
@pytest.mark.parametrize("channels", [1, 2])
def test_the_slope_of_an_eq_before_a_black_box(after: str, channels: int) -> None:
    stage = Chain((effect("peak_filter"), effect("distortion"), effect(after)))
    probe = REGISTRY[after].probe
    row = [700.0, 5.0, 0.9, 9.0, *(probe[spec.name] for spec in REGISTRY[after].parameters)]
    weights = noise(seed=1, channels=channels).double()

    def loss(values: Tensor, dtype: torch.dtype) -> Tensor:
        made = stage.process(noise(channels=channels).to(dtype), Playback(RATE), values)
        return (made.double() * weights).sum()

    values = torch.tensor([row], dtype=torch.float64, requires_grad=True)
    for dtype in (torch.float32, torch.float64):
        (slope,) = torch.autograd.grad(loss(values, dtype), values)
        for index, step in enumerate((1e-2, 1e-4, 1e-4, 1e-4)):
            ends = []
            for sign in (1, -1):
                moved = values.detach().clone()
                moved[0, index] += sign * step
                ends.append(loss(moved, torch.float64).item())
            expected = (ends[0] - ends[1]) / (2 * step)
            assert slope[0, index].item() == pytest.approx(expected, rel=2e-3, abs=1e-6)
        assert not slope[0, 4:].any(), "its own controls are left to a search"


@pytest.mark.parametrize("channels", [1, 2])
def test_a_small_whole_chain(channels: int) -> None:
    drive = Mix((Chain(), Chain((effect("waveshaper"), effect("low_shelf_filter")))))
    stage = Chain(
        (
            effect("peak_filter"), drive, effect("high_shelf_filter"), effect("compressor"),
            effect("gain"), effect("highpass_filter"), effect("invert"),
        )
    )  # fmt: skip
    rng = np.random.default_rng(0)
    positions = torch.from_numpy(rng.uniform(0.35, 0.65, (1, stage.size))).requires_grad_()
    audio = noise(40, channels=channels).double()

    def played(at: Tensor) -> Tensor:
        columns = [slot.spec.denormalize(at[:, i]) for i, slot in enumerate(stage.slots())]
        return stage.process(audio, Playback(RATE), torch.stack(columns, dim=1))

    assert torch.autograd.gradcheck(played, positions)


def test_the_gradient_of_the_weights() -> None:
    """A weight's slope is what its branch plays."""
    for branches in (("gain", "delay"), ("gain", "distortion")):
        stage = Mix(tuple(effect(kind) for kind in branches))
        row = [0.5, 0.0, -0.5, *(REGISTRY[branches[1]].probe.values())]
        values = torch.tensor([row], dtype=torch.float64, requires_grad=True)
        weights = noise(seed=1)
        made = (stage.process(noise(), Playback(RATE), values) * weights).sum()
        (slope,) = torch.autograd.grad(made, values)
        for at, kind in ((0, "gain"), (2, branches[1])):
            size = len(REGISTRY[kind].parameters)
            part = values.detach()[:, at + 1 : at + 1 + size]
            expected = (effect(kind).process(noise(), Playback(RATE), part) * weights).sum().item()
            assert slope[0, at].item() == pytest.approx(expected, rel=1e-4)
