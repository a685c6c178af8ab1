"""A drive at the end of a recording is undone by the inverse of its curve."""

from dataclasses import replace

import numpy as np

from fxchain.files.audio_input import Audio, to_channels
from fxchain.primitives import Primitive

#: The largest number below 1 that a recording holds.
_LARGEST = 1.0 - 2.0**-24


def undone(audio: Audio, kind: Primitive) -> Audio | None:
    """Return what a recording was before a drive at its defaults, in mono.

    Of a curve tanh(gain · x) any other gain is another level before the drive.

    Args:
        audio: the recording
        kind: of the effect

    Returns:
        None where the effect has no such curve, or the recording is louder than what it can play
    """
    if kind.static_curve is None:
        return None
    values = {spec.name: spec.default for spec in kind.parameters}
    curve = kind.static_curve(**values)
    mono = to_channels(audio, 1)
    if curve.function != "tanh" or curve.offset != 0.0:
        return None
    samples = mono.samples.astype(np.float64) / curve.factor
    if np.abs(samples).max() > 1.0:
        return None
    before = np.arctanh(np.clip(samples, -_LARGEST, _LARGEST)) / curve.gain
    return replace(mono, samples=before.astype(np.float32))
