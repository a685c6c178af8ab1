"""Structures drawn at random are what they say."""

import numpy as np
import pytest

from fxchain.data.presets import hidden_rng
from fxchain.data.signals import plucked_strings
from fxchain.data.structures import (
    EQUALIZER,
    MOST_STAGES,
    NOT_LINEAR,
    POOL,
    played,
    random_kinds,
    random_structure,
)
from fxchain.structure.audibility import FLOOR_DB, bypass_changes_db

RATE = 16_000
DRY = plucked_strings(1.0, RATE)


@pytest.mark.parametrize("parallel", [False, True])
def test_kinds_are_drawn_once_but_the_equalizer(parallel):
    rng = np.random.default_rng(0)
    counts = set()
    for _ in range(200):
        kinds, inside = random_kinds(rng, parallel=parallel)
        counts.add(len(kinds))
        alone = [kind for kind in kinds if kind != EQUALIZER]
        assert len(set(alone)) == len(alone) and set(kinds) <= set(POOL)
        assert bool(inside) == parallel and len(inside) <= 2
        assert not parallel or NOT_LINEAR & {kinds[at] for at in inside}
    assert counts == set(range(1, MOST_STAGES + 1))


def test_thresholds_follow_the_level_and_every_stage_is_heard():
    quiet = 0.01 * DRY
    for audio in (DRY, quiet):
        chain, least_db = random_structure(
            hidden_rng(1), audio, RATE, ("lowpass_filter", "compressor")
        )
        filtered, _ = random_structure(hidden_rng(1), audio, RATE, ("lowpass_filter",))
        peak_db = 20 * np.log10(np.abs(played(filtered, audio, RATE)).max())
        assert -30.0 <= chain.values[1] - peak_db <= -10.0
        assert min(bypass_changes_db(chain, audio, RATE).values()) == least_db >= FLOOR_DB


def test_stages_inside_lie_in_a_branch():
    chain, _ = random_structure(hidden_rng(2), DRY, RATE, ("gain", "distortion"), range(1, 2))
    assert [slot.kind for slot in chain.stage.slots()] == ["gain", "mix", "mix", "distortion"]
