"""A wet that is the dry: nothing, a gain or an inversion, at once."""

import numpy as np
import pytest

from fxchain.data.signals import plucked_strings
from fxchain.matching.match import match
from fxchain.preset import Preset

RATE = 16_000


def strings(seed: int) -> np.ndarray:
    return plucked_strings(5.0, RATE, seed)


def gain_db(preset: Preset) -> float:
    """Return the gain of the chain with that of the routing around it."""
    routing = preset.routing
    factor = 1.0 if routing is None else routing.inputs[0][0] * routing.outputs[0][0]
    return float(np.sum(preset.values)) + 20.0 * np.log10(abs(factor))


def matched(dry: np.ndarray, wet: np.ndarray, chain: str = "default"):
    return match(dry, wet.astype(np.float32), RATE, chain=chain, iterations=2)


@pytest.mark.parametrize("chain", ["default", "amp", "eq"])
def test_identical_recordings_need_nothing(chain):
    dry = strings(1)
    found = matched(dry, dry, chain)
    assert found.preset.stage.slots() == () or len(found.preset.values) == 0
    assert found.metrics["fitted"]["esr"] == found.metrics["held_out"]["esr"] == 0.0
    assert "the recordings are identical: no effect is needed" in found.metrics["warnings"]
    assert len(found.history) == 1


@pytest.mark.parametrize("seed", range(4))
def test_a_level_a_latency_and_an_inversion_drawn_at_random(seed):
    rng = np.random.default_rng([33, seed])
    dry = strings(seed)
    sign, level_db, late = rng.choice([-1, 1]), rng.uniform(-70, 20), int(rng.integers(0, 3_000))
    wet = np.pad(sign * 10.0 ** (level_db / 20.0) * dry, ((0, 0), (late, 0)))
    found = matched(dry, wet)
    assert found.metrics["latency_samples"] == late and found.metrics["polarity"] == sign
    assert gain_db(found.preset) == pytest.approx(level_db, abs=1e-3)
    assert found.metrics["held_out"]["esr"] < 1e-9 and len(found.history) == 1


def test_rounding_to_16_bit_is_nothing():
    dry = strings(7)
    found = matched(dry, np.round(dry * 32_768) / 32_768)
    assert len(found.preset.values) == 0


def test_a_faint_filter_is_not_nothing():
    dry = strings(8)
    wet = dry + np.float32(3e-4) * np.pad(dry, ((0, 0), (1, 0)))[:, :-1]
    assert len(matched(dry, wet).history) > 1


def test_a_chain_that_was_asked_for_is_matched(tmp_path):
    chain = tmp_path / "chain.json"
    chain.write_text('{"chain": [{"primitive": "highpass_filter"}]}')
    found = matched(strings(9), strings(9), str(chain))
    assert len(found.history) > 1
