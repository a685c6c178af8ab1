"""A sine whose frequency falls."""

import math
from typing import Any

from fxchain.parameter import ParameterSpec
from fxchain.synth.drum.sources.base import DrumSource


def swept_sine(
    xp: Any,
    hit: Any,
    start_frequency_hz: Any,
    end_frequency_hz: Any,
    sweep_ms: Any,
    decay_ms: Any,
    phase_drive: Any,
) -> Any:
    """Return sin(φ + d sin φ) · exp(−t/decay) of a phase φ whose frequency falls exponentially.

    The frequency is end + (start − end) · exp(−t/sweep); its integral has a closed form.

    Args:
        xp: numpy or torch
        hit: see `Sound`
        start_frequency_hz: at the hit
        end_frequency_hz: towards which it falls
        sweep_ms: time constant of the fall
        decay_ms: time constant of the level
        phase_drive: d, rad; adds harmonics

    Source:
        phase distortion as in Chowning 1973 with the carrier as modulator
    """
    sweep = 1e-3 * sweep_ms
    moved = (start_frequency_hz - end_frequency_hz) * sweep * (1.0 - xp.exp(-hit.times / sweep))
    phase = 2.0 * math.pi * (end_frequency_hz * hit.times + moved)
    return xp.sin(phase + phase_drive * xp.sin(phase)) * xp.exp(-hit.times / (1e-3 * decay_ms))


SOURCE = DrumSource(
    "swept_sine",
    "Swept sine",
    swept_sine,
    (
        ParameterSpec("start_frequency_hz", "Hz", 40.0, 4_000.0, 200.0, "log"),
        ParameterSpec("end_frequency_hz", "Hz", 20.0, 2_000.0, 60.0, "log"),
        ParameterSpec("sweep_ms", "ms", 1.0, 300.0, 30.0, "log"),
        ParameterSpec("decay_ms", "ms", 5.0, 2_000.0, 200.0, "log"),
        ParameterSpec("phase_drive", "rad", 0.0, 2.0, 0.0),
    ),
)
