"""What a note adds to what still sounds when it begins."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from fxchain.notes.spectra import Spectra

#: A peak is new where its power is at least so many times the one before the onset.
_NEW = 2.0


def new_bins(spectra: Spectra, starts: Sequence[int]) -> np.ndarray:
    """Return where a spectrum is larger than just before the last onset, (frames, bins).

    What sounded before fades away; what has grown belongs to the new note.

    Args:
        spectra: of the recording
        starts: frames of the onsets, increasing
    """
    from scipy.ndimage import maximum_filter1d

    power = np.square(spectra.amplitudes)
    # the window of the spectrum before an onset must not reach into the note
    ahead = round(0.5 * spectra.frame_seconds / spectra.hop_seconds)
    found = np.ones(power.shape, dtype=bool)
    for first, last in pairwise([*starts, len(power)]):
        if first >= ahead:
            before = maximum_filter1d(power[first - ahead], 3)
            found[first:last] = power[first:last] > _NEW * before
    return found
