"""The last steps of a cell hear the ends of the recordings too."""

from dataclasses import replace

import numpy as np
import pytest

from fxchain.recurrent.chosen_pieces import left_out_parts
from fxchain.recurrent.descent import TrainedCell
from fxchain.recurrent.gru import gru
from fxchain.recurrent.recording import Recording
from fxchain.recurrent.recurrence import Run
from fxchain.recurrent.response import Response
from fxchain.recurrent.trained_piece import Piece
from fxchain.recurrent.training import PATIENCE
from fxchain.recurrent.training_on_everything import trained_on_everything
from tests.recurrent.test_response import filtered, ringing
from tests.recurrent.test_training import RATE, recording, trained


def left_by(cell: TrainedCell, given: Recording, pieces: list[Piece]) -> float:
    """Return the error of a cell on some pieces."""
    played = Run(given.audio, cell.weights).output
    errors = [each.residual(played[each.begin : each.end]) for each in pieces]
    energy = sum(each.energy for each in pieces)
    return sum(float(np.sum(error**2)) for error in errors) / energy


def half_trained(given: Recording) -> TrainedCell:
    found, _ = trained(given, 40)
    assert found is not None
    return found


def test_what_only_the_end_has_is_learned() -> None:
    """There it is played three times as loud as what was trained on."""
    whole = recording()
    audio = whole.audio.copy()
    audio[: whole.end] *= np.float32(1.0 / 3.0)
    given = replace(whole, audio=audio, wanted=np.tanh(6.0 * audio))
    cell = half_trained(given)
    steps: list[float] = []
    found = trained_on_everything(cell, [given], RATE, gru(4), report=steps.append)
    ends = [piece for part in left_out_parts([given]) for piece in part]
    assert left_by(found, given, ends) < 0.5 * left_by(cell, given, ends)
    assert 1 <= len(steps) <= PATIENCE and found.steps == cell.steps + len(steps)
    assert (found.left, found.judged) == (cell.left, cell.judged)
    everything = left_by(found, given, [Piece(given, 0, len(given.audio))])
    assert found.fitted == pytest.approx(everything, rel=0.5)  # pieces begin 50 ms earlier


def test_no_step_is_taken_without_time_or_where_none_helps() -> None:
    given = recording(1.0)
    cell = half_trained(given)
    assert trained_on_everything(cell, [given], RATE, gru(4), lambda: True) is cell
    played = replace(given, wanted=Run(given.audio, cell.weights).output)
    found = trained_on_everything(cell, [played], RATE, gru(4))
    np.testing.assert_allclose(Run(given.audio, found.weights).output, played.wanted, atol=1e-3)


def test_a_response_is_solved_from_everything() -> None:
    given = recording()
    cell = half_trained(given)
    alone = Run(given.audio, cell.weights).output
    behind = replace(given, wanted=filtered(alone, ringing()).astype(np.float32))
    wrong = np.zeros_like(ringing())
    wrong[0] = 1.0
    found = trained_on_everything(
        replace(cell, response=Response(wrong)), [behind], RATE, gru(4), report=lambda error: None
    )
    assert found.response is not None
    played = found.response.played(Run(given.audio, found.weights).output)
    assert np.sum((played - behind.wanted) ** 2) < 0.01 * np.sum(behind.wanted**2)
    assert cell.response is None
