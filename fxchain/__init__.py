"""Finds a chain of effects with readable knobs that turns a dry recording into a wet one.

    import fxchain

    found = fxchain.match("dry.wav", "wet.wav", seconds=60)
    print(found.metrics["held_out"])
    found.write("matched")

The names below are loaded when they are first used, so that importing the package is quick.
"""

import importlib
import os
from typing import TYPE_CHECKING, Any

from fxchain.child_process import leave_working_folder

if TYPE_CHECKING:
    from fxchain.benchmarking.benchmark import benchmark
    from fxchain.devices.match_device import match_device
    from fxchain.errors import (
        AudioError,
        ExportError,
        FxchainError,
        MatchError,
        OutputError,
        ParameterError,
        PluginError,
        PresetError,
    )
    from fxchain.matching.match import match
    from fxchain.matching.match_pairs import match_pairs
    from fxchain.matching.simplify import simplify
    from fxchain.preset import Preset
    from fxchain.recordings.pair_source import PairSource
    from fxchain.session.result import Match
    from fxchain.transferring.transfer import transfer

leave_working_folder()

# Threads that wait for work give their core away instead of spinning: a fit is a little faster so,
# and much faster beside other programs. Read when torch is loaded; the user's own choice stands.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

_HOMES = {
    "AudioError": "fxchain.errors",
    "ExportError": "fxchain.errors",
    "FxchainError": "fxchain.errors",
    "Match": "fxchain.session.result",
    "MatchError": "fxchain.errors",
    "OutputError": "fxchain.errors",
    "ParameterError": "fxchain.errors",
    "PairSource": "fxchain.recordings.pair_source",
    "Preset": "fxchain.preset",
    "PluginError": "fxchain.errors",
    "PresetError": "fxchain.errors",
    "benchmark": "fxchain.benchmarking.benchmark",
    "match": "fxchain.matching.match",
    "match_device": "fxchain.devices.match_device",
    "match_pairs": "fxchain.matching.match_pairs",
    "simplify": "fxchain.matching.simplify",
    "transfer": "fxchain.transferring.transfer",
}

#: Former public names, kept for one version.
_ALIASES = {"Take": "PairSource"}

__all__ = [
    "AudioError",
    "ExportError",
    "FxchainError",
    "Match",
    "MatchError",
    "OutputError",
    "PairSource",
    "ParameterError",
    "PluginError",
    "Preset",
    "PresetError",
    "benchmark",
    "match",
    "match_device",
    "match_pairs",
    "simplify",
    "transfer",
]


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used."""
    name = _ALIASES.get(name, name)
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """Return the public names, loaded or not."""
    return list(__all__)
