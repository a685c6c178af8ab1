"""Two chains of one ancestor crossed."""

from dataclasses import replace

import numpy as np

from fxchain.preset import parse_chain
from fxchain.stage import Effect
from fxchain.structure.candidate import Candidate
from fxchain.structure.canonical_tree import Unit, candidate_of, nodes_of
from fxchain.structure.crossover import crossed
from fxchain.structure.places import Place, inserted, signature
from tests.known_pair import effect

DRIVE = effect("distortion", drive_db=18.0)
GAIN = effect("gain", gain_db=-3.0)
PEAK = effect("peak_filter", cutoff_frequency_hz=900.0, gain_db=7.0, q=1.2)
DELAY = effect("delay", delay_seconds=0.2, feedback=0.3, mix=0.4)


def candidate(*nodes: dict) -> Candidate:
    stage, values, _ = parse_chain({"chain": list(nodes)}, "a test")
    return Candidate(stage, values, np.ones(stage.size, dtype=bool))


def with_effect(of: Candidate, index: int, node: dict) -> Candidate:
    """Return a descendant with one more effect."""
    (unit,) = nodes_of(candidate(node))
    assert isinstance(unit, Unit)
    new = replace(unit, effect=Effect(unit.primitive))
    return candidate_of(inserted(nodes_of(of), Place((), index), (new,)), of)


def structures(of: list[Candidate]) -> set[str]:
    return {signature(nodes_of(each)) for each in of}


def test_a_child_has_one_part_of_the_other_and_all_else_of_the_first():
    ancestor = candidate(DRIVE, GAIN)
    one = with_effect(ancestor, 0, PEAK)
    other = with_effect(with_effect(ancestor, 1, DELAY), 0, DELAY)
    found = structures(list(crossed(one, other)))
    assert "peak_filter distortion delay gain" in found
    assert all("distortion" in each for each in found)


def test_where_one_part_differs_there_is_no_child():
    ancestor = candidate(DRIVE, GAIN)
    assert not list(crossed(with_effect(ancestor, 0, PEAK), with_effect(ancestor, 0, DELAY)))
    assert not list(crossed(ancestor, ancestor))


def test_children_are_not_evaluated():
    ancestor = candidate(DRIVE, GAIN)
    one, other = with_effect(ancestor, 0, PEAK), with_effect(ancestor, 2, DELAY)
    assert [child.loss for child in crossed(one, other)] == [None, None]
