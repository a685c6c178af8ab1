"""Null depths between effects and their pedalboard plugins: measured, and promised."""

from collections.abc import Mapping

import numpy as np
import torch

from fxchain.metrics.scores import null_depth_db
from fxchain.player import Playback
from fxchain.stage import Stage

#: Bound of every effect that has no other one below, dB.
DEFAULT_DB = -100.0

_FIXED_DB = {
    "gain": -120.0,
    "invert": -120.0,
    "distortion": -120.0,
    "clipping": -120.0,
    "delay": -120.0,
    "reverb": -110.0,
    "convolution": -110.0,
    "highpass_filter": -90.0,
    "lowpass_filter": -90.0,
}

_SECOND_ORDER = ("low_shelf_filter", "peak_filter", "high_shelf_filter")
#: Corner frequency from which a bound holds, Hz, the bound, and the bound above 48 kHz, dB.
#: pedalboard computes second-order filters in float32, whose rounding grows as the corner falls.
_SECOND_ORDER_DB = (
    (1_500.0, -100.0, -100.0),
    (400.0, -95.0, -85.0),
    (100.0, -75.0, -70.0),
    (40.0, -60.0, -50.0),
    (0.0, -50.0, -40.0),
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


def bound_db(kind: str, values: Mapping[str, float], sample_rate: int) -> float:
    """Return the null depth that an effect must reach, dB.

    Args:
        kind: of the effect; one that is not listed here must reach `DEFAULT_DB`
        values: by the name of the control
        sample_rate: Hz
    """
    if kind not in _SECOND_ORDER:
        return _FIXED_DB.get(kind, DEFAULT_DB)
    corner_hz = values["cutoff_frequency_hz"]
    bound, bound_at_high_rates = next(
        bounds for frequency_hz, *bounds in _SECOND_ORDER_DB if corner_hz >= frequency_hz
    )
    return bound if sample_rate <= 48_000 else bound_at_high_rates
