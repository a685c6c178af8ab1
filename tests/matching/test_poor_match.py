"""Where most of a wet is not explained, the match says so in words."""

import numpy as np
import pytest

from fxchain.data.signals import plucked_strings
from fxchain.matching.match import match

RATE = 16_000
WORDS = "of the wet recording is not explained"


@pytest.mark.parametrize("seed", range(4))
def test_it_is_said_by_the_share_that_is_left(tmp_path, seed):
    """Another sound beside the gain of the dry is what no gain makes."""
    rng = np.random.default_rng([45, seed])
    chain = tmp_path / "gain.json"
    chain.write_text('{"chain": [{"primitive": "gain"}]}')
    dry = plucked_strings(4.5, RATE, seed)
    noise = np.std(dry) * rng.normal(size=dry.shape).astype(np.float32)
    for level in (rng.uniform(1.3, 1.8), rng.uniform(0.05, 0.35)):
        wet = dry + np.float32(level) * noise
        metrics = match(dry, wet, RATE, chain=chain, iterations=2, latency_samples=0).metrics
        esr = metrics["held_out"]["esr"]
        said = [each for each in metrics["warnings"] if WORDS in each]
        assert said == [] if esr < 0.5 else said[0].startswith(f"{esr:.0%} of the power of the wet")
    assert esr < 0.5
