"""What an exported chain needs to play, and fxchain itself plays with.

Every module here stands alone (numpy, pedalboard, soundfile and the standard library): its text
is copied into exported scripts, so that a script and fxchain give the same samples. What needs
pedalboard or soundfile is loaded when it is first used, so that a chain is described without them.
"""

import importlib
from typing import TYPE_CHECKING, Any

from fxchain.player.asset import Asset
from fxchain.player.channel_routing import Routing
from fxchain.player.embedded import decode_frames
from fxchain.player.playback import Playback

if TYPE_CHECKING:
    from fxchain.player.playing import BLOCK_SAMPLES, output_channels, play, render_file, run
    from fxchain.player.routing import Routed
    from fxchain.player.stages import NumpyStage, PerChannel, Series, Sum, Whole
    from fxchain.player.weights import weight

_LOADED_WHEN_USED = {
    "BLOCK_SAMPLES": "playing",
    "NumpyStage": "stages",
    "PerChannel": "stages",
    "Routed": "routing",
    "Series": "stages",
    "Sum": "stages",
    "Whole": "stages",
    "output_channels": "playing",
    "play": "playing",
    "render_file": "playing",
    "run": "playing",
    "weight": "weights",
}

__all__ = [
    "BLOCK_SAMPLES",
    "Asset",
    "NumpyStage",
    "PerChannel",
    "Playback",
    "Routed",
    "Routing",
    "Series",
    "Sum",
    "Whole",
    "decode_frames",
    "output_channels",
    "play",
    "render_file",
    "run",
    "weight",
]


def __getattr__(name: str) -> Any:
    """Load a name when it is first used."""
    if name not in _LOADED_WHEN_USED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.{_LOADED_WHEN_USED[name]}")
    found = getattr(module, name)
    globals()[name] = found
    return found
