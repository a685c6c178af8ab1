"""The filtered feedback of a recursion, without delay: a low-pass and a high-pass, in numpy.

What comes out, behind both, is subtracted, b times, from what goes in; both are one-poles in
topology-preserving form with the gains P and Q.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class LoopFilter:
    """The amount and the gains.

    Attributes:
        feedback: b
        lowpass: P
        highpass: Q
    """

    feedback: float
    lowpass: float
    highpass: float

    def enter(
        self, x: np.ndarray, own: np.ndarray, through: np.ndarray | float, state: np.ndarray
    ) -> np.ndarray:
        """Return what goes in.

        Args:
            x: any shape, the signal
            own: likewise, what would come out if nothing went in
            through: what comes out at once of what goes in
            state: (2, …) of the low-pass and the high-pass
        """
        fed = (1.0 - self.highpass) * (
            self.lowpass * own + (1.0 - self.lowpass) * state[0] - state[1]
        )
        share = self.feedback * (1.0 - self.highpass) * self.lowpass
        return np.asarray((x - self.feedback * fed) / (1.0 + share * through))

    def follow(self, out: np.ndarray, state: np.ndarray) -> np.ndarray:
        """Move the states on behind what comes out; return that behind both filters."""
        over = self.lowpass * (out - state[0])
        above = state[0] + over - state[1]
        state[0] += 2.0 * over
        state[1] += 2.0 * self.highpass * above
        return np.asarray((1.0 - self.highpass) * above)


def loop_filter(
    feedback: float, highpass_hz: float, lowpass_hz: float, sample_rate: float
) -> LoopFilter:
    """Return it by the corners of its filters."""
    gains = (float(one_pole_gain(each, sample_rate)) for each in (lowpass_hz, highpass_hz))
    return LoopFilter(feedback, *gains)


def one_pole_gain(frequency_hz: np.ndarray | float, sample_rate: float) -> np.ndarray:
    """Return g/(1 + g), g = tan(π·frequency/rate), the frequency at most 0.45 of the rate."""
    g = np.tan(np.pi / sample_rate * np.minimum(frequency_hz, 0.45 * sample_rate))
    return np.asarray(g / (1.0 + g))
