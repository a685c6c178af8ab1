"""Chains grown from nothing."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from fxchain.data.signals import plucked_strings
from fxchain.matching.search.elimination import eliminate
from fxchain.matching.search.growth import (
    FINAL,
    PATIENCE,
    THOROUGH,
    Population,
    next_generation,
    refitted,
)
from fxchain.matching.search.insertion_spots import Choices
from fxchain.matching.search.refit import Effort, Workbench
from fxchain.objectives.excerpt import Excerpt
from fxchain.objectives.mean_error import AnyObjective, make_objective
from fxchain.optim.budget import Budget
from fxchain.optim.processes import Call
from fxchain.preset import Preset, parse_chain
from fxchain.primitives import get_primitive
from fxchain.render import render
from fxchain.structure.candidate import Candidate
from fxchain.structure.canonical import canonical
from fxchain.structure.canonical_tree import nodes_of
from fxchain.structure.criterion import FLOOR, price_of
from fxchain.structure.named import growing_kinds
from fxchain.structure.places import signature
from fxchain.structure.proposal import empty_chain
from tests.known_pair import RATE, effect

PEAK = effect("peak_filter", cutoff_frequency_hz=900.0, gain_db=7.0, q=1.2)
DRIVE = effect("distortion", drive_db=18.0)
CLIP = effect("clipping", threshold_db=-14.0)
COMPRESSOR = effect("compressor", threshold_db=-24.0, ratio=4.0, attack_ms=5.0, release_ms=80.0)

GATE = effect("noise_gate", threshold_db=-24.0, ratio=4.0, attack_ms=2.0, release_ms=80.0)
LIMITER = effect("limiter", threshold_db=-20.0, release_ms=60.0)
CRUSH = effect("bitcrush", bit_depth=5.0)


def candidate(*nodes: dict) -> Candidate:
    stage, values, _ = parse_chain({"chain": list(nodes)}, "a test")
    return Candidate(stage, values, np.ones(stage.size, dtype=bool))


def grown(*nodes: dict, generations: int, late: int = 0) -> Candidate:
    """Return what grows for strings behind some effects, made as simple as can be.

    Args:
        nodes: the effects
        generations: how many at most
        late: how many samples the aligner takes the wet to be later than it is
    """
    dry = plucked_strings(2.0, RATE, seed=5)
    hidden = candidate(*nodes)
    wet = render(Preset(hidden.stage, hidden.values, RATE), dry, RATE)
    choices = Choices(tuple(get_primitive(kind) for kind in growing_kinds(True)))
    ends = (round(0.7 * RATE), 2 * RATE)
    known = not late
    given = np.roll(wet, -late, axis=1)
    short, long = (Excerpt(dry[:, :n], given[:, :n], 0) for n in ends)
    excerpts = {"tiny": (short,), "small": (short,), "medium": (long,)}
    bench = Workbench(excerpts, RATE, choices, 8, (known,))

    def run(calls):
        return [call.on(bench) for call in calls]

    population = Population(tuple(refitted([empty_chain()], THOROUGH, run)))
    for _ in range(generations):
        if not population.exact:
            population = next_generation(population, run)
    assert population.exact
    if late:
        assert population.best.latency_shifts == pytest.approx((-late,), abs=0.01)

    def error(of: Candidate) -> AnyObjective:
        excerpts = bench.aligned(population.best, "medium")
        return make_objective(of.stage, of.values, of.free, excerpts, RATE)

    path = eliminate(population.best, error, Budget(seconds=60.0), to_nothing=False)
    return min(path, key=price_of)


def structure(of: Candidate) -> str:
    """Return a structure without the gain that every grown chain has."""
    words = signature(nodes_of(canonical(of))).split(" ")
    return " ".join(word for word in words if word != "gain")


def test_a_gain_needs_nothing_else():
    found = grown(effect("gain", gain_db=-7.0), generations=1)
    assert found.stage.size == 1
    assert found.values[0] == pytest.approx(-7.0, abs=0.01)


@pytest.mark.parametrize(
    "hidden", [PEAK, DRIVE, CLIP, COMPRESSOR, GATE, LIMITER, CRUSH], ids=lambda n: n["primitive"]
)
def test_a_single_effect_is_found_in_a_generation(hidden):
    found = grown(hidden, generations=1)
    assert structure(found) == hidden["primitive"]


@pytest.mark.parametrize("seed", range(3))
def test_gates_drawn_at_random_are_found(seed):
    rng = np.random.default_rng([44, seed])
    gate = effect(
        "noise_gate",
        threshold_db=rng.uniform(-32.0, -20.0),
        ratio=rng.uniform(3.0, 12.0),
        attack_ms=rng.uniform(1.0, 5.0),
        release_ms=rng.uniform(40.0, 150.0),
    )
    assert structure(grown(gate, generations=1)) == "noise_gate"


@pytest.mark.parametrize(
    "hidden", [(DRIVE, PEAK, CLIP), (PEAK, DRIVE), (DRIVE, PEAK)], ids=["three", "after", "before"]
)
def test_the_order_of_effects_is_found(hidden):
    found = grown(*hidden, generations=3)
    assert structure(found) == " ".join(node["primitive"] for node in hidden)


def test_a_filter_is_found_though_the_aligner_takes_its_peak_for_its_beginning():
    low_pass = effect("lowpass_filter", cutoff_frequency_hz=2000.0)
    found = grown(low_pass, DRIVE, generations=3, late=1)
    assert structure(found) == "lowpass_filter distortion"


def test_a_true_clean_branch_is_kept():
    mix = {"mix": [{"weight": 0.5, "chain": []}, {"weight": 0.5, "chain": [DRIVE]}]}
    found = grown(mix, generations=2)
    assert structure(found) == "( | distortion)"


def test_a_drive_that_inverts_is_found_whatever_the_polarity_at_the_start():
    found = grown(DRIVE, effect("invert"), generations=2)
    assert structure(found) == "distortion invert"


def test_no_compressor_is_invented():
    found = grown(DRIVE, PEAK, generations=3)
    assert "compressor" not in structure(found)


def test_a_population_that_gains_nothing_halts():
    chain = candidate(effect("gain", gain_db=0.0))
    faint, loud = (chain.at(np.zeros(1), loss) for loss in (1e-6, 0.5))
    assert not Population((faint,)).halted
    assert Population((faint,), prices=(9.0, *PATIENCE * [-13.7])).halted
    assert not Population((faint,), prices=(9.0, *(PATIENCE - 1) * [-13.7])).halted
    assert not Population((faint,), prices=(9.0, *PATIENCE * [9.0])).halted
    assert not Population((loud,), prices=(9.0, *PATIENCE * [-0.6])).halted


def test_what_growth_leaves_is_foretold_from_its_last_generations():
    """Each of the last two lowered the logarithm of the error by ½, in a tenth of the budget."""
    chain = candidate(effect("gain", gain_db=0.0))
    loud = Population((chain.at(np.zeros(1), 0.1),), cost=0.1)
    now = price_of(loud.best)
    assert loud.foretold(0.4) == 0.0
    gaining = replace(loud, prices=(9.0, now + 1.0, now + 0.5))
    assert gaining.foretold(0.4) == pytest.approx(0.1 * math.exp(-2.0))
    assert gaining.foretold(-0.1) == gaining.foretold(0.0) == pytest.approx(0.1)
    assert replace(loud, prices=(now + 1.0,)).foretold(0.1) == pytest.approx(0.1 * math.exp(-1.0))
    assert replace(loud, prices=(9.0, now, now)).foretold(0.4) == pytest.approx(0.1)


def test_a_known_structure_is_tried_again_where_much_less_is_to_be_expected():
    chain, other = candidate(DRIVE), candidate(CLIP)
    population = Population((replace(chain, loss=1e-3),))
    same, better = replace(chain, loss=9e-4), replace(chain, loss=1e-4)
    new = replace(other, loss=0.5)
    assert population.better([same, better, new]) == [better, new]


def test_the_cheapest_that_were_not_edited_are_edited_next():
    chains = [replace(candidate(each), loss=loss) for each, loss in ((DRIVE, 0.1), (CLIP, 0.2))]
    population = Population(tuple(chains))
    assert population.parents(2) == chains
    done = replace(population, edited=frozenset({"distortion"}))
    assert done.parents(2) == chains[1:]


def test_an_exact_chain_is_edited_once_more_and_none_beside_it():
    exact, rough = replace(candidate(DRIVE), loss=1e-12), replace(candidate(CLIP), loss=0.1)
    population = Population((exact, rough))
    assert population.exact and not population.simplest
    assert population.parents(2) == [exact]
    done = replace(population, edited=frozenset({"distortion"}))
    assert done.simplest and done.parents(2) == []


def edited(found: Candidate, *hidden: dict) -> list[str]:
    """Return the structures that the edits of an exact candidate lead to."""
    dry = plucked_strings(2.0, RATE, seed=5)
    true = candidate(*hidden)
    wet = render(Preset(true.stage, true.values, RATE), dry, RATE)
    excerpts = {name: (Excerpt(dry, wet, 0),) for name in ("tiny", "small", "medium")}
    choices = Choices(tuple(get_primitive(kind) for kind in growing_kinds(True)))
    bench = Workbench(excerpts, RATE, choices, 8, (True,))
    exact = bench.refitted(found, Effort("tiny", 0))
    exact = exact.at(exact.values, 0.0)
    trials = [bench.refitted(each, FINAL) for each in bench.edited(exact, "tiny")]
    return [structure(each) for each in trials if (each.loss or 0.0) < FLOOR]


def test_filters_before_a_compressor_that_do_the_work_of_one_behind_it_are_moved():
    """What is left to be explained is nothing, and yet it is not simple."""
    boost = effect("peak_filter", cutoff_frequency_hz=900.0, gain_db=0.02, q=1.2)
    found = candidate(boost, COMPRESSOR, effect("gain", gain_db=0.0))
    assert "compressor peak_filter" in edited(found, COMPRESSOR, boost)


def test_a_generation_that_was_cut_short_is_tried_again() -> None:
    """The edits of a parent are still to be tried where none of them was refitted."""
    parent = replace(empty_chain(), loss=0.5)
    edited = [replace(candidate(DRIVE), loss=0.1)]
    population = Population((parent,))

    def interrupted(calls: Sequence[Call]) -> list[Any]:
        return [edited if call.method == "edited" else None for call in calls]

    after = next_generation(population, interrupted)
    assert after.parents(2) == [parent]

    def whole(calls: Sequence[Call]) -> list[Any]:
        return [edited if call.method == "edited" else call.arguments[0] for call in calls]

    after = next_generation(population, whole)
    assert parent not in after.parents(2) and len(after.candidates) == 2


@pytest.mark.parametrize("left", ["all", "edits", "nothing", "steps"])
def test_a_generation_ends_where_no_edit_is_worth_it_but_not_where_time_ends(left: str) -> None:
    """What was edited in vain is not edited again; what there was no time for is."""
    one = replace(candidate(PEAK), loss=0.1)

    def run(calls: Sequence[Call]) -> list[Any]:
        if left == "steps":  # a budget of steps makes as many calls as are left
            return []
        edits = all(call.method == "edited" for call in calls)
        if left == "nothing" or (left == "edits" and not edits):
            return [None] * len(calls)
        return [[replace(one, loss=None)] if edits else one for _ in calls]

    after = next_generation(Population((one,)), run)
    assert after.candidates == (one,)
    assert len(after.edited) == len(after.prices) == int(left == "all")
