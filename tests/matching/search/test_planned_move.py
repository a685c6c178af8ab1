"""When a planned move begins and ends."""

import pytest

from fxchain.matching.search.state import PlannedMove


def test_what_was_tried_before_takes_nothing_of_the_time_in_which_generations_begin() -> None:
    move = PlannedMove("grow", 0.45, begins=0.15, lasts=0.2).begun(0.3)
    again = move.begun(0.4)
    assert move.begins_until == again.begins_until == pytest.approx(0.45)
    assert again.until == 0.45
    assert PlannedMove("join", lasts=0.2).begun(0.3).until == pytest.approx(0.5)
