"""A recurrent cell learns what another one does, and is judged on what it was not trained on."""

from dataclasses import replace

import numpy as np
import pytest

from fxchain.data.signals import plucked_strings, white_noise
from fxchain.recurrent.chosen_pieces import left_out_parts
from fxchain.recurrent.descent import Descent
from fxchain.recurrent.gru import gru
from fxchain.recurrent.recording import PRE_EMPHASIS, Recording, tilted
from fxchain.recurrent.recurrence import Run
from fxchain.recurrent.trained_piece import Piece
from fxchain.recurrent.training import PATIENCE, STARTS, TRIAL, train_cell
from fxchain.recurrent.weights import Layout
from tests.recurrent.test_recurrence import weights_of

RATE = 16_000


def recording(seconds: float = 1.1) -> Recording:
    """Return notes through a hidden cell of two units."""
    audio = plucked_strings(4.0, RATE, seed=3)[0, round(0.5 * RATE) :]
    audio = np.ascontiguousarray(audio[: round(seconds * RATE)])
    wanted = Run(2.0 * audio, weights_of(2, seed=5).astype(np.float32)).output
    return Recording(audio, wanted, np.ones_like(audio))


def trained(given: Recording, steps: int, enough: float = np.inf):
    taken: list[float] = []
    rng = np.random.default_rng(0)
    found = train_cell(
        [[given]], RATE, gru(4), rng, lambda left: len(taken) >= steps, taken.append, enough
    )
    return found, taken


def _left(given: Recording, played: np.ndarray, part: list[Piece]) -> float:
    (piece,) = part
    wanted = given.wanted[piece.begin : piece.end]
    error = played[piece.begin : piece.end] - wanted
    plain, bright = (
        np.sum(tilted(error, amount) ** 2) / np.sum(tilted(wanted, amount) ** 2)
        for amount in (0.0, PRE_EMPHASIS)
    )
    return float(plain + bright) / 2.0


def test_a_hidden_cell_is_learned() -> None:
    given = recording()
    found, errors = trained(given, 60)
    assert found is not None
    assert found.left < 5e-3 and max(found.judged) < 5e-3 and found.fitted < 5e-3
    assert len(errors) == 60 and errors[39] < 0.1 * errors[0]
    played = Run(given.audio, found.weights).output
    parts = left_out_parts([given])
    assert len(parts) == 4
    assert max(_left(given, played, part) for part in parts) < 5e-3


def test_the_error_is_the_mean_of_the_plain_one_and_that_behind_a_pre_emphasis() -> None:
    given = recording()
    piece = Piece(given, int(np.argmax(given.gain > 0.0)), given.end)
    error = white_noise(len(given.wanted) / RATE, RATE, seed=4)[0]
    found = float(np.sum(piece.residual((given.wanted + error)[: given.end]) ** 2))
    expected = _left(given, given.wanted + error, [piece])
    assert found / piece.energy == pytest.approx(expected, rel=1e-3)
    assert 0.5 < given.tilt < PRE_EMPHASIS


def test_each_part_is_judged_and_all_of_them_together() -> None:
    given = recording()
    found, _ = trained(given, 3)
    assert found is not None
    played = Run(given.audio, found.weights).output
    pieces = [piece for part in left_out_parts([given]) for piece in part]
    errors = [np.sum(piece.residual(played[piece.begin : piece.end]) ** 2) for piece in pieces]
    energies = [piece.energy for piece in pieces]
    assert np.divide(errors, energies) == pytest.approx(found.judged, rel=0.01)
    assert np.sum(errors) / np.sum(energies) == pytest.approx(found.left, rel=0.01)
    assert min(found.judged) < 0.9 * max(found.judged)


def test_trainings_repeat() -> None:
    first, second = (trained(recording(1.0), 6)[0] for _ in range(2))
    assert first is not None and second is not None
    assert np.array_equal(first.weights, second.weights)


def test_the_end_is_left_out() -> None:
    """What is wanted there changes the judgement, and no weight."""
    given = recording(1.0)
    wanted = given.wanted.copy()
    wanted[given.end :] = 0.5
    one, other = trained(given, 6)[0], trained(replace(given, wanted=wanted), 6)[0]
    assert one is not None and other is not None
    assert np.array_equal(one.weights, other.weights)
    assert one.left != pytest.approx(other.left, rel=0.1)


def test_samples_that_are_not_compared_count_nowhere() -> None:
    given = recording(1.0)
    gain, wanted = given.gain.copy(), given.wanted.copy()
    gain[4_000:5_000], wanted[4_000:5_000] = 0.0, 9.0
    one = trained(replace(given, gain=gain), 6)[0]
    other = trained(replace(given, gain=gain, wanted=wanted), 6)[0]
    assert one is not None and other is not None
    assert np.array_equal(one.weights, other.weights)


def test_what_is_assumed_is_learned_and_judges_nothing() -> None:
    """Levels that were not recorded are trained on as a chain has them."""
    given = recording()
    quiet = np.float32(0.01) * given.audio
    gain = np.float32(np.linalg.norm(given.wanted) / np.linalg.norm(quiet)) * given.gain
    assumed = Recording(quiet, -quiet, gain, assumed=True)
    plain = trained(given, 30)[0]
    taken: list[float] = []
    both = train_cell(
        [[given, assumed]],
        RATE,
        gru(4),
        np.random.default_rng(0),
        lambda left: len(taken) >= 30,
        taken.append,
    )
    assert plain is not None and both is not None
    away = [
        float(np.sum((Run(quiet, each.weights).output + quiet) ** 2) / np.sum(quiet**2))
        for each in (plain, both)
    ]
    assert away[1] < 0.2 * away[0]
    wrong = replace(assumed, wanted=9.0 * given.wanted)
    assert len(left_out_parts([given, wrong])) == len(left_out_parts([given]))


def test_other_starts_have_the_time_that_remains() -> None:
    """The one that leaves least of everything is taken, of those that leave enough of the end."""
    given = recording(1.0)
    changed = given.wanted.copy()
    changed[9 * len(changed) // 10 :] *= -1.0
    given = replace(given, wanted=changed)
    found, errors = trained(given, 400)
    assert found is not None and found.fitted < 0.05 < found.left
    assert len(errors) > 2 * STARTS * PATIENCE
    other, _ = trained(given, 400, enough=1.001 * found.left)
    assert other is not None and np.array_equal(other.weights, found.weights)


def test_no_other_start_is_begun_when_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[Descent] = []
    judged = Descent.judged
    monkeypatch.setattr(Descent, "judged", lambda self: begun.append(self) or judged(self))
    found, errors = trained(recording(1.0), 60)
    assert found is not None and len(errors) == 60 > TRIAL * (STARTS + STARTS // 2)
    assert len({id(each) for each in begun}) == 1


def test_nothing_is_learned_of_silence_or_without_time() -> None:
    given = recording(0.5)
    assert trained(replace(given, audio=np.zeros_like(given.audio)), 9)[0] is None
    assert trained(given, 0)[0] is None


def test_a_layout_has_room_for_what_is_learned() -> None:
    found, _ = trained(recording(1.0), 2)
    assert found is not None and Layout.of_size(len(found.weights)).units == 4
