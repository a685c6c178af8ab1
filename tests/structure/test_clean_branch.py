"""A clean branch beside a part of a chain: where it may be, what it makes, that it is foretold."""

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
from fxchain.render import render
from fxchain.structure.candidate import Candidate
from fxchain.structure.canonical_tree import candidate_of, nodes_of
from fxchain.structure.clean_branch import CleanBranch, may_be_bypassed
from fxchain.structure.places import Place, signature
from tests.known_pair import RATE, effect

PEAK = effect("peak_filter", cutoff_frequency_hz=900.0, gain_db=7.0, q=1.2)
LOW = effect("lowpass_filter", cutoff_frequency_hz=2000.0)
DRIVE = effect("distortion", drive_db=24.0)
COMPRESSOR = effect("compressor", threshold_db=-30.0, ratio=8.0, attack_ms=5.0, release_ms=80.0)
GAIN = effect("gain", gain_db=0.0)


def candidate(*nodes: dict) -> Candidate:
    stage, values, _ = parse_chain({"chain": list(nodes)}, "a test")
    return Candidate(stage, values, np.ones(stage.size, dtype=bool))


def beside(weight: float, *nodes: dict) -> dict:
    """Return a mix of the clean signal and a chain."""
    clean = {"weight": weight, "chain": []}
    return {"mix": [clean, {"weight": 1.0, "chain": list(nodes)}]}


def played(of: Candidate, dry: np.ndarray) -> np.ndarray:
    return render(Preset(of.stage, of.values, RATE), dry, RATE)


def test_it_adds_the_signal_in_front():
    dry = plucked_strings(0.3, RATE, seed=2)
    chain = candidate(PEAK, COMPRESSOR, LOW)
    clean = CleanBranch(Place((), 1), 2, -0.4)
    found = candidate_of(clean.applied(nodes_of(chain)), chain)
    wanted = candidate(PEAK, beside(-0.4, COMPRESSOR), LOW)
    assert signature(nodes_of(found)) == signature(nodes_of(wanted))
    np.testing.assert_allclose(played(found, dry), played(wanted, dry), atol=1e-7)


@pytest.mark.parametrize(
    ("begin", "end", "expected"),
    [
        (0, 1, False),  # filters alone
        (0, 3, True),
        (1, 3, False),  # between the filters before
        (2, 3, True),
        (2, 4, False),  # between the filters behind
        (2, 5, True),
        (0, 5, True),
        (3, 3, False),
    ],
)
def test_where_it_may_be(begin, end, expected):
    nodes = nodes_of(candidate(PEAK, LOW, COMPRESSOR, PEAK, LOW))
    assert may_be_bypassed(nodes, Place((), begin), Place((), end)) is expected
    assert not may_be_bypassed(nodes, Place(((0, 0),), begin), Place((), end))


@pytest.mark.parametrize(
    ("weight", "inside", "behind"),
    [
        (0.7, (LOW, COMPRESSOR), (PEAK,)),
        (1.5, (COMPRESSOR, DRIVE), ()),
        (-0.5, (COMPRESSOR, DRIVE), ()),
    ],
)
def test_one_around_several_effects_is_foretold_and_found(weight, inside, behind):
    dry = plucked_strings(0.7, RATE, seed=5)
    hidden = candidate(beside(weight, *inside), *behind)
    of = Excerpt(dry, played(hidden, dry), 0)
    choices = Choices(())
    bench = Workbench({"tiny": (of,)}, RATE, choices, 8, (True,))
    start = bench.refitted(candidate(*inside, *behind, GAIN), Effort("tiny", 20))
    first = selected(propose(linearized(start, (of,), RATE, choices)), 8)
    made = [each.applied(start) for each in first if each.clean is not None]
    assert 1 <= len(made) <= 2
    found = [bench.refitted(each, Effort("tiny", 40)) for each in made]
    assert min(each.loss for each in found) < 1e-3 * start.loss
    wanted = signature(nodes_of(candidate(beside(weight, *inside), *behind, GAIN)))
    assert wanted in {signature(nodes_of(each)) for each in found}
