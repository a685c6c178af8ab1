"""The descent of the template begins with the latency that the aligner found."""

from dataclasses import replace

import numpy as np
import pytest

from fxchain.data.signals import plucked_strings
from fxchain.matching.search.context import SearchContext
from fxchain.matching.search.descend_from_starts import descend_template
from fxchain.matching.search.schedule import start_state
from fxchain.matching.search.state import PlannedMove
from fxchain.optim.budget import Budget
from fxchain.player import Playback
from fxchain.preset import parse_chain
from fxchain.recordings.problem import Problem
from fxchain.structure.template import Template
from tests.known_pair import RATE, effect

#: Fitted together with another chain.
LATE = 0.4


@pytest.mark.parametrize("solved", [False, True])
def test_a_latency_stays_with_the_chain_it_was_fitted_with(solved: bool) -> None:
    drive = effect("distortion", drive_db=14.0)
    stage, values, _ = parse_chain({"chain": [drive]}, "the chain")
    dry = plucked_strings(2.0, RATE, seed=3)
    wet = stage.plugin(Playback(RATE), values)(dry, RATE)
    template = Template("test", stage, np.array([3.0]), np.ones(1, dtype=bool))
    context = SearchContext((Problem(dry, wet, 0, RATE, 1),), template, Budget(steps=20), ())
    before = start_state(context, 0)
    assert before.best is not None
    best = replace(before.best, loss=0.0 if solved else before.best.loss)
    before = replace(before, best=best, latency_shifts=(LATE,))
    after = descend_template(before, context, PlannedMove("coarse to fine", 0.9))
    assert after.best is not None
    if solved:
        assert after.best is best and after.latency_shifts == (LATE,)
    else:
        np.testing.assert_allclose(after.best.values, values, atol=1e-2)
        assert after.latency_shifts == (0.0,)
    assert after.rng != before.rng
