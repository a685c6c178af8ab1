"""Where something begins in a recording."""

import numpy as np

from fxchain.notes.spectra import Spectra

#: A frame is compared with one so long before it, s.
LAG_SECONDS = 0.025
#: Bands: so many to an octave, from here on, Hz; narrow ones are widened to this, Hz.
_BANDS_PER_OCTAVE, _LOWEST_HZ, _WIDTH_HZ = 24, 27.5, 22.0
#: Amplitudes count above this share of the largest (−60 dB).
_FLOOR = 1e-3


def onset_strength(spectra: Spectra) -> np.ndarray:
    """Return how much each moment adds to the spectrum, (frames,), 0 to 1.

    The sum of the rises of the logarithms of band amplitudes, over the sum of what is there. The
    rise of a band is taken over the largest of it and its neighbours before, so that vibrato
    adds nothing.

    Source:
        Böck and Widmer 2013 (SuperFlux)
    """
    bands, lag = _bands(spectra), round(LAG_SECONDS / spectra.hop_seconds)
    level = np.log10(1.0 + bands / (_FLOOR * (bands.max() + 1e-30)))
    before = level.copy()
    before[:, 1:] = np.maximum(before[:, 1:], level[:, :-1])
    before[:, :-1] = np.maximum(before[:, :-1], level[:, 1:])
    found = np.zeros(len(level))
    rise = np.clip(level[lag:] - before[:-lag], 0.0, None).sum(axis=1)
    found[lag - 1 : lag - 1 + len(rise)] = rise / (level[lag:].sum(axis=1) + 3.0)
    return found


def _bands(spectra: Spectra) -> np.ndarray:
    """Return the largest amplitude in each band, (frames, bands)."""
    count, spacing = spectra.amplitudes.shape[1], spectra.spacing_hz
    bands = int(_BANDS_PER_OCTAVE * np.log2(0.9 * count * spacing / _LOWEST_HZ))
    centres = _LOWEST_HZ * 2.0 ** (np.arange(bands) / _BANDS_PER_OCTAVE)
    wide = np.maximum(centres * 2.0 ** (1.0 / _BANDS_PER_OCTAVE) - centres, 0.5 * _WIDTH_HZ)
    first = np.maximum(np.round((centres - wide) / spacing).astype(int), 0)
    last = np.round((centres + wide) / spacing).astype(int) + 1
    pairs = zip(first, last, strict=True)
    return np.stack([spectra.amplitudes[:, low:high].max(axis=1) for low, high in pairs], axis=1)
