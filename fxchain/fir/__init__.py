"""Finite impulse responses by least squares, and their cross-validation."""
