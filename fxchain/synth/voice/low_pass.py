"""The resonant low-pass and its cut-off over time."""

from typing import Any

from fxchain.synth.voice.envelope import envelope

#: The cut-off stays in this range, Hz.
LOWEST_CUTOFF_HZ, HIGHEST_CUTOFF_HZ = 20.0, 24_000.0
#: Key tracking leaves this frequency as it is (the middle C), Hz.
KEY_CENTRE_HZ = 261.6256


def cutoff_hz(xp: Any, times: Any, gate_seconds: float, hertz: float, controls: Any) -> Any:
    """Return the cut-off frequency (times,) of a note: moved by its envelope and its key, Hz."""
    octaves = controls["filter_envelope_octaves"] * envelope(
        xp, times, gate_seconds, controls, "filter"
    )
    key = (hertz / KEY_CENTRE_HZ) ** controls["key_tracking"]
    moved = controls["cutoff_frequency_hz"] * key * xp.exp(0.6931471805599453 * octaves)
    return xp.clip(moved, LOWEST_CUTOFF_HZ, HIGHEST_CUTOFF_HZ)


def low_pass(frequencies_hz: Any, cutoff: Any, resonance: Any) -> Any:
    """Return the complex response of an analog low-pass of second order.

    Args:
        frequencies_hz: broadcastable with `cutoff`
        cutoff: Hz
        resonance: its Q

    Source:
        1/(1 − x² + ix/Q), x = f/f_c
    """
    ratio = frequencies_hz / cutoff
    return 1.0 / (1.0 - ratio * ratio + 1.0j * ratio / resonance)
