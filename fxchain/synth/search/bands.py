"""Powers of a recording in mel bands over time."""

from dataclasses import dataclass

import numpy as np

from fxchain.synth.voice.spectrum import FADE_BEGIN

#: Powers below this share of the largest count as if they were this large (−60 dB).
FLOOR = 1e-6


@dataclass(frozen=True)
class Bands:
    """A short-time transform summed in bands.

    Attributes:
        fft_size: samples, of a Hann window
        hop: samples
        count: number of bands
        sample_rate: Hz
    """

    fft_size: int
    hop: int
    count: int
    sample_rate: float

    @property
    def window(self) -> np.ndarray:
        """Return the Hann window (fft_size,)."""
        return 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(self.fft_size) / self.fft_size)

    def matrix(self) -> np.ndarray:
        """Return the share of each bin in each band, (bins, bands).

        Triangles of equal width in mel from 30 Hz to 0.4 of the sample rate, at least two bins
        to either side.

        Source:
            O'Shaughnessy's mel scale, 1127 ln(1 + f/700)
        """
        edges = np.linspace(_mel(30.0), _mel(FADE_BEGIN * self.sample_rate), self.count + 2)
        hertz = 700.0 * np.expm1(edges / 1127.0)
        bins = np.arange(self.fft_size // 2 + 1) * self.sample_rate / self.fft_size
        wide = 2.0 * self.sample_rate / self.fft_size
        left = np.maximum(hertz[1:-1] - hertz[:-2], wide)
        right = np.maximum(hertz[2:] - hertz[1:-1], wide)
        away = bins[:, None] - hertz[None, 1:-1]
        return np.clip(1.0 - np.where(away < 0.0, -away / left, away / right), 0.0, 1.0)

    def powers(self, samples: np.ndarray) -> np.ndarray:
        """Return the power of (samples,) in each band, (frames, bands).

        Frame n is centred on sample n·hop. White noise of variance 1 has the power 1 in each bin.
        """
        half = self.fft_size // 2
        padded = np.pad(samples, (half, half + self.hop))
        frames = np.lib.stride_tricks.sliding_window_view(padded, self.fft_size)[:: self.hop]
        transform = np.fft.rfft(frames * self.window)
        power = transform.real**2 + transform.imag**2
        return power @ self.matrix() / np.square(self.window).sum()


def log_ratio(powers: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return powers over those of a target, both floored below the target's peak, dB."""
    floor = FLOOR * float(target.max()) + 1e-30
    return 10.0 * np.log10((powers + floor) / (target + floor))


def _mel(hertz: float) -> float:
    return float(1127.0 * np.log1p(hertz / 700.0))
