"""Chains as loud as the wet."""

import numpy as np
import pytest

from fxchain.data.signals import white_noise
from fxchain.matching.search import refit
from fxchain.matching.search.insertion_spots import Choices
from fxchain.matching.search.level_of_wet import at_wet_level
from fxchain.objectives.excerpt import Excerpt
from fxchain.primitives import get_primitive
from fxchain.structure.candidate import Candidate
from fxchain.structure.proposal import empty_chain
from tests.known_pair import RATE

NOISE = white_noise(0.5, RATE, 1)


def levelled(wet: np.ndarray, gain_db: float) -> Candidate:
    start = empty_chain()
    start = start.at(np.array([gain_db]), 0.5)
    return at_wet_level(start, Excerpt(NOISE, wet.astype(np.float32), 0), RATE)


@pytest.mark.parametrize("seed", [2, 3, 4])
def test_a_chain_that_does_not_correlate_is_as_loud_as_the_wet(seed: int) -> None:
    wet = 0.3 * white_noise(0.5, RATE, seed)
    found = levelled(wet, -60.0)
    level_db = 10.0 * np.log10(np.square(wet).sum() / np.square(NOISE).sum())
    assert found.values[0] == pytest.approx(level_db, abs=0.01)
    assert found.loss == 0.5


def test_what_a_recorder_lost_counts_for_neither() -> None:
    wet = np.float32(0.5) * NOISE
    wet[:, 3_000:9_000] = 0.0
    found = at_wet_level(empty_chain(), Excerpt(NOISE, wet, 0, gaps=((3_000, 9_000),)), RATE)
    assert found.values[0] == pytest.approx(-6.02, abs=0.01)


@pytest.mark.parametrize(("loss", "levels"), [(0.9, 1), (0.3, 0), (1e-4, 0)])
def test_the_level_is_that_of_the_wet_only_where_most_is_unexplained(
    monkeypatch: pytest.MonkeyPatch, loss: float, levels: int
) -> None:
    seen = []
    monkeypatch.setattr(refit, "at_wet_level", lambda each, *_: seen.append(each) or each)
    compared = Excerpt(NOISE, np.float32(0.5) * NOISE, 0)
    choices = Choices((get_primitive("clipping"),))
    bench = refit.Workbench({"tiny": (compared,)}, RATE, choices, 2, (True,))
    bench.edited(empty_chain().at(np.zeros(1), loss), "tiny")
    assert len(seen) == levels


def test_silence_has_no_level() -> None:
    assert levelled(np.zeros_like(NOISE), -3.0).values[0] == -3.0
