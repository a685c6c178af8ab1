"""The error of a cell on a piece, and its derivatives, summed up block by block."""

import numpy as np
import pytest

from fxchain.data.signals import white_noise
from fxchain.recurrent.architecture import Architecture
from fxchain.recurrent.gru import gru
from fxchain.recurrent.lstm import lstm
from fxchain.recurrent.recording import Recording
from fxchain.recurrent.rest import linearize_rest
from fxchain.recurrent.trained_piece import BLOCK, Piece, error_of, linearized
from tests.recurrent.test_lstm import weights_of as lstm_weights_of
from tests.recurrent.test_recurrence import weights_of

RATE = 16_000
NETWORKS = {
    "gru": (gru(3), weights_of(3, seed=1).astype(np.float32)),
    "lstm": (lstm(3), lstm_weights_of(3, seed=1).astype(np.float32)),
}


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
    audio = given.audio[first:end]
    output, columns = np.empty_like(audio), np.empty((len(audio), network.size), np.float32)
    network.linearize(audio, weights, rest.state.copy(), rest.slopes.copy(), output, columns)
    residual = piece.residual(output[begin - first :] - rest.level).astype(float)
    rows = piece.weighted(columns[begin - first :] - rest.level_slopes).astype(float)

    found = linearized(piece, network, weights, rest, RATE)

    assert found.error == pytest.approx(residual @ residual, rel=1e-5)
    alone = error_of(piece, network, weights, network.resting(weights), RATE)
    assert found.error == pytest.approx(alone, rel=1e-4)
    scale = np.sqrt(np.diag(rows.T @ rows))
    np.testing.assert_allclose(found.slope / scale, residual @ rows / scale, atol=1e-4)
    wanted = rows.T @ rows / np.outer(scale, scale)
    np.testing.assert_allclose(found.hessian / np.outer(scale, scale), wanted, atol=1e-4)
