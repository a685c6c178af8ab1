"""Weights of the sources in closed form."""

from dataclasses import replace

import numpy as np

from fxchain.synth.search.analytic_bands import AnalyticBands, source_powers
from fxchain.synth.search.bands import FLOOR
from fxchain.synth.search.space import Space
from fxchain.synth.voice.oscillator import Voice


def solved_weights(space: Space, bands: AnalyticBands, cube: np.ndarray) -> np.ndarray:
    """Return amplitudes of the sources whose band powers fit those of a recording best.

    Powers are added as if the sources were incoherent; each band counts relative to its own power,
    so that quiet ones are not drowned.

    Args:
        space: the coordinates
        bands: the recording
        cube: (coordinates,), of which the weights are not read

    Returns:
        (sources,), 0 or more; amplitudes, not positions

    Source:
        Lawson and Hanson's non-negative least squares
    """
    from scipy.optimize import nnls

    voice = space.voice(cube)
    alone = [_alone(voice, number) for number in range(len(voice.oscillators))]
    powers = source_powers(bands, alone)
    rows, target = relative(powers, bands.target.reshape(-1))
    norms = np.linalg.norm(rows, axis=0) + 1e-30
    found, _ = nnls(rows / norms, target)
    return np.sqrt(found / norms)


def relative(powers: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return powers (bands, columns) and those of a recording (bands,), each over the latter.

    The scale ends 30 dB below its largest.
    """
    scale = 1.0 / (target + 1e3 * FLOOR * target.max())
    return powers * scale[:, None], target * scale


def _alone(voice: Voice, number: int) -> Voice:
    """Return a voice with one of the sources, at a weight of 1."""
    return replace(voice, oscillators=(replace(voice.oscillators[number], weight=1.0),))
