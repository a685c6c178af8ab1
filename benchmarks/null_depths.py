"""Null depths between effects and their pedalboard plugins: measured, and promised."""

import numpy as np
import torch

from fxchain.metrics.scores import null_depth_db
from fxchain.player import Playback
from fxchain.stage import Stage

_FIXED_DB = {
    "gain": -120.0,
    "invert": -120.0,
    "distortion": -120.0,
    "clipping": -120.0,
    "compressor": -100.0,
    "delay": -120.0,
    "reverb": -110.0,
    "convolution": -110.0,
    "highpass_filter": -90.0,
    "lowpass_filter": -90.0,
}

#: Corner frequency from which a bound holds, the bound, and the bound above 48 kHz. pedalboard
#: computes second-order filters in float32, whose rounding grows as the corner falls.
_SECOND_ORDER_DB = (
    (1_500.0, -100.0, -100.0),
    (400.0, -95.0, -85.0),
    (100.0, -75.0, -70.0),
    (40.0, -60.0, -50.0),
)


def null_of(stage: Stage, values: np.ndarray, audio: np.ndarray, sample_rate: int) -> float:
    """Return the null depth between a stage and its pedalboard plugin, dB.

    Args:
        stage: an effect, chain or mix that pedalboard can play
        values: (size,)
        audio: (channels, samples), float32
        sample_rate: Hz
    """
    playback = Playback(float(sample_rate))
    board = stage.plugin(playback, values)(audio, sample_rate, reset=True)
    with torch.no_grad():
        ours = stage.process(
            torch.from_numpy(audio)[None], playback, torch.from_numpy(values)[None]
        )
    return null_depth_db(board, ours[0].numpy())


def bound_db(kind: str, values: dict[str, float], sample_rate: int) -> float | None:
    """Return the null an effect must reach at these values, or None where nothing is promised."""
    if kind in _FIXED_DB:
        return _FIXED_DB[kind]
    for frequency_hz, bound, bound_at_high_rates in _SECOND_ORDER_DB:
        if values.get("cutoff_frequency_hz", 0.0) >= frequency_hz:
            return bound if sample_rate <= 48_000 else bound_at_high_rates
    return None
