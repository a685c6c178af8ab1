"""The level: loudness, events, and how the loudness is spread over time."""

import math

import torch
from torch import Tensor

from fxchain.transferring.bands import band_matrix
from fxchain.transferring.descriptors import COARSE, LEAST_POWER, Descriptors, decibels, quantiles
from fxchain.transferring.loss import Loss

SHARES = (0.1, 0.25, 0.5, 0.75, 0.9, 0.97)
#: Events are as loud as few frames are, and stand above what many stay below; so much of that
#: counts. So much counts of how full the octaves are, of which none is taken to be further below
#: the loudness. benchmarks/likeness.py fits both, behind the hidden chain and before it; these
#: lie between, to within 0.05.
EVENTS, STANDING_OUT = (0.75, 0.97), 0.4
FULL, EMPTY_DB = 0.42, 30.0


def loudness(heard: Descriptors) -> Tensor:
    """Return the loudness, (1, 1), dB: the mean weighted power of what is no silence.

    Source:
        ITU-R BS.1770-4: its weighting; frames are shorter and the gate is relative to loud ones
    """
    power = torch.exp(heard.heard_db * (math.log(10.0) / 10.0)).mean() + LEAST_POWER
    return (10.0 / math.log(10.0)) * torch.log(power)[None, None]


def standing_out(heard: Descriptors) -> Tensor:
    """Return how far events stand above what is usual, (1, 1), dB."""
    usual, loud = quantiles(heard.heard_db, EVENTS)
    return (loud - usual)[None, None]


def fullness(heard: Descriptors) -> Tensor:
    """Return how full the octaves are: the mean of their levels below the loudness, (1, 1), dB."""
    power = heard.power[:, heard.kept].mean(-1)
    octaves = decibels(band_matrix(heard.sample_rate, heard.n_fft, COARSE) @ power)
    shares = torch.exp((octaves - loudness(heard)[0]) * (math.log(10.0) / 10.0))
    return decibels(shares + 10.0 ** (-EMPTY_DB / 10.0)).mean()[None, None]


def event_level(heard: Descriptors) -> Tensor:
    """Return the level of what is played, (1, 1), dB: loudness, events and how full it is.

    At equal loudness drums would stand far above a guitar, since their few hits make up for the
    silence between them, and a bass far below, since it has all its power in two octaves. What is
    played to the same level has this in common sooner than the loudness or the peak.
    """
    return loudness(heard) + STANDING_OUT * standing_out(heard) + FULL * fullness(heard)


def spread(heard: Descriptors) -> Tensor:
    """Return quantiles of the loudness over time relative to their mean, (1, shares), dB."""
    found = quantiles(heard.heard_db, SHARES)
    return (found - found.mean())[None]


#: The loudness tells the level between sections of one recording, the event level between any.
LOUDNESS = Loss(
    "loudness", "level", loudness, within_scale=1.0, between_scale=6.0, counts=3.0, slack=1.5
)
EVENT_LEVEL = Loss(
    "event level", "level", event_level, within_scale=1.5, between_scale=1.3, counts=10.0, slack=1.0
)
#: What stays where the level is not taken over: the input's own, whatever the references are.
OWN_LOUDNESS = Loss("loudness", "level", loudness, within_scale=1.0, between_scale=1.0, counts=3.0)
SPREAD = Loss("level spread", "dynamics", spread, within_scale=2.0, between_scale=6.0, counts=3.0)
