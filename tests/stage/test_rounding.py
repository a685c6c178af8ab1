"""Filters as pedalboard rounds them, and without that: smooth in their knobs."""

import numpy as np
import torch

from fxchain.data.signals import plucked_strings
from fxchain.player import Playback
from fxchain.preset import parse_chain
from fxchain.stage import Stage
from tests.known_pair import RATE, effect

AUDIO = torch.from_numpy(plucked_strings(1.0, RATE, seed=5))


def low_bands() -> tuple[Stage, np.ndarray]:
    nodes = [
        effect("peak_filter", cutoff_frequency_hz=frequency_hz, gain_db=gain_db, q=0.7)
        for frequency_hz, gain_db in [(45.0, 5.0), (70.0, -4.0), (110.0, 3.0), (60.0, 2.0)]
    ]
    stage, values, _ = parse_chain({"chain": nodes}, "a test")
    return stage, values


def played(stage: Stage, values: np.ndarray, *, rounded: bool) -> np.ndarray:
    playback = Playback(RATE, rounded=rounded)
    with torch.no_grad():
        output = stage.process(AUDIO[None], playback, torch.from_numpy(values)[None])
    assert output.dtype == torch.float32
    return output[0].double().numpy()


def change_of_slope(stage: Stage, values: np.ndarray, *, rounded: bool) -> float:
    """Return how far the change along a small step of a knob is from that along the next one."""
    step = np.zeros_like(values)
    step[0] = 1e-3  # Hz
    at = [played(stage, values + k * step, rounded=rounded) for k in (0, 1, 2)]
    first, second = at[1] - at[0], at[2] - at[1]
    return float(np.linalg.norm(second - first) / np.linalg.norm(first))


def test_without_rounding_the_output_is_smooth_in_the_knobs():
    stage, values = low_bands()
    assert change_of_slope(stage, values, rounded=True) > 1.0
    assert change_of_slope(stage, values, rounded=False) < 0.2


def test_without_rounding_nearly_the_same_is_played():
    stage, values = low_bands()
    exact, rounded = (played(stage, values, rounded=each) for each in (False, True))
    error = np.sum((exact - rounded) ** 2) / np.sum(rounded**2)
    assert 0.0 < error < 1e-5


def test_the_tangents_go_with_the_exact_output():
    stage, values = low_bands()
    playback, active = Playback(RATE, rounded=False), np.ones(stage.size, dtype=bool)
    tensor = torch.from_numpy(values)
    with torch.no_grad():
        output, tangents = stage.linearize(
            AUDIO, AUDIO.new_zeros(0, *AUDIO.shape), playback, tensor, active
        )
    exact = played(stage, values, rounded=False)
    np.testing.assert_allclose(output.double().numpy(), exact, atol=1e-6)
    for at in range(stage.size):
        step = np.zeros_like(values)
        step[at] = 1e-3 * max(abs(values[at]), 1.0)
        moved = played(stage, values + step, rounded=False)
        slope = (moved - played(stage, values - step, rounded=False)) / (2.0 * step[at])
        difference = np.linalg.norm(tangents[at].double().numpy() - slope)
        assert difference < 1e-2 * np.linalg.norm(slope)
