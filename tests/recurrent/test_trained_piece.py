"""The error of a cell on a piece, and its derivatives, summed up block by block."""

import numpy as np
import pytest

from fxchain.data.signals import white_noise
from fxchain.recurrent.recording import Recording
from fxchain.recurrent.recurrence import resting
from fxchain.recurrent.sensitivities import linearize, linearize_rest
from fxchain.recurrent.trained_piece import BLOCK, Piece, error_of, linearized
from fxchain.recurrent.weights import Layout
from tests.recurrent.test_recurrence import weights_of

RATE = 16_000
WEIGHTS = weights_of(3, seed=1).astype(np.float32)


def recording() -> Recording:
    """Return noise, a part of which is not compared, and something else that is wanted."""
    audio, wanted = white_noise(0.4, RATE, seed=1)[0], white_noise(0.4, RATE, seed=2)[0]
    gain = np.linspace(0.5, 2.0, len(audio), dtype=np.float32)
    gain[2_000:2_300] = 0.0
    return Recording(audio, wanted, gain)


@pytest.mark.parametrize(("begin", "end"), [(0, 900), (1_500, 1_500 + 3 * BLOCK), (1_900, 4_000)])
def test_sums_are_those_of_all_samples_at_once(begin: int, end: int) -> None:
    given, layout, rest = recording(), Layout(3), linearize_rest(WEIGHTS)
    piece = Piece(given, begin, end)
    first = piece.warm_up(RATE)
    audio = given.audio[first:end]
    output, columns = np.empty_like(audio), np.empty((len(audio), layout.size), np.float32)
    linearize(audio, WEIGHTS, rest.state.copy(), rest.slopes.copy(), output, columns)
    residual = piece.residual(output[begin - first :] - rest.level).astype(float)
    rows = piece.weighted(columns[begin - first :] - rest.level_slopes).astype(float)

    found = linearized(piece, WEIGHTS, rest, RATE)

    assert found.error == pytest.approx(residual @ residual, rel=1e-5)
    assert found.error == pytest.approx(error_of(piece, WEIGHTS, resting(WEIGHTS), RATE), rel=1e-4)
    scale = np.sqrt(np.diag(rows.T @ rows))
    np.testing.assert_allclose(found.slope / scale, residual @ rows / scale, atol=1e-4)
    wanted = rows.T @ rows / np.outer(scale, scale)
    np.testing.assert_allclose(found.hessian / np.outer(scale, scale), wanted, atol=1e-4)
