"""What no linear filter behind a chain would explain of the wet recording."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from fxchain.objectives.excerpt import Excerpt
from fxchain.objectives.loudness_weighting import loudness_weighting
from fxchain.player import Playback
from fxchain.stage import Stage
from fxchain.structure.knob_vector import KnobVector

#: Length of the windows, s; they overlap by half.
WINDOW_SECONDS = 0.046
#: What is added to the power of each input, as a share of it and of the largest over frequency.
RIDGE, FAINT = 1e-6, 1e-9


@dataclass(frozen=True, eq=False)
class CrossSpectra:
    """Averages over the windows, by bin.

    Attributes:
        hertz: (bins,), of the bins
        powers: (population, inputs, inputs, bins), the cross-spectra I*·I of the inputs of the
            filters at the end: what the chain plays and, where it counts, the dry
        along: (population, inputs, bins), their cross-spectra I*·W with the wet W
        wet: (bins,), the power of the wet
    """

    hertz: np.ndarray
    powers: np.ndarray
    along: np.ndarray
    wet: np.ndarray

    def responses(self) -> np.ndarray:
        """Return the best filters behind the inputs, (population, inputs, bins), complex."""
        count = self.powers.shape[1]
        own = np.einsum("piif->pif", self.powers).real
        ridge = RIDGE * own + FAINT * own.max(axis=2, keepdims=True) + 1e-30
        system = np.moveaxis(self.powers, 3, 1) + np.moveaxis(ridge, 2, 1)[..., None] * np.eye(
            count
        )
        found = np.linalg.solve(system, np.moveaxis(self.along, 2, 1)[..., None])[..., 0]
        solved: np.ndarray = np.moveaxis(found, 1, 2)
        return solved

    def left(self) -> np.ndarray:
        """Return the share of the wet that these filters leave, (population,)."""
        explained = (self.responses().conj() * self.along).real.sum(axis=(1, 2))
        found: np.ndarray = 1.0 - explained / max(float(self.wet.sum()), 1e-30)
        return found


class LinearRemainder(KnobVector):
    """Share of the wet that the best linear filter behind a chain leaves, over the unit cube.

        E = Σ (W − |X|²/U) / Σ W,    U, W the powers of output and wet, X their cross-spectrum,

    by Welch's averages, summed over frequency: 1 − E is the coherence, weighted with the power of
    the wet. No filter is fitted, so the values of a chain with a filter at its end are searched
    without those of that filter. With the dry beside it, through a filter of its own, it is the
    multiple coherence of the two. Where windows are few it is too small: of the energy one in so
    many is explained by chance, by each input.

    Args:
        stage: the chain's structure
        values: (size,), physical; those that are not free stay
        free: (size,), bool
        excerpts: dry and wet, of one device
        sample_rate: Hz
        beside: the dry stands beside the chain

    Source:
        elimination of linear unknowns: Golub and Pereyra, "The differentiation of pseudo-inverses
        and nonlinear least squares problems whose variables separate", 1973; coherence: Bendat and
        Piersol, "Random data", 1971.
    """

    def __init__(
        self,
        stage: Stage,
        values: np.ndarray,
        free: np.ndarray,
        excerpts: Sequence[Excerpt],
        sample_rate: int,
        beside: bool = False,
    ) -> None:
        super().__init__(stage, values, free)
        self._sample_rate, self._beside = sample_rate, beside
        longest = min(excerpt.wet.shape[-1] - excerpt.first_valid for excerpt in excerpts)
        length = 2 ** round(np.log2(WINDOW_SECONDS * sample_rate))
        self._length = min(length, 2 ** int(np.log2(max(longest // 2, 2))))
        self._window = torch.hann_window(self._length, periodic=False)
        self._parts = [self._part(excerpt) for excerpt in excerpts]

    def evolution_indices(self) -> np.ndarray:
        """Return all coordinates: no derivative is used."""
        return np.arange(len(self.slots))

    def losses(self, population: np.ndarray) -> np.ndarray:
        """Return the shares that are left (population,) of cubes (population, dimension)."""
        left = self.spectra(population).left()
        return np.where(np.isfinite(left), left, np.inf)

    def spectra(self, population: np.ndarray) -> CrossSpectra:
        """Return the averages over the windows of all excerpts at cubes (population, dimension)."""
        values = torch.stack([self.tensor_values(torch.from_numpy(cube)) for cube in population])
        bins, inputs = self._length // 2 + 1, 2 if self._beside else 1
        powers = np.zeros((len(values), inputs, inputs, bins), complex)
        along, wet = np.zeros((len(values), inputs, bins), complex), np.zeros(bins)
        for part in self._parts:
            with torch.no_grad():
                dry = part.dry[None].expand(len(values), -1, -1)
                output = self.stage.process(dry, part.playback, values)
                there = self._windows(output[..., part.first :], part.weights)
            along[:, 0] += _summed(there.conj() * part.wet)
            powers[:, 0, 0] += _summed(there.conj() * there)
            if self._beside:
                powers[:, 0, 1] += _summed(there.conj() * part.beside)
                powers[:, 1, 1] += _summed((part.beside.conj() * part.beside)[None])
                along[:, 1] += _summed((part.beside.conj() * part.wet)[None])
            wet += part.wet.abs().square().sum(dim=(0, 1)).double().numpy()
        if self._beside:
            powers[:, 1, 0] = powers[:, 0, 1].conj()
        hertz = np.fft.rfftfreq(self._length, 1.0 / self._sample_rate)
        return CrossSpectra(hertz, powers, along, wet)

    def _part(self, excerpt: Excerpt) -> "_Part":
        first = excerpt.first_valid
        compared = excerpt.wet[:, first:]
        strength = excerpt.loudness_weighting
        gain = loudness_weighting(compared, self._sample_rate, strength) * excerpt.known()
        inside = torch.from_numpy(np.broadcast_to(gain, (1, compared.shape[1])).copy())[0]
        windows = inside.unfold(-1, self._length, self._length // 2)
        weights = windows.mean(dim=-1) * (windows.min(dim=-1).values > 0.0)
        wet = self._windows(torch.from_numpy(np.ascontiguousarray(compared)), weights)
        energy = max(float(wet.abs().square().sum()), 1e-30)
        weights = weights / energy**0.5
        playback = excerpt.playback(self._sample_rate)
        dry = torch.from_numpy(np.ascontiguousarray(excerpt.dry))
        beside = self._windows(dry[:, first:], weights)
        return _Part(dry, playback, first, weights, wet / energy**0.5, beside)

    def _windows(self, audio: Tensor, weights: Tensor) -> Tensor:
        """Return the spectra (…, windows, bins) of (…, samples), weighted."""
        windows = audio.unfold(-1, self._length, self._length // 2) * self._window
        return torch.fft.rfft(windows) * weights[:, None]


@dataclass(frozen=True, eq=False)
class _Part:
    """An excerpt as it is compared; `wet` and `beside`, the dry, (channels, windows, bins), are
    weighted already."""

    dry: Tensor
    playback: Playback
    first: int
    weights: Tensor
    wet: Tensor
    beside: Tensor


def _summed(products: Tensor) -> np.ndarray:
    """Return the sums over channels and windows of (population, channels, windows, bins)."""
    found: np.ndarray = products.sum(dim=(1, 2)).to(torch.complex128).numpy()
    return found
