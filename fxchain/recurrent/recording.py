"""What a recurrent cell is trained on, and how its errors are weighted."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

#: Share of each recording that is left out, its end.
LEFT_OUT = 0.2
#: Coefficient a of the pre-emphasis x[t] − a·x[t − 1].
PRE_EMPHASIS = 0.95


def tilted(signal: np.ndarray, amount: float) -> np.ndarray:
    """Return x[t] − amount·x[t − 1] along the first axis, what is before taken for the first."""
    found = signal.copy()
    found[1:] -= np.float32(amount) * signal[:-1]
    found[:1] -= np.float32(amount) * signal[:1]
    return found


@dataclass(frozen=True, eq=False)
class Recording:
    """What a cell is trained on.

    Attributes:
        audio: (samples,), float32, what it is fed
        wanted: (samples,), float32, what it should give
        gain: (samples,), float32, how much each sample counts; 0 where it is not compared
        assumed: what is wanted was not recorded: it is trained on, a quarter as often, and judges
            nothing
        left_out: share that is not trained on, its end, unless it is assumed
    """

    audio: np.ndarray
    wanted: np.ndarray
    gain: np.ndarray
    assumed: bool = False
    left_out: float = LEFT_OUT

    @cached_property
    def tilt(self) -> float:
        """Return the amount β by which errors are tilted before they are squared.

        The error is the mean of the plain error-to-signal ratio and of that behind a pre-emphasis,
        E = ½·(Σr²/Σw² + Σ(Pr)²/Σ(Pw)²), r the residual, w what is wanted, P = 1 − a/z: its
        spectral weights 1/Σw² + |P|²/Σ(Pw)² are those of a filter 1 − β/z, up to a factor.

        Source:
            Wright and Välimäki, "Perceptual loss function for neural modelling of audio systems",
            2020: pre-emphasis, without which treble stays poor.
        """
        gain = self.gain[: self.end]
        wanted = self.wanted[: self.end] * (gain > 0.0)
        plain, bright = (
            float(np.sum(np.square(gain * each, dtype=np.float64)))
            for each in (wanted, tilted(wanted, PRE_EMPHASIS))
        )
        if plain == 0.0:
            return 0.0
        share = PRE_EMPHASIS / (bright / plain + 1.0 + PRE_EMPHASIS**2)
        return (1.0 - math.sqrt(1.0 - 4.0 * share**2)) / (2.0 * share)

    @property
    def end(self) -> int:
        """Return where what is left out begins, samples."""
        compared = np.flatnonzero(self.gain)
        if not len(compared):
            return 0
        if self.assumed:
            return int(compared[-1]) + 1
        return int(compared[0] + (1.0 - self.left_out) * (compared[-1] + 1 - compared[0]))
