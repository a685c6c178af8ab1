"""A recurrent cell and its derivatives."""

import numpy as np
import pytest

from fxchain.data.signals import white_noise
from fxchain.player import Asset, Playback
from fxchain.primitives import get_primitive
from fxchain.recurrent.gates import tanh
from fxchain.recurrent.gru import gru
from fxchain.recurrent.recurrence import Run, resting, run_from
from fxchain.recurrent.rest import linearize_rest
from fxchain.recurrent.sensitivities import linearize
from fxchain.recurrent.weights import Layout, drawn_weights

RATE = 44_100


def weights_of(units: int = 3, seed: int = 0) -> np.ndarray:
    rng, layout = np.random.default_rng(seed), Layout(units)
    weights = drawn_weights(layout, rng)
    weights[layout.recurrent :] = rng.normal(size=units + 1)
    return weights


def sine(rate: int, seconds: float = 0.3) -> np.ndarray:
    return 0.3 * np.sin(2.0 * np.pi * 110.0 * np.arange(round(seconds * rate)) / rate)


@pytest.mark.parametrize("units", [1, 2, 8, 16])
def test_the_number_of_units_follows_from_that_of_the_weights(units: int) -> None:
    assert Layout.of_size(Layout(units).size) == Layout(units)
    assert len(drawn_weights(Layout(units), np.random.default_rng(0))) == Layout(units).size


@pytest.mark.parametrize("size", [0, 1, 11, 13, 256])
def test_a_vector_that_is_no_cell_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match=f"{size} numbers"):
        Layout.of_size(size)


def test_eight_units_are_257_numbers() -> None:
    assert Layout(8).size == 257


@pytest.mark.parametrize("units", [3, 4, 8, 9])
def test_the_derivatives_by_the_weights_are_those_of_differences(units: int) -> None:
    weights, audio = weights_of(units), white_noise(0.02, RATE, seed=1)[0]
    layout = Layout(units)
    state, slopes = np.zeros(units, np.float32), np.zeros((units, layout.recurrent), np.float32)
    out = np.empty_like(audio)
    found = np.empty((len(audio), layout.size), np.float32)
    linearize(audio, weights.astype(np.float32), state, slopes, out, found)
    for number in range(layout.size):
        step = np.zeros(layout.size)
        step[number] = 1e-5
        ends = [
            run_from(audio.astype(float), weights + sign * step, np.zeros(units))
            for sign in (1, -1)
        ]
        expected = (ends[0] - ends[1]) / 2e-5
        np.testing.assert_allclose(found[:, number], expected, atol=2e-3 * np.abs(expected).max())


def test_the_hyperbolic_tangent_is_that_of_the_c_library() -> None:
    numbers = np.linspace(-20.0, 20.0, 4_001)
    found = np.array([tanh(x, 1.0) for x in numbers])
    assert np.abs(found - np.tanh(numbers)).max() < 4e-8
    single = np.float32(1.0)
    assert tanh(np.float32(0.3), single) == pytest.approx(np.tanh(0.3), abs=1e-7)


def test_the_derivatives_at_rest_are_those_of_differences() -> None:
    weights = weights_of()
    rest = linearize_rest(gru(3), weights.astype(np.float32))
    for number in range(len(weights)):
        step = np.zeros(len(weights))
        step[number] = 1e-6
        expected = (resting(weights + step)[1] - resting(weights - step)[1]) / 2e-6
        assert rest.level_slopes[number] == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("rate", [48_000, 88_200, 96_000])
def test_it_sounds_the_same_at_other_sample_rates(rate: int) -> None:
    weights, times = weights_of(), np.arange(10_000) / RATE

    def away(factor: float) -> float:
        played = Run(sine(rate), weights, factor).output
        there = np.interp(times, np.arange(len(played)) / rate, played)
        return float(np.abs(there - expected).max() / np.abs(expected).max())

    expected = Run(sine(RATE), weights).output[:10_000]
    assert away(rate / RATE) < 0.01
    assert away(rate / RATE) < 0.3 * away(1.0)


@pytest.mark.parametrize("rate", [RATE, 96_000])
def test_numpy_plays_blocks_as_it_plays_the_whole(rate: int) -> None:
    cell = get_primitive("recurrent_cell")
    assets = {"weights": Asset(weights_of()[None].astype(np.float32), RATE)}
    audio = white_noise(0.05, rate, seed=2, channels=2)
    assert cell.render is not None
    whole = cell.render(audio, Playback(rate, assets=assets), mix=1.0)
    going = Playback(rate, assets=assets)
    blocks = [cell.render(part, going, mix=1.0) for part in np.array_split(audio, 7, axis=1)]
    np.testing.assert_array_equal(np.concatenate(blocks, axis=1), whole)
    expected = Run(audio[1], assets["weights"].samples[0], rate / RATE).output
    np.testing.assert_allclose(whole[1], expected, atol=1e-5)
