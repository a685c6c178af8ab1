"""Oscillators, and delay lines that are read at delays that move."""

import numpy as np

from fxchain.player.playback import Playback


def oscillator_turns(
    playback: Playback, samples: int, rate_hz: float, phase_degrees: float
) -> np.ndarray:
    """Return the turns of an oscillator, counted from the beginning of the recording, (samples,).

    Args:
        playback: sample rate and position of the first of them
        samples: how many
        rate_hz: of the oscillator
        phase_degrees: at the first sample of the recording
    """
    time = np.arange(samples, dtype=np.float64) + playback.first_sample
    return np.asarray(rate_hz * time / playback.sample_rate + phase_degrees / 360.0)


def delayed(
    audio: np.ndarray, delays: np.ndarray, longest: int, playback: Playback, name: str
) -> np.ndarray:
    """Return audio that is late by a delay of its own at each sample, linear between two samples.

    Args:
        audio: (channels, samples), float32
        delays: (samples,), in samples, float32, 0 or more
        longest: what none of them reaches
        playback: its `state` keeps what the next block reads
        name: of that

    Returns:
        (channels, samples), float32
    """
    reach = longest + 2
    past = playback.state.get(name, np.zeros((len(audio), reach), np.float32))
    line = np.concatenate([past, audio], axis=1)
    playback.state[name] = line[:, line.shape[1] - reach :]
    whole = delays.astype(int)
    places = reach + np.arange(audio.shape[1]) - whole
    near, far = line[:, places], line[:, places - 1]
    return np.asarray(near + (delays - whole).astype(np.float32) * (far - near))
