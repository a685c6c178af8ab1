"""Where the loudest stretch of a recording begins."""

import numpy as np
import pytest

from fxchain.alignment.loudest_stretch import loudest_stretch


@pytest.mark.parametrize("step", [1, 7, 50])
@pytest.mark.parametrize("seed", range(3))
def test_no_other_stretch_on_the_grid_is_louder(seed, step):
    rng = np.random.default_rng(seed)
    audio = (rng.normal(size=(2, 1_000)) * rng.uniform(0, 1, 1_000)).astype(np.float32)
    length = 150 // step * step
    energies = [
        np.square(audio[:, at : at + length]).sum() for at in range(0, 1_001 - length, step)
    ]
    assert loudest_stretch(audio, length, step) == step * int(np.argmax(energies))


def test_all_of_a_short_recording_is_the_stretch():
    assert loudest_stretch(np.ones((1, 10), np.float32), 10) == 0
