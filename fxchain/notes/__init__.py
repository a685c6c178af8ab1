"""Notes: what a synthesizer plays."""

from fxchain.notes.note import Note

__all__ = ["Note"]
