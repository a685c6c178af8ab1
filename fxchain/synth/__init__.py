"""Synthesizer patches: a voice of weighted sources that plays notes, and its search."""

from fxchain.synth.patch import Patch

__all__ = ["Patch"]
