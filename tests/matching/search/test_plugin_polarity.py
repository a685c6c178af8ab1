"""Whether a chain of plug-ins needs the inversion behind it."""

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
