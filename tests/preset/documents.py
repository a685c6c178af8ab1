"""What the tests of presets share: a small preset as a document, and an impulse response."""

import numpy as np

from fxchain.player import Asset
from fxchain.primitives import REGISTRY
from fxchain.stage import Effect

RESPONSE = Asset(np.array([[1.0, -0.5, 0.25], [0.5, 0.0, -0.125]], np.float32), 44_100)

GAIN = {"primitive": "gain", "version": 1, "parameters": {"gain_db": 3.0}}
DELAY = {
    "primitive": "delay",
    "version": 1,
    "parameters": {"delay_seconds": 0.25, "feedback": 0.5, "mix": 0.5},
}
DOCUMENT = {
    "format": "fxchain-preset",
    "version": 2,
    "sample_rate": 44_100,
    "stage": {"chain": [GAIN, {"mix": [{"weight": -0.5, "chain": []}, {"weight": 1, **DELAY}]}]},
    "macros": [],
    "metadata": {"title": "a"},
}


def effect(kind):
    """Return a stage of one effect."""
    primitive = REGISTRY[kind]
    if primitive.draw_assets is not None:
        return Effect(primitive, primitive.draw_assets(np.random.default_rng(5)))
    return Effect(primitive, dict.fromkeys(primitive.assets, RESPONSE))
