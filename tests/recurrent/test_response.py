"""A linear response behind a recurrent network, solved in turns with its steps."""

import numpy as np
import pytest
import scipy.linalg

from fxchain.data.signals import white_noise
from fxchain.recurrent.gru import gru
from fxchain.recurrent.recording import Recording
from fxchain.recurrent.recurrence import Run
from fxchain.recurrent.response import SECONDS, Response, solved_response
from fxchain.recurrent.rest import linearize_rest
from fxchain.recurrent.trained_piece import Piece, error_of, linearized
from fxchain.recurrent.training import train_cell
from tests.recurrent.test_recurrence import weights_of
from tests.recurrent.test_training import RATE, recording

TAPS = round(SECONDS * RATE)


def ringing(seed: int = 4) -> np.ndarray:
    """Return a response that rings at two frequencies, (TAPS,), float32."""
    rng, time = np.random.default_rng(seed), np.arange(TAPS)
    tones = (np.cos(time * each) * 0.97**time for each in rng.uniform(0.1, 1.0, 2))
    found: np.ndarray = np.sum(list(tones), axis=0).astype(np.float32)
    return found


def filtered(audio: np.ndarray, taps: np.ndarray) -> np.ndarray:
    return np.convolve(audio, taps)[: len(audio)].astype(np.float32)


def test_it_is_a_causal_filter_with_an_adjoint() -> None:
    taps, audio, other = ringing(), *white_noise(0.4, RATE, channels=2, seed=1)
    response = Response(taps)
    np.testing.assert_allclose(response.played(audio), filtered(audio, taps), atol=1e-5)
    one, same = response.played(audio) @ other, audio @ response.adjoint(other)
    assert one == pytest.approx(same, rel=1e-3, abs=1e-3)


@pytest.mark.parametrize(("begin", "end"), [(0, 900), (1_500, 3_100), (1_900, 6_000)])
def test_derivatives_behind_it(begin: int, end: int) -> None:
    """The slope is exact; the Hessian is that behind another response with about its spectrum."""
    network, weights = gru(3), weights_of(3, seed=1).astype(np.float32)
    audio, wanted = white_noise(0.4, RATE, seed=1)[0], white_noise(0.4, RATE, seed=2)[0]
    gain = np.linspace(0.5, 2.0, len(audio), dtype=np.float32)
    gain[2_000:2_300] = 0.0
    piece, response = Piece(Recording(audio, wanted, gain), begin, end), Response(ringing())
    rest, first = linearize_rest(network, weights), piece.warm_up(RATE)
    played = audio[first:end]
    output, columns = np.empty_like(played), np.empty((len(played), network.size), np.float32)
    network.linearize(played, weights, rest.state.copy(), rest.slopes.copy(), output, columns)
    output = response.played(output - np.float32(rest.level))[begin - first :]
    each = [response.played(column)[begin - first :] for column in (columns - rest.level_slopes).T]
    residual = piece.residual(output).astype(float)
    rows = piece.weighted(np.stack(each, axis=1)).astype(float)

    found = linearized(piece, network, weights, rest, RATE, response)

    assert found.error == pytest.approx(residual @ residual, rel=1e-4)
    alone = error_of(piece, network, weights, network.resting(weights), RATE, response)
    assert found.error == pytest.approx(alone, rel=1e-4)
    scale = np.sqrt(np.diag(rows.T @ rows))
    np.testing.assert_allclose(found.slope / scale, residual @ rows / scale, atol=1e-4)
    held = 1e-3 * np.eye(network.size)
    two = (each / np.outer(scale, scale) + held for each in (found.hessian, rows.T @ rows))
    ratios = scipy.linalg.eigvalsh(*two)
    assert ratios.min() > 0.7 and ratios.max() < 1.4


def test_it_follows_from_outputs_in_closed_form() -> None:
    taps, audio = ringing(), white_noise(0.6, RATE, seed=1)[0]
    wanted = filtered(audio, taps)
    given = Recording(audio, wanted, np.ones_like(audio))
    found = solved_response([given], [audio[: given.end]], RATE)
    assert found is not None
    np.testing.assert_allclose(found.taps, taps, atol=2e-3 * np.abs(taps).max())
    silent = solved_response([given], [np.zeros(given.end, np.float32)], RATE)
    assert silent is None or np.argmax(np.abs(silent.taps)) == 0


def test_a_recording_that_is_not_compared_says_nothing() -> None:
    audio = white_noise(0.6, RATE, seed=1)[0]
    given = Recording(audio, filtered(audio, ringing()), np.ones_like(audio))
    without = Recording(audio, audio, np.zeros_like(audio))
    alone, both = (
        solved_response(each, [audio[: one.end] for one in each], RATE)
        for each in ([given], [without, given])
    )
    assert alone is not None and both is not None
    np.testing.assert_array_equal(both.taps, alone.taps)
    assert solved_response([without], [audio[:0]], RATE) is None


def _trained(wanted: np.ndarray, audio: np.ndarray, responds: bool):
    taken: list[float] = []
    given = Recording(audio, wanted, np.ones_like(audio))
    found = train_cell(
        [[given]],
        RATE,
        gru(4),
        np.random.default_rng(0),
        lambda left: len(taken) >= 90,
        taken.append,
        responds=responds,
    )
    assert found is not None
    return found


def test_a_cell_with_a_loudspeaker_behind_it_is_learned() -> None:
    audio = recording().audio
    wanted = filtered(Run(2.0 * audio, weights_of(2, seed=5).astype(np.float32)).output, ringing())
    alone, found = (_trained(wanted, audio, responds) for responds in (False, True))
    assert alone.response is None and found.response is not None
    assert found.left < 0.3 * alone.left
    played = found.response.played(Run(audio, found.weights).output)
    rest = (played - wanted)[round(0.8 * len(audio)) :]
    assert np.sum(rest**2) < 0.05 * np.sum(wanted[-len(rest) :] ** 2)
