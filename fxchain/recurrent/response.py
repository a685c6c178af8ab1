"""A linear response behind a recurrent network: a loudspeaker, a tone control.

A network of few units has no room for the many resonances of a loudspeaker. As it is linear, its
response follows from the network's output in closed form, by least squares.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.signal

from fxchain.alignment.aligned_audio import AlignedAudio
from fxchain.fir.least_squares import solve_filter
from fxchain.recurrent.all_pole import AllPole, all_pole
from fxchain.recurrent.recording import Recording, tilted

#: Length, s, shorter than what is played before a piece.
SECONDS = 0.0116
#: Weight of the penalty ‖h − δ‖², relative to the energy of the network's output, δ no filter.
RIDGE = 1e-5


@dataclass(frozen=True, eq=False)
class Response:
    """A causal filter.

    Attributes:
        taps: (taps,), float32
    """

    taps: np.ndarray

    @cached_property
    def spectrum(self) -> AllPole:
        """Return a short filter with about the same spectrum."""
        return all_pole(self.taps)

    def played(self, signal: np.ndarray) -> np.ndarray:
        """Return (samples,) float32 filtered; before it there is silence."""
        found: np.ndarray = scipy.signal.oaconvolve(signal, self.taps)[: len(signal)]
        return found

    def adjoint(self, signal: np.ndarray) -> np.ndarray:
        """Return what the transposed filter makes of (samples,), float32: Σ_j h[j]·x[t + j]."""
        return self.played(signal[::-1])[::-1]


def solved_response(
    recordings: Sequence[Recording], outputs: Sequence[np.ndarray], sample_rate: int
) -> Response | None:
    """Solve the response that leads from outputs of a network to what is wanted.

    It minimises the error as it is weighted in a training, on what is trained on, but for what the
    weights change within a response; with several recordings there is one for all.

    Args:
        recordings: of which none is assumed
        outputs: what the network alone makes of what is trained on of each, (samples,)
        sample_rate: Hz

    Returns:
        None where nothing is compared, or the equations cannot be solved
    """
    parts = []
    for each, output in zip(recordings, outputs, strict=True):
        first, span = int(np.argmax(each.gain > 0.0)), slice(0, each.end)
        if first >= each.end:
            continue
        played, rest = (
            (each.gain[span] * tilted(signal[span], each.tilt))[None]
            for signal in (output, each.wanted[span] - output)
        )
        parts.append(AlignedAudio(played, rest, first))
    if not parts:
        return None
    taps = max(round(SECONDS * sample_rate), 2)
    try:
        (found,) = solve_filter(parts, taps, RIDGE)
    except np.linalg.LinAlgError:
        return None
    found[0] += 1.0
    return Response(found.astype(np.float32)) if np.all(np.isfinite(found)) else None
