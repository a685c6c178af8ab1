"""The null between torch and board, as matches and transfers report it."""

import numpy as np
import pytest

from fxchain.data.signals import plucked_strings
from fxchain.player import Playback
from fxchain.preset import Preset, parse_chain
from fxchain.session import twin_null
from fxchain.session.twin_null import twin_null_db

RATE = 16_000
CHAIN = {"chain": [{"primitive": "distortion", "parameters": {"drive_db": 12.0}}]}


@pytest.fixture
def played():
    """Return a preset, a dry recording of 3 s, and what its board makes of it."""
    stage, values, _ = parse_chain(CHAIN, "the test's chain")
    dry = plucked_strings(3.0, RATE, seed=1)
    return Preset(stage, values, RATE), dry, stage.plugin(Playback(RATE), values)(dry, RATE)


def test_a_chain_nulls_with_its_board(played):
    assert twin_null_db(*played) < -100.0


@pytest.mark.parametrize(
    ("at", "counts"), [(500, False), (RATE, True), (2 * RATE - 1, True), (2 * RATE, False)]
)
def test_only_the_span_is_compared(played, at, counts):
    preset, dry, board = played
    board[:, at] += 1.0
    assert (twin_null_db(preset, dry, board, (1_000, 2 * RATE)) > -60.0) == counts


def test_a_long_recording_is_compared_up_to_a_limit(played, monkeypatch):
    monkeypatch.setattr(twin_null, "COMPARED_SECONDS", 1.0)
    preset, dry, board = played
    assert twin_null_db(preset, dry, board) < -100.0
    board = np.array(board)
    board[:, RATE] += 1.0
    assert twin_null_db(preset, dry, board) < -100.0
    assert twin_null_db(preset, dry, board, (1, 3 * RATE)) > -60.0
