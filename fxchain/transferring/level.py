"""The level: loudness, peak, and how the loudness is spread over time."""

import math

import torch
from torch import Tensor

from fxchain.transferring.hearing import LEAST_POWER, Hearing, decibels, quantiles
from fxchain.transferring.loss import Loss

SHARES = (0.1, 0.25, 0.5, 0.75, 0.9, 0.97)


def loudness(heard: Hearing) -> Tensor:
    """Return the loudness, (1, 1), dB: the mean weighted power of what is no silence.

    Source:
        ITU-R BS.1770-4: its weighting; frames are shorter and the gate is relative to loud ones
    """
    power = torch.exp(heard.heard_db * (math.log(10.0) / 10.0)).mean() + LEAST_POWER
    return (10.0 / math.log(10.0)) * torch.log(power)[None, None]


def peak(heard: Hearing) -> Tensor:
    """Return the level of the loudest sample, (1, 1), dB.

    What plays together is set to similar peaks where its contents are unlike: at equal loudness
    drums would stand far above a guitar.
    """
    return decibels(heard.audio.abs().amax().square())[None, None]


def spread(heard: Hearing) -> Tensor:
    """Return quantiles of the loudness over time relative to their mean, (1, shares), dB."""
    found = quantiles(heard.heard_db, SHARES)
    return (found - found.mean())[None]


LOUDNESS = Loss("loudness", "level", loudness, same=1.0, unlike=4.0, counts=3.0)
PEAK = Loss("peak", "level", peak, same=3.0, unlike=3.0, counts=3.0)
SPREAD = Loss("level spread", "dynamics", spread, same=2.0, unlike=6.0, counts=3.0)
