"""An LSTM, its derivatives, and the network that is saved of it."""

import numpy as np
import pytest
import torch

from fxchain.baselines.lstm import Lstm
from fxchain.data.signals import plucked_strings, white_noise
from fxchain.recurrent.lstm import linearize, lstm, run_from
from fxchain.recurrent.recording import Recording
from fxchain.recurrent.training import train_cell

RATE = 16_000


def weights_of(units: int = 3, seed: int = 0) -> np.ndarray:
    rng, network = np.random.default_rng(seed), lstm(units)
    weights = network.draw(rng)
    weights[network.recurrent :] = rng.normal(size=units + 1)
    return weights


def test_eight_units_are_329_numbers() -> None:
    assert lstm(8).size == len(lstm(8).draw(np.random.default_rng(0))) == 329


@pytest.mark.parametrize("units", [3, 4, 5])
def test_the_derivatives_by_the_weights_are_those_of_differences(units: int) -> None:
    network, weights = lstm(units), weights_of(units)
    audio = white_noise(0.03, RATE, seed=1)[0]
    state = np.zeros(network.states, np.float32)
    slopes = np.zeros((network.states, network.recurrent), np.float32)
    out, found = np.empty_like(audio), np.empty((len(audio), network.size), np.float32)
    linearize(audio, weights.astype(np.float32), state, slopes, out, found)
    for number in range(network.size):
        step = np.zeros(network.size)
        step[number] = 1e-5
        ends = [
            run_from(audio.astype(float), weights + sign * step, np.zeros(network.states))
            for sign in (1, -1)
        ]
        expected = (ends[0] - ends[1]) / 2e-5
        np.testing.assert_allclose(found[:, number], expected, atol=2e-3 * np.abs(expected).max())


def test_it_is_the_lstm_of_pytorch() -> None:
    weights, audio = weights_of(3), white_noise(0.05, RATE, seed=2)[0]
    by_input, matrix, biases, out, direct = np.split(weights, np.cumsum([12, 36, 12, 3]))
    network = Lstm(3).double()
    held = {
        "recurrent.weight_ih_l0": by_input[:, None],
        "recurrent.weight_hh_l0": matrix.reshape(12, 3),
        "recurrent.bias_ih_l0": biases,
        "recurrent.bias_hh_l0": np.zeros(12),
        "linear.weight": out[None] / direct,
        "linear.bias": np.zeros(1),
    }
    network.load_state_dict({name: torch.from_numpy(each) for name, each in held.items()})
    samples = torch.from_numpy(audio.astype(float))[None]
    with torch.no_grad():
        state = tuple(each.double() for each in network.initial_state(1))
        played = direct * network(samples, state)[0][0].numpy()
    found = run_from(audio.astype(float), weights, np.zeros(6))
    np.testing.assert_allclose(found, played, atol=1e-6)


def test_what_a_hidden_one_does_is_learned() -> None:
    begin, end = round(0.5 * RATE), round(1.6 * RATE)
    audio = np.ascontiguousarray(plucked_strings(4.0, RATE, seed=3)[0, begin:end])
    hidden, network = weights_of(2, seed=5), lstm(2)
    rest, level = network.resting(hidden)
    wanted = run_from(2.0 * audio.astype(float), hidden, rest) - level
    given = Recording(audio, wanted.astype(np.float32), np.ones_like(audio))
    taken: list[float] = []
    found = train_cell(
        [[given]],
        RATE,
        lstm(4),
        np.random.default_rng(0),
        lambda left: len(taken) >= 60,
        taken.append,
    )
    assert found is not None and found.left < 5e-3
    rest, level = lstm(4).resting(found.weights)
    played = run_from(given.audio, found.weights, rest) - level
    error = played[given.end :] - given.wanted[given.end :]
    assert np.sum(error**2) < 1e-2 * np.sum(given.wanted[given.end :] ** 2)
