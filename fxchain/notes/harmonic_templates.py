"""Spectra as sums of notes of one instrument."""

from dataclasses import dataclass

import numpy as np

from fxchain.notes.spectra import Spectra

#: Harmonics of a note, and the highest frequency that is compared, Hz.
HARMONICS, HIGHEST_HZ = 24, 5_000.0
#: Steps of the descent, and the power of the number of a harmonic that its level begins with.
STEPS, SLOPE = 120, -0.8
#: What a level costs, against the share of the spectrum that it explains.
SPARSITY = 0.05
#: How firmly the first shape is believed, as a share of what all spectra say.
BELIEVED = 0.1
#: Bands of noise and of the gain, and where the first one is, Hz.
NOISE_BANDS, GAIN_BANDS, LOWEST_BAND_HZ = 10, 8, 60.0
_SMALL = 1e-12


@dataclass(frozen=True, eq=False)
class Explained:
    """Spectra explained by notes.

    Attributes:
        played: (pitches, spectra) what each note is played with, before the resonances of the
            instrument
        heard: (pitches, spectra) sum of the amplitudes that each note has
        harmonics: (harmonics,) level of each harmonic, the same for all notes; their sum is 1
        tonal: (spectra,) share of the power of each spectrum that the notes explain, and not the
            bands of noise, nor what lies outside the frequencies that are compared
    """

    played: np.ndarray
    heard: np.ndarray
    harmonics: np.ndarray
    tonal: np.ndarray


def explained(amplitudes: np.ndarray, pitches: np.ndarray, spectra: Spectra) -> Explained:
    """Return the notes whose harmonics add up to spectra.

    All notes share the levels of their harmonics and a gain over frequency, as those of one
    instrument about do: an octave is told from the harmonics of a lower note by what the other
    notes are like. Noise is explained by wide bands beside them.

    Args:
        amplitudes: (spectra, bins)
        pitches: (pitches,) that there may be, MIDI numbers
        spectra: whose bins these are

    Source:
        Lee and Seung 2001 (multiplicative updates for the Kullback-Leibler divergence), with the
        harmonic templates of Vincent, Bertin and Badeau 2010, source and filter as in Virtanen and
        Klapuri 2006
    """
    bins, count = int(HIGHEST_HZ / spectra.spacing_hz), len(pitches)
    observed = amplitudes[:, :bins].T
    observed = observed / (observed.sum(axis=0, keepdims=True) + _SMALL)
    combs = _combs(pitches, bins, spectra)
    noise = _bands(NOISE_BANDS, np.arange(bins) * spectra.spacing_hz)
    noise = noise / (noise.sum(axis=1, keepdims=True) + _SMALL)
    inside, share = combs.sum(axis=2), _bands(GAIN_BANDS, _hertz(pitches)).transpose(1, 2, 0)
    harmonics = np.arange(1, HARMONICS + 1) ** SLOPE
    begun = harmonics / harmonics.sum()
    harmonics, gains, believed = begun, np.ones(GAIN_BANDS), BELIEVED * observed.shape[1]
    levels = np.full((count + len(noise), observed.shape[1]), 1.0 / count)
    for _ in range(STEPS):
        shape = harmonics * (share @ gains)
        templates = np.concatenate([np.einsum("phb,ph->pb", combs, shape), noise])
        missing = observed / (templates.T @ levels + _SMALL)
        total = templates.sum(axis=1)[:, None] * (1.0 + SPARSITY) + _SMALL
        levels = levels * (templates @ missing) / total
        missing = observed / (templates.T @ levels + _SMALL)
        wanted = np.einsum("phb,pb->ph", combs, levels[:count] @ missing.T)
        had = inside * levels[:count].sum(axis=1)[:, None]
        gain = share @ gains
        of_harmonic = [(each * gain).sum(axis=0) for each in (wanted, had)]
        harmonics = (harmonics * of_harmonic[0] + believed * begun) / (of_harmonic[1] + believed)
        of_band = [np.einsum("ph,phb,h->b", each, share, harmonics) for each in (wanted, had)]
        gains = (gains * of_band[0] + believed) / (of_band[1] + believed)
        harmonics, gains = harmonics / (harmonics.sum() + _SMALL), gains / (gains.max() + _SMALL)
    scale = amplitudes[:, :bins].sum(axis=1)
    played = levels[:count] * scale[None, :]
    shape = harmonics * (share @ gains)
    ringing = (inside * shape).sum(axis=1)
    of_notes = np.einsum("phb,ph->bp", combs, shape) @ levels[:count]
    of_notes = of_notes / (of_notes + noise.T @ levels[count:] + _SMALL)
    power = np.square(amplitudes.T)
    tonal = (power[:bins] * of_notes).sum(axis=0) / (power.sum(axis=0) + _SMALL**2)
    return Explained(played, played * ringing[:, None], harmonics, tonal)


def _hertz(pitches: np.ndarray) -> np.ndarray:
    """Return the frequencies of the harmonics, (pitches, harmonics)."""
    fundamental = 440.0 * 2.0 ** ((pitches - 69.0) / 12.0)
    return np.asarray(fundamental[:, None] * np.arange(1, HARMONICS + 1))


def _combs(pitches: np.ndarray, bins: int, spectra: Spectra) -> np.ndarray:
    """Return each harmonic of each pitch under the window, (pitches, harmonics, bins), sums of 1.

    Source:
        the transform of a Hann window, sinc(δ)/(1 − δ²) for δ in bins of a frame without zeros
    """
    at = _hertz(pitches)[:, :, None]
    away = np.abs(np.arange(bins) * spectra.spacing_hz - at) * spectra.frame_seconds
    near = np.where(np.abs(away - 1.0) < 1e-6, away + 1e-5, away)
    lobe = np.where(away < 2.0, np.abs(np.sinc(near) / (1.0 - near**2)), 0.0)
    whole = 2.0 / (spectra.spacing_hz * spectra.frame_seconds)
    return (lobe / whole).astype(np.float32)


def _bands(count: int, hertz: np.ndarray) -> np.ndarray:
    """Return wide bands that overlap by half at frequencies, (bands, …); they add up to 1."""
    places = np.log(np.maximum(hertz, 1.0) / LOWEST_BAND_HZ) / np.log(HIGHEST_HZ / LOWEST_BAND_HZ)
    places = np.clip(places, 0.0, 1.0) * (count - 1)
    return np.stack([np.clip(1.0 - np.abs(places - number), 0.0, 1.0) for number in range(count)])
