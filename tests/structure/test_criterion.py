"""The price of a chain."""

import math

import numpy as np
import pytest

from fxchain.preset import parse_chain
from fxchain.structure.candidate import Candidate
from fxchain.structure.criterion import FLOOR, KNOB, STAGE, Complexity, complexity, price, price_of
from tests.known_pair import CHAIN


def test_knobs_are_the_free_values_and_stages_the_effects() -> None:
    stage, values, _ = parse_chain(CHAIN, "test")
    free = np.ones(stage.size, dtype=bool)
    free[-1] = False
    assert complexity(Candidate(stage, values, free)) == Complexity(stage.size - 1, 6)


def test_a_knob_pays_when_it_lowers_the_error_by_its_share() -> None:
    simple, more = Complexity(3, 1), Complexity(4, 1)
    share = math.exp(-KNOB)
    assert price(0.1, simple) < price(0.1 * (share + 0.01), more)
    assert price(0.1, simple) > price(0.1 * (share - 0.01), more)
    assert price(0.1, Complexity(3, 2)) - price(0.1, simple) == pytest.approx(STAGE)


def test_below_the_floor_nothing_but_the_chain_counts() -> None:
    assert price(1e-14, Complexity(2, 1)) < price(0.0, Complexity(3, 1))
    assert price(0.0, Complexity(0, 0)) == math.log(FLOOR)


def test_what_was_not_evaluated_is_not_chosen() -> None:
    stage, values, free = parse_chain({"chain": []}, "test")
    assert price_of(Candidate(stage, values, free)) == math.inf
    assert price_of(Candidate(stage, values, free, 0.0)) == math.log(FLOOR)
