"""The spectral loss: per item, exact at equality, safe at silence."""

import pytest
import torch

from fxchain.metrics.spectral_loss import SpectralLoss


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    """Return repeatable noise."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def loss(target: torch.Tensor, estimate: torch.Tensor) -> torch.Tensor:
    """Return the loss of each estimate."""
    return SpectralLoss(target)(estimate)


def test_equal_audio_costs_nothing():
    audio = noise(3, 2, 5000)
    assert loss(audio, audio.clone()).abs().max() < 1e-6


def test_items_do_not_touch_each_other():
    target, estimate = noise(3, 2, 5000), noise(3, 2, 5000, seed=1)
    together = loss(target, estimate)
    assert together.shape == (3,)
    estimate[1] *= 1000
    changed = loss(target, estimate)
    alone = torch.cat([loss(target[i : i + 1], estimate[i : i + 1]) for i in range(3)])
    torch.testing.assert_close(changed, alone, rtol=1e-4, atol=0)
    torch.testing.assert_close(changed[[0, 2]], together[[0, 2]], rtol=1e-5, atol=0)
    assert changed[1] > together[1]


def test_one_target_serves_a_population():
    target, estimates = noise(1, 1, 5000), noise(4, 1, 5000, seed=1)
    repeated = loss(target.expand(4, -1, -1), estimates)
    torch.testing.assert_close(loss(target, estimates), repeated)


@pytest.mark.parametrize("target_level", [0.0, 0.1])
@pytest.mark.parametrize("estimate_level", [0.0, 1e-20, 0.1])
def test_silence_gives_finite_values_and_gradients(target_level, estimate_level):
    estimate = (noise(2, 1, 4000) * estimate_level).requires_grad_()
    value = loss(noise(1, 1, 4000) * target_level, estimate)
    value.sum().backward()
    assert torch.isfinite(value).all()
    assert torch.isfinite(estimate.grad).all()


def test_equal_audio_has_a_finite_gradient():
    audio = noise(1, 1, 4000)
    estimate = audio.clone().requires_grad_()
    loss(audio, estimate).sum().backward()
    assert torch.isfinite(estimate.grad).all()


def test_level_of_the_pair_does_not_matter():
    target, estimate = noise(1, 1, 5000), noise(1, 1, 5000, seed=1)
    quiet = loss(target * 1e-3, estimate * 1e-3)
    torch.testing.assert_close(quiet, loss(target, estimate), rtol=1e-4, atol=0)


def test_shorter_than_a_window():
    assert torch.isfinite(loss(noise(1, 1, 100), noise(1, 1, 100, seed=1))).all()


def test_spectral_loss_of_a_gain():
    """Half the amplitude: convergence 1/2 and log 2 at every resolution."""
    target = noise(1, 1, 20000)
    value = loss(target, target / 2).item()
    assert value == pytest.approx(0.5 + 0.6931, abs=2e-3)


def test_gradient_is_the_derivative():
    target = noise(1, 1, 300).double()
    estimate = noise(2, 1, 300, seed=1).double().requires_grad_()
    spectral = SpectralLoss(target, (64, 128), (16, 32))
    assert torch.autograd.gradcheck(spectral, (estimate,), fast_mode=True)
