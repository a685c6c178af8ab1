"""Presets: chains with their settings, as files."""

from fxchain.preset.open_chain import load_chain, parse_chain
from fxchain.preset.preset import Preset

__all__ = ["Preset", "load_chain", "parse_chain"]
