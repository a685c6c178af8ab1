"""Oscillators of a preset: rate and phase found anew in another recording of its device."""
