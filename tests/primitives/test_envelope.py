"""The compressor's envelope: torchcomp's in float64, pedalboard's bits in float32."""

import numpy as np
import torch
from torchcomp.core import compressor_core

from fxchain.primitives.envelope import envelope, envelope_slopes


def some_signal(rows: int = 3, time: int = 2_000) -> torch.Tensor:
    return torch.from_numpy(np.abs(np.random.default_rng(0).standard_normal((rows, time))))


ATTACK = torch.tensor([0.5, 0.9, 0.99], dtype=torch.float64)
RELEASE = torch.tensor([0.9, 0.99, 0.4], dtype=torch.float64)


def test_float32_and_its_gradient_are_torchcomps() -> None:
    weights = torch.from_numpy(np.random.default_rng(1).standard_normal((3, 2_000)))
    slopes, made = [], []
    for dtype in (torch.float32, torch.float64):
        inputs = [t.clone().requires_grad_() for t in (some_signal().to(dtype), ATTACK, RELEASE)]
        made.append(envelope(*inputs))
        slopes.append(torch.autograd.grad((made[-1] * weights.to(dtype)).sum(), inputs))
    torch.testing.assert_close(made[0].double(), made[1], atol=1e-6, rtol=1e-5)
    for single, double in zip(*slopes, strict=True):
        torch.testing.assert_close(single.double(), double.double(), atol=1e-3, rtol=1e-4)


def test_float64_is_torchcomp() -> None:
    x = some_signal()
    expected = compressor_core(x, torch.zeros(3, dtype=torch.float64), 1 - RELEASE, 1 - ATTACK)
    torch.testing.assert_close(envelope(x, ATTACK, RELEASE), expected)


def test_slopes_are_differences() -> None:
    rng, step = np.random.default_rng(2), 1e-7
    x, still = some_signal(), torch.stack([ATTACK, RELEASE])
    moved = torch.from_numpy(rng.standard_normal((4, 3, 2_000)))
    moving = torch.from_numpy(rng.standard_normal((2, 4, 3)))
    found = envelope_slopes(x, envelope(x, *still), still, moved, moving)
    for direction in range(4):
        ends = [
            envelope(x + s * moved[direction], *(still + s * moving[:, direction]))
            for s in (step, -step)
        ]
        expected = (ends[0] - ends[1]) / (2 * step)
        torch.testing.assert_close(found[direction], expected, atol=1e-5, rtol=1e-5)
