"""A linear response behind a recurrent network, solved in turns with its steps."""

import numpy as np
import pytest
import scipy.fft

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


@pytest.mark.parametrize("begin", [0, 500, TAPS - 1])
def test_it_is_a_causal_filter(begin: int) -> None:
    taps, audio = ringing(), white_noise(0.4, RATE, seed=1)[0]
    columns = np.stack([audio, audio[::-1]], axis=1)
    expected = np.stack([filtered(each, taps) for each in columns.T], axis=1)
    found = Response(taps).played(columns, begin)
    np.testing.assert_allclose(found, expected[begin:], atol=1e-5)
    np.testing.assert_allclose(Response(taps).played(audio), expected[:, 0], atol=1e-5)


@pytest.mark.parametrize("sample_rate", [16_000, 44_100, 48_000, 96_000])
def test_transforms_have_quick_lengths(sample_rate: int) -> None:
    """At 48 kHz a response has 557 taps, a prime."""
    taps = round(SECONDS * sample_rate)
    found = Response(np.ones(taps, np.float32))
    assert found.transform == found.block + taps - 1 >= 8 * taps
    assert found.transform == scipy.fft.next_fast_len(found.transform, real=True)


@pytest.mark.parametrize(("begin", "end"), [(0, 900), (1_500, 3_100), (1_900, 6_000)])
def test_derivatives_are_those_of_all_samples_at_once(begin: int, end: int) -> None:
    network, weights = gru(3), weights_of(3, seed=1).astype(np.float32)
    audio, wanted = white_noise(0.4, RATE, seed=1)[0], white_noise(0.4, RATE, seed=2)[0]
    gain = np.linspace(0.5, 2.0, len(audio), dtype=np.float32)
    gain[2_000:2_300] = 0.0
    piece, response = Piece(Recording(audio, wanted, gain), begin, end), Response(ringing())
    rest, first = linearize_rest(network, weights), piece.warm_up(RATE)
    played = audio[first:end]
    output, columns = np.empty_like(played), np.empty((len(played), network.size), np.float32)
    network.linearize(played, weights, rest.state.copy(), rest.slopes.copy(), output, columns)
    output, columns = (
        response.played(each)[begin - first :]
        for each in (output - np.float32(rest.level), columns - rest.level_slopes)
    )
    residual, rows = piece.residual(output).astype(float), piece.weighted(columns).astype(float)

    found = linearized(piece, network, weights, rest, RATE, response)

    assert found.error == pytest.approx(residual @ residual, rel=1e-4)
    alone = error_of(piece, network, weights, network.resting(weights), RATE, response)
    assert found.error == pytest.approx(alone, rel=1e-4)
    scale = np.sqrt(np.diag(rows.T @ rows))
    np.testing.assert_allclose(found.slope / scale, residual @ rows / scale, atol=1e-3)
    wanted = rows.T @ rows / np.outer(scale, scale)
    np.testing.assert_allclose(found.hessian / np.outer(scale, scale), wanted, atol=1e-3)


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
