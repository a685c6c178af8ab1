"""The dynamics: crest factor, attacks, and the spread of each band's level over time."""

import torch
from torch import Tensor

from fxchain.transferring.descriptors import COARSE, FINE, Descriptors, decibels, quantiles
from fxchain.transferring.loss import Loss

#: Attacks are measured over these times, s.
RISES_SECONDS = (0.006, 0.025)
#: Quantiles: of the changes of level (the steepest rises), of a band's level, of magnitudes.
STEEP = (0.8, 0.95, 0.99)
BAND_SHARES = (0.15, 0.4, 0.6, 0.85, 0.97)
AMPLITUDE_SHARES = (0.5, 0.8, 0.95, 0.99, 0.999)
#: Every SAMPLED-th sample is measured.
SAMPLED = 3


def movement(recording: Descriptors) -> Tensor:
    """Return quantiles of each third octave's level around its mean, (bands, quantiles), dB."""
    found = quantiles(recording.levels_db, BAND_SHARES)
    return found - found.mean(-1, keepdim=True)


def attack(recording: Descriptors) -> Tensor:
    """Return the steepest rises of each octave's level, (bands, times · quantiles), dB."""
    found = [quantiles(recording.changes_db(seconds), STEEP) for seconds in RISES_SECONDS]
    return torch.cat(found, dim=1)


def crest(recording: Descriptors) -> Tensor:
    """Return quantiles of the samples' magnitudes relative to their RMS, (1, quantiles), dB.

    Over the frames that are not silent. Limiters and drives reduce the highest ones.
    """
    hop = recording.n_fft // 2
    length = hop * len(recording.kept)
    frames = recording.audio[:, :length].unfold(-1, hop, hop)[:, recording.kept]
    power = frames[..., ::SAMPLED].square().flatten()
    found = quantiles(power, AMPLITUDE_SHARES)
    return (decibels(found) - decibels(power.mean()))[None]


MOVEMENT = Loss(
    "band dynamics",
    "dynamics",
    movement,
    within_scale=2.2,
    between_scale=5.0,
    effective_observations=6.0,
    per_octave=FINE,
)
ATTACK = Loss(
    "attacks",
    "dynamics",
    attack,
    within_scale=2.5,
    between_scale=4.6,
    effective_observations=4.0,
    per_octave=COARSE,
)
CREST = Loss(
    "crest", "dynamics", crest, within_scale=1.0, between_scale=5.5, effective_observations=3.0
)
