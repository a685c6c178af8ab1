"""The highest frequency of a filter, as a share of the sample rate."""

#: Frequencies are clamped to this share of the sample rate, in torch and on the board alike.
HIGHEST_FREQUENCY = 0.45


def clamped_frequency_hz(frequency_hz: float, sample_rate: float) -> float:
    """Return the frequency, or 0.45 of the sample rate where it is above (both in Hz)."""
    return min(frequency_hz, HIGHEST_FREQUENCY * sample_rate)
