"""What an exported chain needs to play, and fxchain itself plays with.

Every module here stands alone (numpy, pedalboard, soundfile and the standard library): its text
is copied into exported scripts, so that a script and fxchain give the same samples.
"""

from fxchain.player.asset import Asset
from fxchain.player.channel_routing import Routing
from fxchain.player.embedded import decode_frames
from fxchain.player.playback import Playback
from fxchain.player.playing import BLOCK_SAMPLES, output_channels, play, render_file, run
from fxchain.player.routing import Routed
from fxchain.player.stages import NumpyStage, Series, Sum
from fxchain.player.weights import weight

__all__ = [
    "BLOCK_SAMPLES",
    "Asset",
    "NumpyStage",
    "Playback",
    "Routed",
    "Routing",
    "Series",
    "Sum",
    "decode_frames",
    "output_channels",
    "play",
    "render_file",
    "run",
    "weight",
]
