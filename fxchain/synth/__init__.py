"""Synthesizer patches: a voice of weighted sources that plays notes, and its search."""
