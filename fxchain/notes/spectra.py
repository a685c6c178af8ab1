"""Short-time spectra of a recording."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Spectra:
    """Amplitudes over time; a sine of amplitude 1 has the amplitude 1.

    Attributes:
        amplitudes: (frames, bins); frame n is centred on n · `hop_seconds`
        spacing_hz: of the bins
        frame_seconds: length of the Hann window
        hop_seconds: from frame to frame
    """

    amplitudes: np.ndarray
    spacing_hz: float
    frame_seconds: float
    hop_seconds: float

    def frame(self, seconds: float) -> int:
        """Return the frame that is nearest to a moment."""
        return min(max(round(seconds / self.hop_seconds), 0), len(self.amplitudes) - 1)


def spectra_of(
    samples: np.ndarray, sample_rate: float, frame_seconds: float, hop_seconds: float
) -> Spectra:
    """Return the spectra of (samples,), of frames with zeros behind them."""
    size, hop = round(frame_seconds * sample_rate), hop_seconds * sample_rate
    count, half = int(len(samples) / hop) + 1, size // 2
    padded = np.pad(samples, (half, half + size))
    window = np.hanning(size + 2)[1:-1]
    length = 2 ** int(np.ceil(np.log2(3 * size)))
    found = np.empty((count, length // 2 + 1))
    for number in range(count):
        first = round(number * hop)
        found[number] = np.abs(np.fft.rfft(padded[first : first + size] * window, length))
    return Spectra(found * (2.0 / window.sum()), sample_rate / length, frame_seconds, hop_seconds)
