"""A player in C++17: the source of one for all effects, and presets as its data."""

from fxchain.native.assemble import effects_source, player_sources
from fxchain.native.compiler import is_installed
from fxchain.native.drums import LiveDrum, LiveDrums, LivePart
from fxchain.native.instrument import LiveInstrument, instrument_knobs
from fxchain.native.knobs import LiveKnob, live_knobs
from fxchain.native.macros import NO_MACROS, LiveMacros
from fxchain.native.preset_data import preset_data
from fxchain.native.voice import LiveSource, LiveVoice
from fxchain.native.webassembly import compiled_player, kept_player

__all__ = [
    "NO_MACROS",
    "LiveDrum",
    "LiveDrums",
    "LiveInstrument",
    "LiveKnob",
    "LiveMacros",
    "LivePart",
    "LiveSource",
    "LiveVoice",
    "compiled_player",
    "effects_source",
    "instrument_knobs",
    "is_installed",
    "kept_player",
    "live_knobs",
    "player_sources",
    "preset_data",
]
