"""A pair far from full scale gives the same chain and error, and a preset at its own level."""

import json

import numpy as np
import pytest

import fxchain
from fxchain.data.signals import plucked_strings
from fxchain.metrics.energy import energy

RATE, STEPS = 16_000, 4
EFFECTS = ("highpass_filter", "distortion", "gain")


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    """Return the file of a chain of which one effect depends on level."""
    path = tmp_path_factory.mktemp("chain") / "chain.json"
    path.write_text(json.dumps({"chain": [{"primitive": name} for name in EFFECTS]}))
    return path


@pytest.fixture(scope="module")
def pair():
    dry = plucked_strings(4.5, RATE, 1)
    return dry, np.tanh(5.0 * dry) * np.float32(0.4)


@pytest.fixture(scope="module")
def at_full_level(chain, pair):
    return esr(fxchain.match(*pair, RATE, chain=chain, iterations=STEPS))


def esr(found):
    return (found.metrics["held_out"] or found.metrics["fitted"])["esr"]


@pytest.mark.parametrize(
    "low_db, high_db", [(-75.0, -45.0), (30.0, 60.0), (-60.0, -60.0), (89.54, 89.54)]
)
def test_a_pair_far_from_full_scale_is_matched_as_well(chain, pair, at_full_level, low_db, high_db):
    random = np.random.default_rng(round(abs(low_db + 3 * high_db)))
    factors = (10.0 ** (random.uniform(low_db, high_db, 2) / 20.0)).astype(np.float32)
    dry, wet = (factor * audio for factor, audio in zip(factors, pair, strict=True))
    found = fxchain.match(dry, wet, RATE, chain=chain, iterations=STEPS)
    assert esr(found) == pytest.approx(at_full_level, rel=0.1)
    kinds = [effect.primitive.kind for effect in found.preset.stage.stages]
    assert kinds == list(EFFECTS)
    played = found.preset.board(RATE)(dry, RATE)
    assert energy(played - wet) < 2.0 * at_full_level * energy(wet)
