"""Chains drawn at random."""

import numpy as np
import pytest

from fxchain.data.presets import (
    HIDDEN_RANGES,
    hidden_chain,
    hidden_rng,
    on_sample_grid,
    random_stage,
    random_values,
)
from fxchain.stage import Stage


def drawn(seed: int) -> tuple[Stage, np.ndarray]:
    rng = np.random.default_rng(seed)
    stage = random_stage(rng, 10)
    return stage, random_values(stage, rng)


def test_a_seed_gives_the_same_hidden_chain_again() -> None:
    one, other, third = (hidden_chain(np.random.default_rng(seed)) for seed in (3, 3, 4))
    assert one[0] == other[0]
    np.testing.assert_array_equal(one[1], other[1])
    assert (one[1] != third[1]).any()


@pytest.mark.parametrize("seed", [0, 1, 3, [0, 0], [0, 5], 2**40])
def test_what_is_hidden_is_not_what_a_search_draws(seed: int | list[int]) -> None:
    searches = (np.random.default_rng(seed), np.random.default_rng([*np.atleast_1d(seed), 1]))
    hidden = hidden_rng(seed).uniform(size=200)
    for rng in searches:
        assert len(set(rng.uniform(size=20_000)) & set(hidden)) == 0
    np.testing.assert_array_equal(hidden, hidden_rng(seed).uniform(size=200))


def test_a_seed_gives_the_same_random_stage_again() -> None:
    one, other = drawn(3), drawn(3)
    assert [slot for slot in one[0].slots()] == [slot for slot in other[0].slots()]
    np.testing.assert_array_equal(one[1], other[1])


@pytest.mark.parametrize("seed", range(20))
def test_hidden_chains_stay_in_their_ranges(seed: int) -> None:
    chain, values = hidden_chain(np.random.default_rng(seed), 48_000)
    kinds = [stage.slots()[0].kind for stage in chain.stages]
    equalizer = ["low_shelf_filter", *["peak_filter"] * 3, "high_shelf_filter"]
    assert kinds == [
        *equalizer, "distortion", *equalizer, "compressor", "gain", "delay", "reverb"
    ]  # fmt: skip
    for slot, value in zip(chain.slots(), values, strict=True):
        low, high = HIDDEN_RANGES[slot.kind][slot.spec.name]
        assert low - 1e-4 <= value <= high + 1e-4
        slot.spec.check(float(value))


@pytest.mark.parametrize("seed", range(20))
def test_random_values_stay_in_their_ranges(seed: int) -> None:
    stage, values = drawn(seed)
    for slot, value in zip(stage.slots(), values, strict=True):
        slot.spec.check(float(value))


def test_random_stages_have_as_many_effects_as_asked_for_and_are_nested() -> None:
    shapes = set()
    for seed in range(20):
        stage, _ = drawn(seed)
        places = {(s.path, s.kind) for s in stage.slots() if s.kind != "mix"}
        assert len(places) <= 10
        shapes.update(path.count("mix") for path, _ in places)
    assert shapes >= {0, 1, 2}


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
def test_a_delay_ends_between_two_samples(rate: int) -> None:
    for delay_seconds in np.random.default_rng(0).uniform(0.001, 2.0, 50):
        samples = on_sample_grid(delay_seconds, rate) * rate
        assert samples % 1 == pytest.approx(0.5, abs=1e-6)
        assert abs(samples - delay_seconds * rate) <= 0.5
