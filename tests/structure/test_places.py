"""Places in a tree of units, and what is inserted or left out there."""

import numpy as np
import pytest

from fxchain.preset import parse_chain
from fxchain.structure.candidate import Candidate
from fxchain.structure.canonical_tree import Nodes, candidate_of, nodes_of
from fxchain.structure.places import (
    Place,
    exchanged,
    inserted,
    nodes_at,
    places,
    run_start,
    signature,
    species,
    targets,
)


def effect(kind: str, **parameters: float) -> dict:
    return {"primitive": kind, "parameters": parameters}


GAIN, DRIVE, CLIP = effect("gain"), effect("distortion"), effect("clipping")
PEAK, HIGH = effect("peak_filter"), effect("highpass_filter")


def candidate(*nodes: dict) -> Candidate:
    stage, values, _ = parse_chain({"chain": list(nodes)}, "a test")
    return Candidate(stage, values, np.ones(stage.size, dtype=bool))


def tree(*nodes: dict) -> Nodes:
    return nodes_of(candidate(*nodes))


def beside(*nodes: dict) -> dict:
    return {"mix": [{"weight": 0.6, "chain": []}, {"weight": 0.4, "chain": list(nodes)}]}


def test_every_place_is_listed_inside_mixes_too():
    nodes = tree(PEAK, beside(DRIVE), GAIN)
    assert len(places(nodes)) == 4 + 1 + 2  # main line, clean branch, driven branch


def test_what_is_inserted_stands_at_its_place():
    nodes, (drive,) = tree(PEAK, beside(CLIP), GAIN), tree(DRIVE)
    for place in places(nodes):
        found = inserted(nodes, place, (drive,))
        assert nodes_at(found, place.path)[place.index] is drive
        assert len(targets(found)) == len(targets(nodes)) + 1


def test_targets_count_the_values_as_the_chain_does():
    chain = candidate(PEAK, beside(DRIVE, HIGH), CLIP, GAIN)
    slots = chain.stage.slots()
    for target in targets(nodes_of(chain)):
        inside = slots[target.first : target.first + target.count]
        assert inside
        node = nodes_at(nodes_of(chain), target.place.path)[target.place.index]
        if target.branch is not None:
            assert inside[0].kind == "mix"
        elif hasattr(node, "primitive"):
            assert {slot.kind for slot in inside} == {node.primitive.kind}


def test_a_target_is_left_out_or_exchanged():
    nodes, (drive,) = tree(PEAK, beside(CLIP), GAIN), tree(DRIVE)
    peak, mix = (t for t in targets(nodes)[:2])
    assert signature(exchanged(nodes, peak, ())) == signature(tree(beside(CLIP), GAIN))
    assert signature(exchanged(nodes, mix, (drive,))) == "peak_filter distortion gain"
    clean = next(t for t in targets(nodes) if t.branch == 0)
    left = candidate_of(exchanged(nodes, clean, ()), candidate(GAIN))
    assert [slot.kind for slot in left.stage.slots()].count("mix") == 1


@pytest.mark.parametrize(("index", "start"), [(0, 0), (1, 0), (2, 0), (3, 3), (4, 3)])
def test_a_run_of_filters_begins_behind_what_is_no_filter(index, start):
    nodes = tree(PEAK, HIGH, DRIVE, PEAK)
    assert run_start(nodes, Place((), index)) == Place((), start)


def test_the_order_of_filters_alone_is_no_other_structure():
    one, other = tree(PEAK, HIGH, DRIVE, CLIP), tree(HIGH, PEAK, DRIVE, CLIP)
    assert signature(one) == signature(other)
    assert signature(one) != signature(tree(HIGH, DRIVE, PEAK, CLIP))
    assert species(one) == species(tree(DRIVE, HIGH, CLIP)) == "distortion clipping"
    assert species(tree(beside(DRIVE), CLIP)) == "distortion clipping"
