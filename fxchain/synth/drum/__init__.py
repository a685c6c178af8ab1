"""Drums: weighted sums of swept sines, bursts of noise and clicks, and their search."""
