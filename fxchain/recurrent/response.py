"""A linear response behind a recurrent network: a loudspeaker, a tone control.

A network of few units has no room for the many resonances of a loudspeaker. As it is linear, its
response follows from the network's output in closed form, by least squares.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.fft

from fxchain.alignment.aligned_audio import AlignedAudio
from fxchain.fir.least_squares import solve_filter
from fxchain.recurrent.recording import Recording, tilted

#: Length, s, shorter than what is played before a piece.
SECONDS = 0.0116
#: Weight of the penalty ‖h − δ‖², relative to the energy of the network's output, δ no filter.
RIDGE = 1e-5
#: Transforms are about so many times as long.
TRANSFORM = 8


@dataclass(frozen=True, eq=False)
class Response:
    """A causal filter.

    Attributes:
        taps: (taps,), float32
    """

    taps: np.ndarray

    @property
    def memory(self) -> int:
        """Return how many samples before one it depends on."""
        return len(self.taps) - 1

    @property
    def transform(self) -> int:
        """Return the length of the transforms, samples, one that is quick."""
        return int(scipy.fft.next_fast_len(TRANSFORM * len(self.taps), real=True))

    @property
    def block(self) -> int:
        """Return how many samples one transform gives."""
        return self.transform - self.memory

    @cached_property
    def _spectrum(self) -> np.ndarray:
        spectrum: np.ndarray = scipy.fft.rfft(self.taps, self.transform)
        return spectrum

    def played(self, signals: np.ndarray, begin: int = 0) -> np.ndarray:
        """Return (samples, …) float32 filtered along the first axis, from a sample on.

        Before all samples there is silence.
        """
        length, spectrum = self.transform, self._spectrum
        columns = spectrum.reshape(-1, *[1] * (signals.ndim - 1))
        parts = []
        for start in range(begin, len(signals), self.block):
            first, end = max(start - self.memory, 0), min(start + self.block, len(signals))
            part = scipy.fft.rfft(signals[first:end], length, axis=0)
            part *= columns
            parts.append(scipy.fft.irfft(part, length, axis=0)[start - first : end - first])
        return parts[0] if len(parts) == 1 else np.concatenate(parts)


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
