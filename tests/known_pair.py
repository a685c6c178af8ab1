"""A small pair with a known chain, for tests of the fit's parts."""

from typing import Any

import numpy as np

from fxchain.data.signals import plucked_strings
from fxchain.player import Playback
from fxchain.preset import parse_chain
from fxchain.recordings.problem import Problem
from fxchain.stage import Stage

RATE = 16_000


def effect(kind: str, **parameters: float) -> dict[str, Any]:
    """Return an effect as it stands in a preset."""
    return {"primitive": kind, "parameters": parameters}


DRIVE = effect("distortion", drive_db=14.0)
CHAIN = {
    "chain": [
        effect("peak_filter", cutoff_frequency_hz=900.0, gain_db=6.0, q=0.9),
        {"mix": [{"weight": 0.4, "chain": []}, {"weight": 0.7, "chain": [DRIVE]}]},
        effect("compressor", threshold_db=-24.0, ratio=3.0, attack_ms=5.0, release_ms=90.0),
        effect("gain", gain_db=-2.0),
        effect("delay", delay_seconds=1600.5 / RATE, feedback=0.35, mix=0.3),
        effect("reverb", room_size=0.4, damping=0.3, wet_level=0.2, dry_level=0.5, width=1.0),
    ]
}


def known_pair(seconds: float = 2.0) -> tuple[Problem, Stage, np.ndarray]:
    """Return dry and wet, the chain between them, and its values."""
    stage, values, _ = parse_chain(CHAIN, "the test's chain")
    dry = plucked_strings(seconds, RATE, seed=3)
    wet = stage.plugin(Playback(RATE), values)(dry, RATE)
    return Problem(dry, wet, 0, RATE, 1), stage, values
