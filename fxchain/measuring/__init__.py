"""Measurement of a device with an exponential sweep: what is played, and what comes back."""
