"""How far two recordings of an instrument are apart."""

import numpy as np

from fxchain.synth.search.bands import Bands, log_ratio

#: Windows, samples at 44.1 kHz; there is a frame every quarter of them.
WINDOWS = (512, 1_024, 2_048, 4_096)
BANDS = 64


def mel_spectral_distance(samples: np.ndarray, target: np.ndarray, sample_rate: float) -> float:
    """Return the mean difference of mel-band powers over several resolutions, dB.

    Powers are floored 60 dB below the target's peak.

    Args:
        samples: (samples,)
        target: (samples,), of the same length
        sample_rate: Hz
    """
    found = []
    for size in WINDOWS:
        scaled = 2 ** round(float(np.log2(size * sample_rate / 44_100.0)))
        view = Bands(scaled, scaled // 4, BANDS, sample_rate)
        found.append(np.abs(log_ratio(view.powers(samples), view.powers(target))).mean())
    return float(np.mean(found))
