"""Filters of few coefficients in a row: their response, and other filters with the same."""
