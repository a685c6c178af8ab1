"""Patches: voices with their knobs, as files."""

from fxchain.synth.patch.document import Patch, SourceNode

__all__ = ["Patch", "SourceNode"]
