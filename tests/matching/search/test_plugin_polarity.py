"""Whether a chain of plug-ins needs the inversion behind it."""

from dataclasses import dataclass
from typing import cast

import numpy as np
import pytest

from fxchain.data.signals import plucked_strings
from fxchain.matching.search.plugin_polarity import without_needless_inversion
from fxchain.objectives.excerpt import Excerpt
from fxchain.objectives.mean_error import AnyObjective, make_objective
from fxchain.preset import Preset
from fxchain.primitives import get_primitive
from fxchain.stage import Chain, Effect
from fxchain.structure.candidate import Candidate
from fxchain.structure.plugins import of_plugins, probed_at
from fxchain.structure.series import top_stages
from tests.hosting.plugins import file_of, needs_plugins

RATE = 44_100
DRY = plucked_strings(1.0, RATE, seed=3)
INVERT = Effect(get_primitive("invert"))


def _kinds(effect: Effect, values: np.ndarray, wet: np.ndarray) -> list[str]:
    """Return what is left of an effect with an inversion behind it, at default values."""
    defaults = np.array([spec.default for spec in effect.primitive.parameters])
    free = np.ones(len(values), dtype=bool)
    candidate = Candidate(Chain((effect, INVERT)), defaults, free)

    def make_error(of: Candidate) -> AnyObjective:
        return make_objective(of.stage, of.values, of.free, [Excerpt(DRY, wet, 0)], RATE)

    found = without_needless_inversion(candidate, make_error, seed=1)
    np.testing.assert_array_equal(found.values, defaults)
    assert isinstance(found.stage, Chain)
    return [each.primitive.kind for each in found.stage.stages if isinstance(each, Effect)]


@pytest.mark.parametrize("gain", [-0.1, 0.1, 5.0])
def test_a_filter_that_turns_nothing_round(gain: float) -> None:
    """The level of the wet says nothing."""
    ladder = Effect(get_primitive("ladder_filter"))
    values = np.array([spec.default for spec in ladder.primitive.parameters])
    wet = gain * Preset(ladder, values, RATE).board(RATE)(DRY, RATE)
    left = _kinds(ladder, values, wet.astype(np.float32))
    assert left == ["ladder_filter"] + ["invert"] * (gain < 0.0)


@needs_plugins
def test_a_plug_in_that_turns_its_input_round() -> None:
    template = probed_at(of_plugins([file_of("ZamTube")]), RATE)
    (tube,) = template.stage.stages
    hidden = template.values.copy()
    hidden[1:4] = 2.0, 7.0, 6.0
    wet = Preset(tube, hidden, RATE).board(RATE)(DRY, RATE)
    assert float(np.sum(wet * DRY)) < 0.0
    assert _kinds(tube, hidden, wet) == ["ZamTube"]


@needs_plugins
def test_a_plug_in_that_is_a_filter() -> None:
    """What is left is low, its phase turned, as if it were inverted; gradients pass a filter."""
    template = probed_at(of_plugins([file_of("ZamEQ2")]), RATE)
    (equalizer,) = template.stage.stages
    hidden = template.values.copy()
    hidden[6:8] = -39.0, 9_500.0
    wet = Preset(equalizer, hidden, RATE).board(RATE)(DRY, RATE)
    assert _kinds(equalizer, hidden, wet) == ["ZamEQ2"]
    assert _kinds(equalizer, hidden, -wet) == ["ZamEQ2", "invert"]


@dataclass(frozen=True)
class _Losses:
    """Two settings: one that correlates with the wet by 0.6, and one that is all but silent."""

    inverted: bool

    def cube(self, values: np.ndarray) -> np.ndarray:
        return values

    def losses(self, population: np.ndarray) -> np.ndarray:
        sign = -1.0 if self.inverted else 1.0
        losses = np.full(len(population), 1.0 - 2e-6 * (1.0 - sign))  # the sums are rounded
        losses[0] = 1.5 - sign * 2.0 * 0.6 * 0.5**0.5
        return losses


def test_rounding_of_what_is_all_but_silent_does_not_decide() -> None:
    ladder = Effect(get_primitive("ladder_filter"))
    values = np.array([spec.default for spec in ladder.primitive.parameters])
    candidate = Candidate(Chain((ladder, INVERT)), values, np.ones(len(values), dtype=bool))

    def make_error(of: Candidate) -> AnyObjective:
        return cast(AnyObjective, _Losses(len(top_stages(of.stage)) > 1))

    found = without_needless_inversion(candidate, make_error, seed=1)
    assert len(top_stages(found.stage)) == 1
