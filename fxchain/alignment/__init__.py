"""Latency, polarity and clock drift between two recordings, and whether they are related."""
