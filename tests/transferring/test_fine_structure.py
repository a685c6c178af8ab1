"""What is narrow in a spectrum stays where the broad is taken off."""

import math

import pytest
import torch

from fxchain.transferring.fine_structure import PER_OCTAVE, without_broad

#: More octaves than audio has, so that the middle is far from both ends.
PLACES = torch.arange(20 * PER_OCTAVE + 1, dtype=torch.float64) / PER_OCTAVE  # octaves
MIDDLE = slice(8 * PER_OCTAVE, 12 * PER_OCTAVE)


@pytest.mark.parametrize("octaves", [0.33, 1.0])
@pytest.mark.parametrize("period_octaves", [0.5, 1.5, 4.0, 8.0])
def test_a_ripple_is_left_by_the_gaussian_s_law(octaves: float, period_octaves: float) -> None:
    """Of a sine the mean over a Gaussian keeps exp(-(2π width / period)² / 2); the rest is fine."""
    ripple = 6.0 * torch.sin(2.0 * torch.pi * PLACES / period_octaves)
    mean = math.exp(-0.5 * (2.0 * math.pi * octaves / period_octaves) ** 2)
    found = without_broad(ripple - 30.0, octaves)[MIDDLE]
    torch.testing.assert_close(found, (1.0 - mean) * ripple[MIDDLE], atol=1e-6, rtol=0.0)


@pytest.mark.parametrize("octaves", [0.33, 1.0])
def test_a_level_goes_at_the_ends_too(octaves: float) -> None:
    level = torch.full_like(PLACES, -30.0)
    torch.testing.assert_close(
        without_broad(level, octaves), torch.zeros_like(level), atol=1e-9, rtol=0.0
    )


def test_frames_are_treated_one_by_one() -> None:
    frames = torch.randn(5, len(PLACES), generator=torch.Generator().manual_seed(0))
    expected = torch.stack([without_broad(frame, 0.33) for frame in frames])
    torch.testing.assert_close(without_broad(frames, 0.33), expected)
