"""What primitives state about a pair: scores on one scale."""

import itertools
import math

import pytest

from fxchain.primitives import REGISTRY, Primitive
from fxchain.primitives.evidence import EXCLUDED, LARGEST, Evidence, movement

STATED = [each for each in REGISTRY.values() if each.evidence is not None]
ALL = pytest.mark.parametrize("primitive", STATED, ids=[each.kind for each in STATED])
ERRORS = (0.0, 1e-9, 1e-4, 1.0)
LEVELS_DB = (-math.inf, -90.0, -40.0, 10.0)


def score(primitive: Primitive, found: Evidence) -> float:
    assert primitive.evidence is not None
    return primitive.evidence(found)


@ALL
def test_every_score_is_finite_and_bounded(primitive: Primitive) -> None:
    for gain, linear, echo, floor in itertools.product(ERRORS, ERRORS, LEVELS_DB, LEVELS_DB):
        found = Evidence(0.0, gain, False, linear, echo_db=echo, echo_floor_db=floor, tail_db=echo)
        assert -LARGEST <= score(primitive, found) <= LARGEST


@ALL
def test_a_pair_that_shows_everything_excludes_nothing(primitive: Primitive) -> None:
    found = Evidence(
        3.0,
        0.5,
        False,
        0.1,
        odd_share=0.5,
        even_share=0.9,
        level_memory=0.5,
        echo_db=-10.0,
        echo_floor_db=-40.0,
        tail_db=-10.0,
        tail_floor_db=-10.0,
        dense_tail_db=-12.0,
        decay_seconds=1.5,
        movement_share=0.1,
    )
    assert score(primitive, found) > EXCLUDED


@ALL
def test_nothing_is_known_of_an_error_that_could_be_anything(primitive: Primitive) -> None:
    unknown = Evidence(
        1.0,
        0.1,
        False,
        0.1,
        echo_db=-30.0,
        echo_floor_db=-30.0,
        tail_db=-20.0,
        tail_floor_db=-20.0,
        movement_share=0.01,
    )
    assert score(primitive, unknown) > EXCLUDED


def test_a_linear_pair_excludes_what_is_not_linear() -> None:
    found = Evidence(0.0, 0.2, False, 1e-10, echo_db=-10.0, echo_floor_db=-60.0, tail_db=-10.0)
    excluded = {each.kind for each in STATED if score(each, found) <= EXCLUDED}
    assert excluded == {each.kind for each in STATED if each.nature != "filter"}


def test_what_moves_explains_at_most_what_a_steady_filter_leaves() -> None:
    moving = Evidence(0.0, 0.5, False, 0.2, movement_share=0.07)
    steady = Evidence(0.0, 0.5, False, 3e-5, movement_share=0.07)  # a filter of echoes
    assert movement(moving) > 0.0 > EXCLUDED >= movement(steady)
