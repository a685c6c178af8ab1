"""The error of a network on a piece, and its derivatives, summed up block by block."""

import numpy as np
import pytest
from scipy.signal import lfilter

from fxchain.data.signals import white_noise
from fxchain.recurrent.architecture import Architecture
from fxchain.recurrent.filters import NoFilters
from fxchain.recurrent.gru import gru
from fxchain.recurrent.lstm import lstm
from fxchain.recurrent.recording import Recording
from fxchain.recurrent.rest import linearize_rest
from fxchain.recurrent.trained_piece import BLOCK, Piece, Played
from tests.recurrent.test_lstm import weights_of as lstm_weights_of
from tests.recurrent.test_recurrence import weights_of

RATE = 16_000
NETWORKS = {
    "gru": (gru(3), weights_of(3, seed=1).astype(np.float32)),
    "lstm": (lstm(3), lstm_weights_of(3, seed=1).astype(np.float32)),
}


class Gained:
    """Two knobs: the gain of x, and that of x one sample before."""

    def __init__(self, near: float, far: float) -> None:
        self._taps = np.array([near, far])

    @property
    def sections(self) -> np.ndarray:
        return np.array([[*self._taps, 0.0, 0.0, 0.0]], np.float32)

    def play(self, audio: np.ndarray) -> np.ndarray:
        return lfilter(self._taps, [1.0], audio).astype(np.float32)

    def linearize(self, audio: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return self.play(audio), np.stack([audio, np.append(np.float32(0.0), audio[:-1])])


def recording() -> Recording:
    """Return noise, a part of which is not compared, and something else that is wanted."""
    audio, wanted = white_noise(0.4, RATE, seed=1)[0], white_noise(0.4, RATE, seed=2)[0]
    gain = np.linspace(0.5, 2.0, len(audio), dtype=np.float32)
    gain[2_000:2_300] = 0.0
    return Recording(audio, wanted, gain)


@pytest.mark.parametrize(("network", "weights"), NETWORKS.values(), ids=NETWORKS)
@pytest.mark.parametrize(("begin", "end"), [(0, 900), (1_500, 1_500 + 3 * BLOCK), (1_900, 4_000)])
def test_sums_are_those_of_all_samples_at_once(
    begin: int, end: int, network: Architecture, weights: np.ndarray
) -> None:
    given, rest = recording(), linearize_rest(network, weights)
    piece = Piece(given, begin, end)
    first = piece.warm_up(RATE)
    audio, still = given.audio[first:end], np.zeros((end - first, 0), np.float32)
    output, columns = np.empty_like(audio), np.empty((len(audio), network.size), np.float32)
    network.linearize(audio, still, weights, rest.state.copy(), rest.slopes.copy(), output, columns)
    residual = piece.residual(output[begin - first :] - rest.level).astype(float)
    rows = piece.weighted(columns[begin - first :] - rest.level_slopes).astype(float)

    played = Played(network, weights, NoFilters(), NoFilters(), RATE)
    found = played.linearized([piece])

    assert found.error == pytest.approx(residual @ residual, rel=1e-5)
    assert found.error == pytest.approx(played.error([piece]), rel=1e-4)
    scale = np.sqrt(np.diag(rows.T @ rows))
    np.testing.assert_allclose(found.slope / scale, residual @ rows / scale, atol=1e-4)
    wanted = rows.T @ rows / np.outer(scale, scale)
    np.testing.assert_allclose(found.hessian / np.outer(scale, scale), wanted, atol=1e-4)


@pytest.mark.parametrize(("network", "weights"), NETWORKS.values(), ids=NETWORKS)
def test_weights_and_the_knobs_around_them_have_one_slope(
    network: Architecture, weights: np.ndarray
) -> None:
    """Half the gradient of the error, by differences."""
    given, knobs = recording(), np.array([0.9, 0.2, 1.1, -0.3])
    pieces = [Piece(given, 1_900, 4_000), Piece(given, 4_000, 4_700)]

    def played(position: np.ndarray) -> Played:
        numbers, four = position[: network.size].astype(np.float32), position[network.size :]
        return Played(network, numbers, Gained(*four[:2]), Gained(*four[2:]), RATE)

    here = np.concatenate([weights, knobs])
    found = played(here).linearized(pieces)
    assert found.error == pytest.approx(played(here).error(pieces), rel=1e-4)
    scale = np.sqrt(np.diag(found.hessian))
    chosen = [0, network.inputs, network.recurrent, network.size - 1, *range(-4, 0)]
    for number in chosen:
        step = np.zeros(len(here))
        step[number] = 8e-3
        ends = [played(here + sign * step).error(pieces) for sign in (1, -1)]
        expected = (ends[0] - ends[1]) / 32e-3
        allowed = 0.01 * scale[number] * np.sqrt(found.error)
        assert found.slope[number] == pytest.approx(expected, abs=allowed)
