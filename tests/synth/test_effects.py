"""The kinds of effects that are searched behind a voice."""

import json
from collections import Counter

import pytest

from fxchain.errors import MatchError
from fxchain.preset.assets import encode
from fxchain.synth.effects import kinds_of
from tests.preset.documents import RESPONSE


def test_kinds_come_as_often_as_the_chain_has_them_and_without_levels():
    counts = Counter(each.kind for each in kinds_of("default"))
    assert counts["delay"] == counts["distortion"] == 1
    assert counts["peak_filter"] > 1
    assert "gain" not in counts


def test_an_effect_that_is_more_than_its_knobs_is_named(tmp_path):
    path = tmp_path / "chain.json"
    assets = {"impulse_response": encode(RESPONSE)}
    stages = [{"primitive": "delay"}, {"primitive": "convolution", "assets": assets}]
    path.write_text(json.dumps({"chain": stages}))
    with pytest.raises(MatchError, match="convolution"):
        kinds_of(str(path))
