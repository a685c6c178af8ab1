"""The name of the pedalboard plugin of an effect."""

import numpy as np

from fxchain.player import Asset, Playback
from fxchain.primitives.base import Primitive


def plugin_name(primitive: Primitive) -> str | None:
    """Return the name of the pedalboard class that sounds the same, or None."""
    if primitive.plugin is None or primitive.twin is not None:
        return primitive.twin
    arguments = {spec.name: spec.default for spec in primitive.parameters}
    assets = dict.fromkeys(primitive.assets, Asset(np.ones((1, 1), np.float32), 44_100))
    return type(primitive.plugin(Playback(44_100, assets=assets), **arguments)).__name__
