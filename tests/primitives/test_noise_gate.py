"""The noise gate: derivatives in one pass, and silence."""

import numpy as np
import pytest
import torch

from fxchain.data.signals import plucked_strings
from fxchain.player import Playback
from fxchain.primitives import get_primitive
from fxchain.stage import Effect

RATE = 16_000
GATE = get_primitive("noise_gate")
VALUES = torch.tensor([[-30.0, 3.0, 2.0, 60.0]], dtype=torch.float64)


def strings() -> torch.Tensor:
    """Return strings behind a silence, (channels, time)."""
    audio = plucked_strings(1.0, RATE, seed=2).astype(np.float64)
    return torch.from_numpy(np.pad(np.vstack([audio, -0.3 * audio]), ((0, 0), (500, 0))))


def test_what_is_soft_becomes_softer_by_the_ratio() -> None:
    level = 10.0 ** (-40.0 / 20.0)
    square = level * torch.where(torch.arange(RATE) % 8 < 4, 1.0, -1.0).double()[None, None]
    made = Effect(GATE).process(square, Playback(RATE), VALUES)
    # 10 dB below the threshold, at 3 dB for each dB: 20 dB more
    assert 20.0 * np.log10(abs(made[0, 0, -1].item()) / level) == pytest.approx(-20.0, abs=0.1)


def test_derivatives_in_one_pass_are_those_of_autograd() -> None:
    assert GATE.process is not None and GATE.jvp is not None
    process = GATE.process
    audio, playback = strings(), Playback(RATE)
    random = np.random.default_rng(3)
    tangents = torch.from_numpy(random.standard_normal((2, *audio.shape)))
    steps = torch.eye(4, dtype=torch.float64) * torch.tensor([1.0, 0.3, 0.5, 9.0])

    def played(signal: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
        return process(signal[None], playback, *values.T)[0]

    found = GATE.jvp(audio, tangents, steps, playback, *VALUES.T)
    for number, tangent in enumerate(tangents):
        up, down = (played(audio + each * tangent, VALUES) for each in (1e-7, -1e-7))
        expected = (up - down) / 2e-7
        assert (found[number] - expected).norm() < 1e-4 * expected.norm()
    for number, step in enumerate(steps):
        up, down = (played(audio, VALUES + each * step) for each in (1e-6, -1e-6))
        expected = (up - down) / 2e-6
        assert (found[2 + number] - expected).norm() < 1e-4 * expected.norm()


def test_silence_has_slopes_that_are_finite() -> None:
    audio, values = strings().requires_grad_(), VALUES.clone().requires_grad_()
    Effect(GATE).process(audio[None], Playback(RATE), values).square().sum().backward()
    assert audio.grad is not None and torch.isfinite(audio.grad).all()
    assert values.grad is not None and torch.isfinite(values.grad).all()
