"""The impulse response of a linear plugin, measured by playing it."""

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


def capture(
    plugin: pedalboard.Plugin,
    channels: int,
    samples: int,
    sample_rate: float,
    *,
    cross_channel: bool,
) -> np.ndarray:
    """Measure a linear, time-invariant plugin.

    Args:
        plugin: the effect; it is reset first
        channels: 1 or 2
        samples: length of the response
        sample_rate: Hz
        cross_channel: whether the output of one channel depends on another channel

    Returns:
        (channels, samples): each channel's own response; or, across channels and stereo,
        (out, in, samples)
    """
    if not cross_channel or channels == 1:
        impulse = np.zeros((channels, samples), dtype=np.float32)
        impulse[:, 0] = HEIGHT
        return play_whole(plugin, impulse, sample_rate) / np.float32(HEIGHT)
    responses = []
    for channel in range(channels):
        impulse = np.zeros((channels, samples), dtype=np.float32)
        impulse[channel, 0] = HEIGHT
        responses.append(play_whole(plugin, impulse, sample_rate) / np.float32(HEIGHT))
    return np.stack(responses, axis=1)
