"""The impulse response of a linear plugin, measured by playing it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pedalboard

#: A taller impulse lifts the response above the plugin's own rounding.
HEIGHT = 4096.0


#: pedalboard cannot tell channels from samples in shorter recordings.
SHORTEST = 64


def play_whole(plugin: pedalboard.Plugin, audio: np.ndarray, sample_rate: float) -> np.ndarray:
    """Play (channels, samples) float32 audio from silence; sample_rate in Hz."""
    missing = max(SHORTEST - audio.shape[1], 0)
    padded = np.pad(audio, ((0, 0), (0, missing))) if missing else audio
    return plugin(padded, sample_rate, reset=True)[:, : audio.shape[1]]


def play_each(
    plugins: Sequence[Any], signals: Sequence[np.ndarray], sample_rate: float
) -> list[np.ndarray]:
    """Play each signal with a plugin of its own, from silence.

    Plugins that have a method `play_each` of the same form are played by that of the first, all in
    one call; others are played one after the other.

    Args:
        plugins: of one kind
        signals: (channels, samples) float32, one for each plugin
        sample_rate: Hz
    """
    together = getattr(plugins[0], "play_each", None)
    if together is None or min(signal.shape[1] for signal in signals) < SHORTEST:
        pairs = zip(plugins, signals, strict=True)
        return [play_whole(plugin, signal, sample_rate) for plugin, signal in pairs]
    found: list[np.ndarray] = together(plugins, signals, sample_rate)
    return found


def capture(
    plugin: pedalboard.Plugin,
    channels: int,
    samples: int,
    sample_rate: float,
    *,
    cross_channel: bool,
) -> np.ndarray:
    """Measure a linear, time-invariant plugin; see `capture_each`."""
    return capture_each([plugin], channels, samples, sample_rate, cross_channel=cross_channel)[0]


def capture_each(
    plugins: Sequence[Any],
    channels: int,
    samples: int,
    sample_rate: float,
    *,
    cross_channel: bool,
) -> list[np.ndarray]:
    """Measure linear, time-invariant plugins.

    Args:
        plugins: the effects, of one kind; each is reset first
        channels: 1 or 2
        samples: length of the response
        sample_rate: Hz
        cross_channel: whether the output of one channel depends on another channel

    Returns:
        of each (channels, samples): each channel's own response; or, across channels and stereo,
        (out, in, samples)
    """
    mixed = cross_channel and channels > 1
    responses = []
    for channel in [[channel] for channel in range(channels)] if mixed else [slice(None)]:
        impulse = np.zeros((channels, samples), dtype=np.float32)
        impulse[channel, 0] = HEIGHT
        played = play_each(plugins, [impulse] * len(plugins), sample_rate)
        responses.append([each / np.float32(HEIGHT) for each in played])
    if not mixed:
        return responses[0]
    return [np.stack(columns, axis=1) for columns in zip(*responses, strict=True)]
