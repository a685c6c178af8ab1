"""Gain, distortion and filter coefficients against dasp-pytorch, and why ours are played."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from dasp_pytorch import functional
from dasp_pytorch.signal import biquad

from fxchain.data.signals import white_noise
from fxchain.player import Playback
from fxchain.primitives import get_primitive
from fxchain.stage import Effect

KINDS = {
    "peak_filter": "peaking",
    "low_shelf_filter": "low_shelf",
    "high_shelf_filter": "high_shelf",
}


DASP: dict[str, Callable[..., torch.Tensor]] = {
    "gain": functional.gain,
    "distortion": functional.distortion,
}


def coefficients(kind: str, dtype: torch.dtype) -> tuple[torch.Tensor, torch.Tensor]:
    """Return our coefficients and dasp's of fifty filters, (50, 6) each."""
    generator = torch.Generator().manual_seed(0)
    random = torch.rand(3, 50, generator=generator, dtype=torch.float64).to(dtype)
    frequency, gain, q = (
        40.0 * 300.0 ** random[0],
        48.0 * random[1] - 24.0,
        0.1 * 100.0 ** random[2],
    )
    b, a = biquad(gain, frequency, q, 44_100.0, KINDS[kind])
    sections = get_primitive(kind).sections
    assert sections is not None
    ours = sections(44_100.0, cutoff_frequency_hz=frequency, gain_db=gain, q=q)[:, 0]
    return ours, torch.cat([b.reshape(50, 3), a.reshape(50, 3)], dim=1)


@pytest.mark.parametrize("kind", KINDS)
def test_biquads_are_the_cookbooks(kind: str) -> None:
    ours, theirs = coefficients(kind, torch.float64)
    torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_in_float32_dasp_rounds_biquads_otherwise(kind: str) -> None:
    """That ours are the bits of pedalboard's is what the null depths of filters show."""
    ours, theirs = coefficients(kind, torch.float32)
    torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-4)
    assert (ours != theirs).any(dim=1).sum() > 25


@pytest.mark.parametrize("kind", DASP)
def test_ours_are_pedalboards_samples_and_dasps_are_near(kind: str) -> None:
    effect, here = Effect(get_primitive(kind)), Playback(44_100.0)
    samples, differing = white_noise(0.2, 44_100), 0
    audio = torch.from_numpy(samples)[None]
    for decibels in np.linspace(-19.0, 31.0, 12):
        value = torch.tensor([decibels], dtype=torch.float64)
        board = effect.plugin(here, np.array([decibels]))(samples, 44_100)
        np.testing.assert_array_equal(effect.process(audio, here, value[None])[0].numpy(), board)
        theirs = DASP[kind](audio, 44_100, value.float())[0].numpy()
        np.testing.assert_allclose(theirs, board, rtol=1e-5, atol=1e-5)
        differing += int((theirs != board).sum())
    assert differing > 0.1 * 12 * samples.size


def test_dasps_distortion_takes_no_stereo() -> None:
    with pytest.raises(RuntimeError, match="invalid for input of size"):
        functional.distortion(torch.zeros(1, 2, 10), 44_100, torch.zeros(1))
