"""The error-to-signal ratio of a fit: by hand, as the reported one, with a gradient."""

import numpy as np
import pytest
import torch

from fxchain.metrics.error_to_signal import error_to_signal, signal_energy
from fxchain.metrics.scores import esr


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    """Return repeatable noise."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def ratio(target: torch.Tensor, estimate: torch.Tensor) -> torch.Tensor:
    """Return the ESR of an estimate."""
    return error_to_signal(estimate - target, signal_energy(target))


def test_by_hand():
    target = torch.tensor([[1.0, 2.0], [2.0, 0.0]])
    estimate = torch.tensor([[1.0, 1.0], [2.0, 1.0]])
    assert ratio(target, estimate).item() == pytest.approx(2 / 9)
    assert ratio(target, target) == 0
    assert ratio(target, torch.zeros_like(target)) == 1


@pytest.mark.parametrize("level", [1.0, 1e-3])
def test_it_is_the_reported_one(level):
    target, estimate = level * noise(2, 5_000), level * noise(2, 5_000, seed=1)
    reported = esr(target.numpy(), estimate.numpy())
    assert ratio(target, estimate).item() == pytest.approx(reported, rel=1e-5)
    exact = error_to_signal((estimate - target).double(), signal_energy(target))
    assert exact.item() == pytest.approx(reported, rel=1e-7)


@pytest.mark.parametrize("target_level", [0.0, 0.1])
@pytest.mark.parametrize("estimate_level", [0.0, 1e-20, 0.1])
def test_silence_gives_finite_values_and_gradients(target_level, estimate_level):
    estimate = (noise(1, 4_000) * estimate_level).requires_grad_()
    value = ratio(noise(1, 4_000, seed=1) * target_level, estimate)
    value.backward()
    assert torch.isfinite(value) and torch.isfinite(estimate.grad).all()


def test_the_gradient_is_the_derivative():
    target = noise(2, 300).double()
    estimate = noise(2, 300, seed=1).double().requires_grad_()
    assert torch.autograd.gradcheck(lambda e: ratio(target, e), (estimate,), fast_mode=True)


def test_energy_is_added_up_in_double_precision():
    ones = torch.full((1, 2**22 + 1), 0.1)
    assert signal_energy(ones) == pytest.approx(np.float32(0.1).astype(float) ** 2 * (2**22 + 1))
