"""The error of what a voice plays: band powers, waveform, multi-resolution STFT."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from fxchain.synth.search.bands import Bands, log_ratio
from fxchain.synth.search.heard import Heard
from fxchain.synth.search.space import Space

#: Transforms: samples of the window, and how many bands it is summed in.
RESOLUTIONS = ((512, 40), (2_048, 64))
#: Powers are floored at this share of the largest inside the logarithm (−60 dB).
_FLOOR = 1e-6
#: How many differences of bands, and of averaged ones, say the same: there are two resolutions,
#: frames overlap fourfold.
BANDS_OVERLAP, AVERAGED_OVERLAP = 8.0, 2.0
#: Errors below these are none: of bands, dB², and of the waveform.
LEAST_DB2, LEAST_ESR = 1e-6, 1e-12
#: The phases are locked where the voice without its noise takes at least these shares away from the
#: power of the recording: of its own power, and of that of the recording.
LOCKED_OF_VOICE, LOCKED_OF_RECORDING = 0.3, 0.03


@dataclass(frozen=True, eq=False)
class AudioError:
    """What a voice plays against a stretch of a recording.

    Attributes:
        heard: the recording
        space: the coordinates
    """

    heard: Heard
    space: Space

    def play(self, cube: np.ndarray) -> np.ndarray:
        """Return what the voice at a cube plays, (samples,)."""
        samples, rate = len(self.heard.samples), self.heard.sample_rate
        played: np.ndarray = self.space.play(np, cube, self.heard.notes, rate, samples)
        return played

    @cached_property
    def _targets(self) -> list[tuple[Bands, np.ndarray]]:
        rate = self.heard.sample_rate
        views = [Bands(size, size // 4, count, rate) for size, count in RESOLUTIONS]
        return [(each, each.powers(self.heard.samples)) for each in views]

    def bands(self, cube: np.ndarray) -> np.ndarray:
        """Return the differences of band powers in dB; their squares add to a mean square."""
        played, parts = self.play(cube), []
        for view, target in self._targets:
            difference = log_ratio(view.powers(played), target).reshape(-1)
            parts.append(difference / np.sqrt(len(difference) * len(self._targets)))
        return np.concatenate(parts)

    def pooled_bands(self, cube: np.ndarray) -> np.ndarray:
        """Return the differences in dB of powers averaged over 16 frames and 4 bands.

        Single powers of noise scatter by 6 dB, and logarithms of them are least different where
        there is none of it; averages scatter by less than 1 dB.
        """
        return self.pooled_difference(self.pooled_powers(self.play(cube)))

    @cached_property
    def pooled_targets(self) -> list[np.ndarray]:
        """Return the averaged powers (frames, bands) of the recording at each resolution."""
        return [_pooled(target) for _, target in self._targets]

    def pooled_powers(self, samples: np.ndarray) -> list[np.ndarray]:
        """Return the averaged powers (frames, bands) of (samples,) at each resolution."""
        return [_pooled(view.powers(samples)) for view, _ in self._targets]

    def pooled_difference(self, powers: Sequence[np.ndarray]) -> np.ndarray:
        """Return averaged powers, of each resolution (…, frames, bands), over those of the
        recording, dB, (…, differences); their squares add to a mean square."""
        parts = []
        for each, target in zip(powers, self.pooled_targets, strict=True):
            difference = log_ratio(each, target)
            difference = difference.reshape(*difference.shape[:-2], -1)
            parts.append(difference / np.sqrt(difference.shape[-1] * len(powers)))
        return np.concatenate(parts, axis=-1)

    def waveform(self, cube: np.ndarray) -> np.ndarray:
        """Return the recording less all but the noise of the voice.

        Its squares add to the error-to-signal ratio. Another draw of the noise cannot be
        subtracted.
        """
        still = cube.copy()
        still[self.space.of_noise] = 0.0
        norm = float(np.linalg.norm(self.heard.samples)) + 1e-30
        return (self.play(still) - self.heard.samples) / norm

    def esr(self, cube: np.ndarray) -> float:
        """Return the error-to-signal ratio of the voice without its noise."""
        return float(np.square(self.waveform(cube)).sum())

    def distance(self, cube: np.ndarray) -> float:
        """Return how far a voice is from the recording: ln of the error of its bands, plus ln of
        its error-to-signal ratio, which counts as 1 at most, as that of silence does.

        A voice that is no model of the recording can come nearer in one and go away in the other;
        one that is comes nearer in both.

        Source:
            the concentrated likelihood of normal errors of unknown variances, for as many bands as
            moments
        """
        bands = float(np.square(self.bands(cube)).sum())
        return float(np.log(bands + LEAST_DB2) + np.log(min(self.esr(cube), 1.0) + LEAST_ESR))

    def locked(self, cube: np.ndarray) -> bool:
        """Tell whether the voice and the recording have the same phases, so that waveforms can be
        compared."""
        residual = self.waveform(cube)
        recorded = self.heard.samples / (float(np.linalg.norm(self.heard.samples)) + 1e-30)
        own = float(np.square(residual + recorded).sum())
        taken = 1.0 - float(np.square(residual).sum())
        return taken > max(LOCKED_OF_VOICE * own, LOCKED_OF_RECORDING)


def _pooled(powers: np.ndarray) -> np.ndarray:
    """Return the means of (frames, bands) over 16 frames and 4 bands, the last over the rest."""
    for axis, size in enumerate((16, 4)):
        starts = np.arange(0, powers.shape[axis], size)
        counts = np.diff(np.append(starts, powers.shape[axis]))
        sums = np.add.reduceat(powers, starts, axis=axis)
        powers = sums / counts.reshape((-1, 1) if axis == 0 else (1, -1))
    return powers


@dataclass(frozen=True, eq=False)
class SpectralError:
    """The distance of multi-resolution STFTs, with its gradient, for Adam.

    Attributes:
        error: what is heard and the space, without effects
        moved: the coordinates that may move
    """

    error: AudioError
    moved: np.ndarray

    def losses(self, population: np.ndarray) -> np.ndarray:
        """Return the distances (population,) of cubes (population, coordinates)."""
        return np.array([self.gradient(cube)[0] for cube in population])

    def autograd_indices(self) -> np.ndarray:
        """Return the coordinates that may move."""
        return self.moved

    def gradient(self, cube: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the distance and its gradient, (coordinates,)."""
        position = torch.tensor(cube, dtype=torch.float64, requires_grad=True)
        heard = self.error.heard
        played = self.error.space.play(
            torch, position, heard.notes, heard.sample_rate, len(heard.samples)
        )
        loss = torch.zeros((), dtype=torch.float64)
        for (size, _), target in zip(RESOLUTIONS, self._magnitudes, strict=True):
            loss = loss + _distance(_stft(played, size), target)
        loss.backward()
        gradient = position.grad
        assert gradient is not None
        return float(loss.detach()), np.nan_to_num(gradient.numpy())

    @cached_property
    def _magnitudes(self) -> list[Tensor]:
        samples = torch.from_numpy(self.error.heard.samples)
        return [_stft(samples, size) for size, _ in RESOLUTIONS]


def _stft(samples: Tensor, size: int) -> Tensor:
    """Return the powers (bins, frames) of (samples,)."""
    window = torch.hann_window(size, dtype=torch.float64)
    found = torch.stft(
        samples, size, size // 4, window=window, return_complex=True, pad_mode="constant"
    )
    return found.real.square() + found.imag.square()


def _distance(powers: Tensor, target: Tensor) -> Tensor:
    """Return spectral convergence plus mean absolute difference of the natural logarithms."""
    floor = _FLOOR * target.max() + 1e-30
    magnitude, wanted = (powers + floor).sqrt(), (target + floor).sqrt()
    convergence = (magnitude - wanted).norm() / wanted.norm()
    return convergence + (magnitude.log() - wanted.log()).abs().mean()
