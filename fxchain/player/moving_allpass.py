"""All-passes in series whose corners move, with a filtered loop around them, in numpy.

The recursion is linear in audio and state. So runs of samples are played side by side, each once
with its audio and no state, and once with each state at 1 and no audio; the states that the runs
begin with follow from one to the next, and what a run plays is the sum.
"""

import numpy as np

from fxchain.player.loop_filter import LoopFilter
from fxchain.player.playback import Playback


def allpass_loop(
    audio: np.ndarray,
    gains: np.ndarray,
    loop: LoopFilter,
    playback: Playback,
    name: str,
) -> np.ndarray:
    """Return what all-passes make of audio.

    Args:
        audio: (channels, samples)
        gains: (samples, stages), of the one-pole in each all-pass
        loop: what is subtracted from the input
        playback: its `state` keeps what the next block begins with
        name: of that

    Returns:
        (channels, samples), float64
    """
    count = gains.shape[1] + 2
    state = playback.state.get(name, np.zeros((count, len(audio))))
    made = np.empty(audio.shape)
    for begin in range(0, audio.shape[1], 65_536):
        span = slice(begin, begin + 65_536)
        made[:, span], state = _played(audio[:, span], gains[span], loop, state)
    playback.state[name] = state
    return made


def _played(
    audio: np.ndarray, gains: np.ndarray, loop: LoopFilter, state: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return what is played, and the state behind it, (states, channels)."""
    (channels, samples), count = audio.shape, len(state)
    length = int(np.ceil(np.sqrt(samples)))
    runs = -(-samples // length)
    missing = runs * length - samples
    x = np.pad(audio.astype(np.float64), ((0, 0), (0, missing)))
    x = x.reshape(channels, runs, length).transpose(2, 1, 0)
    curves = np.pad(gains, ((0, missing), (0, 0))).reshape(runs, length, -1).transpose(1, 2, 0)
    states = np.zeros((count, runs, channels + count))
    states[np.arange(count), :, channels + np.arange(count)] = 1.0
    heard, entered = np.empty((length, runs, channels + count)), np.zeros((runs, channels + count))
    last = np.empty((count, channels + count))
    for t in range(length):
        entered[:, :channels] = x[t]
        _step(entered, states, curves[t][..., None], loop, heard[t])
        if t == length - 1 - missing:
            last = states[:, -1].copy()
    ends = [states[:, run] for run in range(runs - 1)] + [last]
    made = np.empty((channels, runs, length))
    for run, end in enumerate(ends):
        played = heard[:, run]
        made[:, run] = (played[:, :channels] + played[:, channels:] @ state).T
        state = end[:, :channels] + end[:, channels:] @ state
    return made.reshape(channels, -1)[:, :samples], state


def _step(
    entered: np.ndarray,
    states: np.ndarray,
    gains: np.ndarray,
    loop: LoopFilter,
    out: np.ndarray,
) -> None:
    """Play one sample of every run and column; the states move on.

    Args:
        entered: (runs, columns)
        states: (stages + 2, runs, columns), those of low-pass and high-pass last
        gains: (stages, runs, 1)
        loop: as above
        out: (runs, columns)
    """
    o = entered
    if loop.feedback:
        own, through = np.zeros_like(entered), np.ones_like(gains[0])
        for gain, state in zip(gains, states[:-2], strict=True):
            turn = 2.0 * gain - 1.0
            own = turn * own + (1.0 - turn) * state
            through = through * turn
        o = loop.enter(entered, own, through, states[-2:])
    for gain, state in zip(gains, states[:-2], strict=True):
        v = gain * (o - state)
        lowpassed = v + state
        np.add(lowpassed, v, out=state)
        o = 2.0 * lowpassed - o
    out[:] = o
    if loop.feedback:
        loop.follow(o, states[-2:])
