"""Presets: chains with their settings, as files."""

from fxchain.export.python_script import plugin_name
from fxchain.preset.open_chain import load_chain, parse_chain
from fxchain.preset.preset import Preset

__all__ = ["Preset", "load_chain", "parse_chain", "plugin_name"]
