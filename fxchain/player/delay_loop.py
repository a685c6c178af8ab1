"""A delay line that is read at delays that move, with a filtered loop around it, in numpy.

Samples are played together as long as none of them reads what they write themselves; where the
delay is shorter than a sample, one at a time.
"""

import numpy as np

from fxchain.player.loop_filter import LoopFilter
from fxchain.player.moving_delay import between, delayed
from fxchain.player.playback import Playback

#: At most so many samples are played together.
LONGEST_RUN = 256


def delay_loop(
    audio: np.ndarray,
    delays: np.ndarray,
    loop: LoopFilter,
    longest: int,
    playback: Playback,
    name: str,
) -> np.ndarray:
    """Return what comes out of the line, linear between two samples.

    Args:
        audio: (channels, samples), float32
        delays: (samples,), in samples, float32, 0 or more
        loop: what is subtracted from the audio
        longest: what no delay reaches, samples
        playback: its `state` keeps what the next block begins with
        name: of that

    Returns:
        (channels, samples), float32
    """
    if not loop.feedback:
        return delayed(audio, delays, longest, playback, name)
    reach, samples = longest + 2, audio.shape[1]
    rest = np.zeros((len(audio), reach), np.float32), np.zeros((2, len(audio)))
    past, state = playback.state.get(name, rest)
    line = np.concatenate([past, np.zeros_like(audio)], axis=1)
    whole = delays.astype(int)
    part, places = delays - whole, reach + np.arange(samples) - whole
    runs, made, begin = _Runs(loop), np.empty_like(audio), 0
    while begin < samples:
        itself = places[begin : begin + LONGEST_RUN] >= reach + begin
        run = max(int(np.argmax(itself)) if np.any(itself) else len(itself), 1)
        span, written = slice(begin, begin + run), slice(reach + begin, reach + begin + run)
        through = 1.0 - float(part[begin]) if whole[begin] == 0 else 0.0
        own = between(line, places[span], part[span])
        line[:, written] = runs.enter(audio[:, span], own, through, state)
        made[:, span] = between(line, places[span], part[span])
        state = runs.follow(made[:, span], state)
        begin += run
    playback.state[name] = line[:, line.shape[1] - reach :], state
    return made


class _Runs:
    """A loop that is played by several samples at a time.

    Args:
        loop: of a sample
    """

    def __init__(self, loop: LoopFilter) -> None:
        self._loop = loop
        # what both states and a sample of 1 lead to: what is fed back, and the states behind it
        state, inputs = np.eye(2, 3), np.zeros((LONGEST_RUN, 3))
        inputs[0, 2] = 1.0
        fed, states = np.empty((LONGEST_RUN, 3)), np.empty((LONGEST_RUN, 2, 3))
        for t, entered in enumerate(inputs):
            fed[t], states[t] = loop.follow(entered, state), state
        self._of_states, self._states = fed[:, :2], states
        later = np.arange(LONGEST_RUN)[:, None] - np.arange(LONGEST_RUN)
        self._of_samples = np.where(later >= 0, fed[np.maximum(later, 0), 2], 0.0)

    def enter(
        self, x: np.ndarray, own: np.ndarray, through: float, state: np.ndarray
    ) -> np.ndarray:
        """Return what goes in, see `LoopFilter`: x and own are (channels, samples)."""
        run = x.shape[1]
        if run == 1:
            return self._loop.enter(x, own, through, state[:, :, None])
        fed = own @ self._of_samples[:run, :run].T + state.T @ self._of_states[:run].T
        return np.asarray(x - self._loop.feedback * fed)

    def follow(self, out: np.ndarray, state: np.ndarray) -> np.ndarray:
        """Return the states behind what comes out, (channels, samples)."""
        run = out.shape[1]
        known = self._states[run - 1, :, :2] @ state
        return np.asarray(known + self._states[:run, :, 2][::-1].T @ out.T)
