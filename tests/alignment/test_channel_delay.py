"""The delay between channels of one device, whatever is played on each."""

import numpy as np
import pedalboard as pb
import pytest

from fxchain.alignment.channel_delay import delay_by_one_filter
from fxchain.data.signals import plucked_strings, white_noise

RATE = 44_100


def device(dry, seed):
    """Return a dry through a low-pass and a drive in either order."""
    rng = np.random.default_rng([81, seed])
    effects = [pb.LowpassFilter(rng.uniform(800, 4_000)), pb.Distortion(rng.uniform(5, 25))]
    board = pb.Pedalboard(effects[:: 1 if seed % 2 else -1])
    return np.asarray(board(dry, RATE), np.float32)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("late", [0, 1, -3, 150])
def test_channels_that_seem_apart_by_some_samples(seed, late):
    rng = np.random.default_rng([82, seed])
    dry = np.concatenate([plucked_strings(4.0, RATE, seed), white_noise(4.0, RATE, seed=seed)])
    lag, seeming = int(rng.integers(200, 400)), late + int(rng.integers(-3, 4))
    wet = np.pad(device(dry, seed), ((0, 0), (lag, 0)))
    wet[1] = -np.roll(wet[1], late)
    assert delay_by_one_filter(dry, wet, RATE, lag, seeming, sign=-1) == late
