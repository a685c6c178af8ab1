"""The waveform as a sum of squares."""

import numpy as np

from fxchain.synth.search.audio_error import AudioError
from fxchain.synth.search.least_squares import ResidualObjective
from fxchain.synth.search.moments import Moments, drawn_moments

#: Moments that are compared.
MOMENTS = 4_000


def waveform_objective(error: AudioError) -> ResidualObjective | Moments:
    """Return the error of the waveform: at moments where notes are sums of harmonics and nothing
    stands behind the voice, else of what is played.

    The weight of noise is left as it is: another draw of it would be driven to 0.

    Args:
        error: of what is played
    """
    if error.space.direct and error.space.harmonic:
        rng = np.random.default_rng((error.space.noise_seed, 34))
        return Moments(error.heard, error.space, drawn_moments(error.heard, MOMENTS, rng))
    every = np.arange(len(error.space.specs))
    return ResidualObjective(error.waveform, np.setdiff1d(every, error.space.of_noise))
