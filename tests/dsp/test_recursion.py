"""Sections run sample by sample: against scipy, and their slopes against differences."""

import numpy as np
import pytest
import scipy.signal
import torch
from torch import Tensor

from fxchain.dsp.cascade_response import cascade_response
from fxchain.dsp.recursion import BLOCK, cascade


def some_sections(count: int = 3, seed: int = 0) -> Tensor:
    """Return (1, count, 6) stable sections with a0 = 1."""
    rng = np.random.default_rng(seed)
    radius, angle = rng.uniform(0.3, 0.95, count), rng.uniform(0.1, 3.0, count)
    rows = np.ones((1, count, 6))
    rows[0, :, :3] = rng.standard_normal((count, 3))
    rows[0, :, 4], rows[0, :, 5] = -2 * radius * np.cos(angle), radius**2
    return torch.from_numpy(rows)


def some_audio(batch: int = 1, channels: int = 2, time: int = 700, seed: int = 1) -> Tensor:
    rng = np.random.default_rng(seed)
    return torch.from_numpy(rng.standard_normal((batch, channels, time)))


def test_it_is_the_filter_that_scipy_knows() -> None:
    audio, rows = some_audio(), some_sections()
    expected = scipy.signal.sosfilt(rows[0].numpy(), audio.numpy())
    np.testing.assert_allclose(cascade(audio, rows).numpy(), expected, rtol=1e-9, atol=1e-9)


def test_float32_audio_stays_float32() -> None:
    assert cascade(some_audio().float(), some_sections()).dtype == torch.float32


@pytest.mark.parametrize(("of_audio", "of_rows"), [(3, 3), (1, 3), (3, 1), (1, 1)])
def test_gradients_of_batches(of_audio: int, of_rows: int) -> None:
    audio = some_audio(of_audio, time=30).requires_grad_()
    rows = torch.cat([some_sections(2, seed) for seed in range(of_rows)]).requires_grad_()
    fixed = torch.tensor([False, False, False, True, False, False])

    def played(signal: Tensor, moving: Tensor) -> Tensor:
        return cascade(signal, torch.where(fixed, 1.0, moving))

    assert torch.autograd.gradcheck(played, (audio, rows))


def test_gradients_pass_from_block_to_block() -> None:
    audio = some_audio(time=2 * BLOCK + 100).requires_grad_()
    rows = some_sections(2)
    heard = audio.detach().clone()
    rows.requires_grad_()
    weights = some_audio(time=2 * BLOCK + 100, seed=5)
    (cascade(audio, rows) * weights).sum().backward()
    assert audio.grad is not None and rows.grad is not None
    moved, turned = some_audio(time=2 * BLOCK + 100, seed=6), torch.zeros(1, 2, 6).double()
    turned[..., :3], turned[..., 4:] = 0.3, -0.2
    step = 1e-6
    ends = [
        float((cascade(heard + s * moved, rows.detach() + s * turned) * weights).sum())
        for s in (step, -step)
    ]
    slope = float((audio.grad * moved).sum() + (rows.grad * turned).sum())
    assert slope == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-6)


def test_no_items_stay_no_items() -> None:
    assert cascade(torch.zeros(0, 1, 10), some_sections()).shape == (0, 1, 10)


def test_a_state_that_fades_does_not_linger() -> None:
    """Numbers close to zero are slow to compute; after a while of silence there are none."""
    audio = torch.zeros(1, 1, 400_000)
    audio[..., 0] = 1.0
    rows = torch.tensor([[[1.0, 0.0, 0.0, 1.0, -1.9, 0.9025]]], dtype=torch.float64)
    assert not cascade(audio, rows)[..., 4_000:].any()


def test_the_frequency_response_is_that_of_scipy() -> None:
    rows, n_fft = some_sections(), 64
    _, expected = scipy.signal.sosfreqz(rows[0].numpy(), worN=np.arange(33) * 2 * np.pi / n_fft)
    found = cascade_response(rows, n_fft, torch.complex128)
    np.testing.assert_allclose(found[0].numpy(), expected, rtol=1e-9)


def test_the_gradient_of_the_frequency_response() -> None:
    rows = some_sections(2).requires_grad_()
    assert torch.autograd.gradcheck(lambda r: cascade_response(r, 16, torch.complex128), rows)
