"""The compressor's envelope: torchcomp's in float64, pedalboard's bits in float32."""

import numpy as np
import pytest
import torch
from torchcomp.core import compressor_core

from fxchain.dsp.envelope import EnvelopeDerivative, envelope


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
    signal = x * torch.from_numpy(rng.choice([-1.0, 1.0], x.shape))
    by_envelope, gain = (torch.from_numpy(rng.standard_normal(x.shape)) for _ in range(2))
    moved = torch.from_numpy(rng.standard_normal((4, *x.shape)))
    found = torch.empty_like(moved)
    level = envelope(x, *still)
    EnvelopeDerivative(x, level, *still).along_signal(
        moved, signal.sign(), by_envelope, gain, found
    )
    for direction in range(4):
        ends = [
            by_envelope * envelope((signal + s * moved[direction]).abs(), *still)
            + gain * (signal + s * moved[direction])
            for s in (step, -step)
        ]
        expected = (ends[0] - ends[1]) / (2 * step)
        torch.testing.assert_close(found[direction], expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("moving", [(0.3, 0.0), (0.0, -0.7), (0.2, 0.4)])
def test_slopes_along_the_times_are_differences(moving: tuple[float, float]) -> None:
    step, x, still = 1e-7, some_signal(), torch.stack([ATTACK, RELEASE])
    found = EnvelopeDerivative(x, envelope(x, *still), *still).along_coefficients(*moving)
    moves = torch.tensor(moving, dtype=torch.float64)[:, None]
    ends = [envelope(x, *(still + s * moves)) for s in (step, -step)]
    torch.testing.assert_close(found, (ends[0] - ends[1]) / (2 * step), atol=1e-5, rtol=1e-5)
