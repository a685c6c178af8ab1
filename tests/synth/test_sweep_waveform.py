"""The sweep of a drum is found by its waveform."""

import numpy as np
import pytest

from fxchain.files.audio_input import from_array
from fxchain.notes.note import Note
from fxchain.optim.budget import Budget
from fxchain.synth.drum.hit import heard_hit
from fxchain.synth.drum.patch import DrumPatch
from fxchain.synth.drum.play import render_drum
from fxchain.synth.drum.sweep_waveform import by_waveform

RATE = 22_050
SWEEP = {
    "start_frequency_hz": 300.0,
    "end_frequency_hz": 120.0,
    "sweep_ms": 20.0,
    "decay_ms": 120.0,
}
BURST = {"centre_frequency_hz": 3_000.0, "bandwidth": 2.0, "decay_ms": 60.0}


def hit(noise):
    sources = [
        {"source": "swept_sine", "parameters": SWEEP},
        {"source": "noise_burst", "weight": noise, "parameters": BURST},
    ]
    patch = DrumPatch.model_validate({"sources": sources})
    samples = render_drum(patch, (Note(0.0, 0.1, 36.0, 1.0),), RATE, RATE // 2)
    return heard_hit(from_array(samples, RATE, "hit.wav"))[0]


@pytest.mark.parametrize("noise", [0.0, 0.8])
def test_a_sweep_is_found_with_noise_over_it(noise):
    space, cube = by_waveform(hit(noise), 4.0, Budget(steps=120), 2)
    found = space.voice(cube).parts[0].values
    assert found["end_frequency_hz"] == pytest.approx(120.0, rel=0.02)
    assert found["start_frequency_hz"] == pytest.approx(300.0, rel=0.15)
    assert np.log(found["sweep_ms"] / 20.0) == pytest.approx(0.0, abs=0.4)


def test_a_budget_that_is_used_up_gives_a_drum_all_the_same():
    space, cube = by_waveform(hit(0.0), 4.0, Budget(steps=1), 0)
    assert cube.shape == (len(space.specs),)
    assert np.isfinite(cube).all()
