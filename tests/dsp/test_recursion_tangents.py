"""Many directions through a cascade at once: bit by bit what each alone is, and true slopes."""

import numpy as np
import pytest
import torch
from torch import Tensor

from fxchain.dsp.recursion import cascade, cascade_signals
from fxchain.dsp.recursion_tangents import own_tangents, play_tangents

SECTIONS, TIME = 3, 700


def some_rows() -> Tensor:
    """Return (sections, 6) stable sections with a0 = 1."""
    rng = np.random.default_rng(0)
    radius, angle = rng.uniform(0.3, 0.95, SECTIONS), rng.uniform(0.1, 3.0, SECTIONS)
    rows = np.ones((SECTIONS, 6))
    rows[:, :3] = rng.standard_normal((SECTIONS, 3))
    rows[:, 4], rows[:, 5] = -2 * radius * np.cos(angle), radius**2
    return torch.from_numpy(rows)


def noise(*shape: int) -> Tensor:
    return torch.from_numpy(np.random.default_rng(1).standard_normal(shape))


@pytest.mark.parametrize("precision", [torch.float32, torch.float64])
@pytest.mark.parametrize("count", [0, 1, 3, 5, 31, 32, 33, 70])
def test_directions_are_played_as_audio_is(count: int, precision: torch.dtype) -> None:
    tangents, rows = noise(count, 2, TIME).to(precision), some_rows()
    out = torch.empty_like(tangents)
    play_tangents(tangents, rows, out)
    assert torch.equal(out, cascade(tangents, rows[None]))


def test_directions_that_are_no_neighbours_in_memory() -> None:
    tangents, rows = noise(2, 6, TIME).transpose(0, 1), some_rows()
    out = torch.empty(6, 2, TIME, dtype=torch.float64)
    play_tangents(tangents, rows, out)
    assert torch.equal(out, cascade(tangents, rows[None]))


@pytest.mark.parametrize("count", [1, 3, 40])
def test_moving_coefficients_are_followed_to_the_end(count: int) -> None:
    audio, rows = noise(2, TIME), some_rows()
    rng = np.random.default_rng(2)
    directions = []
    for _ in range(count):
        first = int(rng.integers(SECTIONS))
        slopes = torch.from_numpy(rng.standard_normal((rng.integers(1, SECTIONS - first + 1), 6)))
        slopes[:, 3] = 0.0
        directions.append((first, slopes))
    out = torch.empty(count, 2, TIME, dtype=torch.float64)
    own_tangents(cascade_signals(audio, rows), rows, directions, out)
    step = 1e-6
    for found, (first, slopes) in zip(out, directions, strict=True):
        ends = []
        for sign in (1, -1):
            moved = rows.clone()
            moved[first : first + len(slopes)] += sign * step * slopes
            ends.append(cascade(audio[None], moved[None])[0])
        torch.testing.assert_close(found, (ends[0] - ends[1]) / (2 * step), rtol=1e-6, atol=1e-6)


def test_a_tangent_that_fades_does_not_linger() -> None:
    """Numbers close to zero are slow to compute; after a while of silence there are none."""
    tangents = torch.zeros(8, 1, 400_000)
    tangents[..., 0] = 1.0
    rows = torch.tensor([[1.0, 0.0, 0.0, 1.0, -1.9, 0.9025]], dtype=torch.float64)
    out = torch.empty_like(tangents)
    play_tangents(tangents, rows, out)
    assert not out[..., 4_000:].any()
