"""Presets as plug-ins: the player with wrappers of VST3, CLAP and LV2, the preset as its data."""

from fxchain.native.plugins.binary import compiled_plugin, plugin_sources
from fxchain.native.plugins.description import CHANNELS, Description, described
from fxchain.native.plugins.names import Shown
from fxchain.native.plugins.targets import TARGETS, Target, own_target, target_named

__all__ = [
    "CHANNELS",
    "TARGETS",
    "Description",
    "Shown",
    "Target",
    "compiled_plugin",
    "described",
    "own_target",
    "plugin_sources",
    "target_named",
]
