"""The stages of a chain in their order, and its split."""

import numpy as np
import pytest

from fxchain.data.signals import plucked_strings
from fxchain.preset import Preset, parse_chain
from fxchain.render import render
from fxchain.structure.series import split_before, top_stages

RATE = 16_000
NODES = [
    {"primitive": "gain", "parameters": {"gain_db": -5.0}},
    {
        "mix": [
            {"weight": 0.4, "chain": []},
            {
                "weight": 0.6,
                "chain": [{"primitive": "distortion", "parameters": {"drive_db": 18.0}}],
            },
        ]
    },
    {"primitive": "gain", "parameters": {"gain_db": 2.0}},
]


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_both_parts_in_series_are_the_whole(count):
    stage, values, _ = parse_chain({"chain": NODES}, "the test's chain")
    free = np.arange(stage.size) % 2 == 0
    parts = split_before(stage, values, free, count)
    assert len(top_stages(parts[0].stage)) == count
    for name, whole in (("values", values), ("free", free)):
        joined = np.concatenate([getattr(part, name) for part in parts])
        np.testing.assert_array_equal(joined, whole)
    audio = played = plucked_strings(1.0, RATE)
    for part in parts:
        played = render(Preset(part.stage, part.values, RATE), played, RATE)
    expected = render(Preset(stage, values, RATE), audio, RATE)
    np.testing.assert_array_equal(played, expected)


def test_an_effect_is_a_chain_of_one():
    stage, values, _ = parse_chain(NODES[0], "the test's effect")
    assert top_stages(stage) == (stage,)
    head, tail = split_before(stage, values, np.ones(1, dtype=bool), 1)
    assert len(head.values) == 1 and len(tail.values) == 0
