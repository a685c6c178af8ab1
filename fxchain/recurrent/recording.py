"""What a recurrent cell is trained on."""

from dataclasses import dataclass

import numpy as np

#: Share of each recording that is left out, its end.
LEFT_OUT = 0.2


@dataclass(frozen=True, eq=False)
class Recording:
    """What a cell is trained on.

    Attributes:
        audio: (samples,), float32, what it is fed
        wanted: (samples,), float32, what it should give
        gain: (samples,), float32, how much each sample counts; 0 where it is not compared
    """

    audio: np.ndarray
    wanted: np.ndarray
    gain: np.ndarray

    @property
    def end(self) -> int:
        """Return where what is left out begins, samples."""
        compared = np.flatnonzero(self.gain)
        if not len(compared):
            return 0
        return int(compared[0] + (1.0 - LEFT_OUT) * (compared[-1] + 1 - compared[0]))
