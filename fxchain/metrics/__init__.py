"""Measures of the difference between two recordings."""
