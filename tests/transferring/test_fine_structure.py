"""What is narrow in a spectrum stays where the broad is taken off."""

import pytest
import torch

from fxchain.transferring.fine_structure import OCTAVES, PER_OCTAVE, without_broad

BANDS = OCTAVES * PER_OCTAVE + 1
PLACES = torch.arange(BANDS, dtype=torch.float64) / PER_OCTAVE  # octaves


def ripple(period_octaves: float) -> torch.Tensor:
    """Return 6 dB up and down in so many octaves, (bands,)."""
    return 6.0 * torch.sin(2.0 * torch.pi * PLACES / period_octaves)


@pytest.mark.parametrize("octaves", [0.33, 1.0])
def test_a_level_goes_and_a_ripple_is_kept_by_the_gaussian_s_law(octaves: float) -> None:
    """Of a sine the mean over a Gaussian keeps exp(-(2π width / period)² / 2); the rest is fine."""
    inner = slice(2 * PER_OCTAVE, -2 * PER_OCTAVE)
    for period in (0.5, 1.0, 1.5, 8.0):
        kept = without_broad(ripple(period) - 30.0, octaves)
        law = 1.0 - torch.exp(torch.tensor(-0.5 * (2.0 * torch.pi * octaves / period) ** 2))
        if octaves < 1.0:  # two octaves from the ends are six of its deviations
            torch.testing.assert_close(
                kept[inner], law * ripple(period)[inner], atol=0.05, rtol=0.0
            )
        assert kept.abs().max() <= 12.0
    torch.testing.assert_close(
        without_broad(torch.full((BANDS,), -30.0), octaves), torch.zeros(BANDS), atol=1e-4, rtol=0.0
    )


def test_frames_are_treated_one_by_one() -> None:
    frames = torch.randn(5, BANDS, generator=torch.Generator().manual_seed(0))
    expected = torch.stack([without_broad(frame, 0.33) for frame in frames])
    torch.testing.assert_close(without_broad(frames, 0.33), expected)
