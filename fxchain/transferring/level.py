"""The level: loudness, level of events, and the spread of the loudness over time."""

import math

import torch
from torch import Tensor

from fxchain.transferring.bands import band_matrix
from fxchain.transferring.descriptors import COARSE, LEAST_POWER, Descriptors, decibels, quantiles
from fxchain.transferring.loss import Loss

#: Quantiles of the loudness over time.
SPREAD_QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9, 0.97)
#: event level = loudness + EVENT_WEIGHT · prominence + FULLNESS_WEIGHT · fullness, with the two
#: quantiles that prominence compares and the lowest level of an octave relative to the loudness.
#: benchmarks/likeness.py fits both weights, behind a hidden chain and before it; these lie between,
#: to within 0.05.
EVENT_QUANTILES, EVENT_WEIGHT = (0.75, 0.97), 0.4
FULLNESS_WEIGHT, EMPTY_DB = 0.42, 30.0


def loudness(recording: Descriptors) -> Tensor:
    """Return the loudness, (1, 1), dB: the mean K-weighted power of the kept frames.

    Source:
        ITU-R BS.1770-4: its weighting; frames are shorter and the gate is relative to loud ones
    """
    power = torch.exp(recording.gated_loudness_db * (math.log(10.0) / 10.0)).mean() + LEAST_POWER
    return (10.0 / math.log(10.0)) * torch.log(power)[None, None]


def prominence(recording: Descriptors) -> Tensor:
    """Return how far loud frames lie above usual ones, (1, 1), dB."""
    usual, loud = quantiles(recording.gated_loudness_db, EVENT_QUANTILES)
    return (loud - usual)[None, None]


def fullness(recording: Descriptors) -> Tensor:
    """Return the mean level of the octaves relative to the loudness, (1, 1), dB."""
    power = recording.power[:, recording.kept].mean(-1)
    octaves = decibels(band_matrix(recording.sample_rate, recording.n_fft, COARSE) @ power)
    shares = torch.exp((octaves - loudness(recording)[0]) * (math.log(10.0) / 10.0))
    return decibels(shares + 10.0 ** (-EMPTY_DB / 10.0)).mean()[None, None]


def event_level(recording: Descriptors) -> Tensor:
    """Return the event level, (1, 1), dB, a loudness that compares different instruments.

    At equal loudness the hits of drums are far louder than a guitar, because of the pauses between
    them, and a bass is softer, because its power lies in two octaves. Across instruments recorded
    at one level the event level varies less than loudness or peak.
    """
    events = loudness(recording) + EVENT_WEIGHT * prominence(recording)
    return events + FULLNESS_WEIGHT * fullness(recording)


def spread(recording: Descriptors) -> Tensor:
    """Return quantiles of the loudness over time relative to their mean, (1, quantiles), dB."""
    found = quantiles(recording.gated_loudness_db, SPREAD_QUANTILES)
    return (found - found.mean())[None]


#: Between sections of one recording the loudness is the more precise, between instruments the event
#: level.
LOUDNESS = Loss(
    "loudness",
    "level",
    loudness,
    within_scale=1.0,
    between_scale=6.0,
    effective_observations=3.0,
    slack=1.5,
)
EVENT_LEVEL = Loss(
    "event level",
    "level",
    event_level,
    within_scale=1.5,
    between_scale=1.3,
    effective_observations=10.0,
    slack=1.0,
)
#: Where the level is not transferred, the input's own loudness is the target.
OWN_LOUDNESS = Loss(
    "loudness", "level", loudness, within_scale=1.0, between_scale=1.0, effective_observations=3.0
)
SPREAD = Loss(
    "level spread",
    "dynamics",
    spread,
    within_scale=2.0,
    between_scale=6.0,
    effective_observations=3.0,
)
