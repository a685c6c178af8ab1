"""The edits that tangents foretell, and what becomes of them."""

import numpy as np
import pytest

from fxchain.data.signals import plucked_strings
from fxchain.matching.search.insertion_spots import Choices
from fxchain.matching.search.linearization import linearized
from fxchain.matching.search.proposals import propose
from fxchain.matching.search.refit import Effort, Workbench
from fxchain.matching.search.selection import selected
from fxchain.objectives.excerpt import Excerpt
from fxchain.preset import Preset, parse_chain
from fxchain.primitives import get_primitive
from fxchain.render import render
from fxchain.structure.candidate import Candidate
from fxchain.structure.canonical_tree import nodes_of
from fxchain.structure.places import signature
from tests.known_pair import RATE, effect

PEAK = effect("peak_filter", cutoff_frequency_hz=900.0, gain_db=7.0, q=1.2)
DRIVE = effect("distortion", drive_db=18.0)
CLIP = effect("clipping", threshold_db=-14.0)
COMPRESSOR = effect("compressor", threshold_db=-30.0, ratio=4.0, attack_ms=5.0, release_ms=80.0)
GAIN = effect("gain", gain_db=0.0)
KINDS = ("peak_filter", "low_shelf_filter", "distortion", "clipping", "compressor")
CHOICES = Choices(tuple(get_primitive(kind) for kind in KINDS))


def candidate(*nodes: dict) -> Candidate:
    stage, values, _ = parse_chain({"chain": list(nodes)}, "a test")
    return Candidate(stage, values, np.ones(stage.size, dtype=bool))


def excerpt(*nodes: dict) -> Excerpt:
    """Return strings with the effects behind them."""
    dry = plucked_strings(0.7, RATE, seed=5)
    hidden = candidate(*nodes)
    return Excerpt(dry, render(Preset(hidden.stage, hidden.values, RATE), dry, RATE), 0)


def bench(of: Excerpt) -> Workbench:
    return Workbench({"tiny": (of,)}, RATE, CHOICES, 8, (True,))


@pytest.mark.parametrize(
    ("known", "missing", "place"),
    [
        ((COMPRESSOR, DRIVE), PEAK, 1),
        ((PEAK, CLIP), DRIVE, 1),
        ((PEAK, DRIVE), CLIP, 2),
    ],
)
def test_the_effect_that_is_missing_is_foretold_at_its_place(known, missing, place):
    of = excerpt(*known[:place], missing, *known[place:])
    start = bench(of).refitted(candidate(*known, GAIN), Effort("tiny", 20))
    first = selected(propose(linearized(start, (of,), RATE, CHOICES)), 8)
    found = {signature(nodes_of(each.applied(start))) for each in first}
    wanted = candidate(*known[:place], missing, *known[place:], GAIN)
    assert signature(nodes_of(wanted)) in found


def test_an_effect_too_many_is_left_out():
    of = excerpt(PEAK, DRIVE)
    start = bench(of).refitted(
        candidate(PEAK, effect("compressor", ratio=1.01), DRIVE, GAIN), Effort("tiny", 20)
    )
    cheapest = propose(linearized(start, (of,), RATE, CHOICES))[0]
    assert signature(nodes_of(cheapest.applied(start))) == "peak_filter distortion gain"


def test_what_is_inserted_keeps_the_level():
    of = excerpt(PEAK, DRIVE)
    start = bench(of).refitted(candidate(PEAK, GAIN), Effort("tiny", 20))
    drives = [p for p in propose(linearized(start, (of,), RATE, CHOICES)) if p.kind == "distortion"]
    made = drives[0].applied(start)
    output = render(Preset(made.stage, made.values, RATE), of.dry, RATE)
    ratio = float(np.linalg.norm(output) / np.linalg.norm(of.wet))
    assert 0.5 < ratio < 2.0


def test_several_bands_can_be_inserted_together():
    low = effect("low_shelf_filter", cutoff_frequency_hz=300.0, gain_db=-8.0, q=0.7)
    of = excerpt(low, PEAK)
    start = bench(of).refitted(candidate(GAIN), Effort("tiny", 5))
    found = propose(linearized(start, (of,), RATE, CHOICES))
    assert max(len(each.insertions) for each in found[:5]) > 1


def test_every_kind_that_is_no_filter_is_tried():
    of = excerpt(PEAK, DRIVE)
    start = bench(of).refitted(candidate(GAIN), Effort("tiny", 5))
    kinds = {each.kind for each in selected(propose(linearized(start, (of,), RATE, CHOICES)), 2)}
    assert kinds >= {"distortion", "clipping", "compressor"}
