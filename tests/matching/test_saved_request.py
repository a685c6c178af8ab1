"""What a match was asked to do survives its file."""

import json
import random

import pytest

from fxchain.matching.options import MatchOptions
from fxchain.matching.saved_request import SavedRequest


@pytest.mark.parametrize("seed", range(4))
def test_names_of_files_need_not_be_unicode(seed):
    rng = random.Random(seed)
    names = [
        bytes(rng.randrange(33, 256) for _ in range(9)).decode("utf-8", "surrogateescape")
        for _ in range(4)
    ]
    options = MatchOptions(chain=names[2], start=names[3], iterations=3)
    asked = SavedRequest(dry=names[0], wet=names[1], options=options)
    node = json.loads(json.dumps(asked.to_json()))
    assert SavedRequest.from_json(node, "request") == asked
