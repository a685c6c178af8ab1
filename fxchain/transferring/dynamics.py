"""The dynamics inside the sound: crest, attacks, and how each band moves over time."""

import torch
from torch import Tensor

from fxchain.transferring.descriptors import COARSE, FINE, Descriptors, decibels, quantiles
from fxchain.transferring.loss import Loss

#: Attacks are measured over so long, s.
RISES_SECONDS = (0.006, 0.025)
#: The steepest rises and falls, as shares of all moments.
STEEP = (0.8, 0.95, 0.99)
BAND_SHARES = (0.15, 0.4, 0.6, 0.85, 0.97)
AMPLITUDE_SHARES = (0.5, 0.8, 0.95, 0.99, 0.999)
#: Of so many samples one is looked at.
SAMPLED = 3


def movement(heard: Descriptors) -> Tensor:
    """Return how far each third of an octave's level lies around its mean, (bands, shares), dB."""
    found = quantiles(heard.levels_db, BAND_SHARES)
    return found - found.mean(-1, keepdim=True)


def attack(heard: Descriptors) -> Tensor:
    """Return the steepest rises of each octave's level, (bands, times · shares), dB."""
    found = [quantiles(heard.changes_db(seconds), STEEP) for seconds in RISES_SECONDS]
    return torch.cat(found, dim=1)


def crest(heard: Descriptors) -> Tensor:
    """Return quantiles of the samples' magnitudes relative to the root mean square, (1, shares).

    In dB, over the frames that are no silence: what a limiter or a drive flattens.
    """
    hop = heard.n_fft // 2
    length = hop * len(heard.kept)
    frames = heard.audio[:, :length].unfold(-1, hop, hop)[:, heard.kept]
    power = frames[..., ::SAMPLED].square().flatten()
    found = quantiles(power, AMPLITUDE_SHARES)
    return (decibels(found) - decibels(power.mean()))[None]


MOVEMENT = Loss(
    "band dynamics",
    "dynamics",
    movement,
    within_scale=2.2,
    between_scale=5.0,
    counts=6.0,
    per_octave=FINE,
)
ATTACK = Loss(
    "attacks",
    "dynamics",
    attack,
    within_scale=2.5,
    between_scale=4.6,
    counts=4.0,
    per_octave=COARSE,
)
CREST = Loss("crest", "dynamics", crest, within_scale=1.0, between_scale=5.5, counts=3.0)
