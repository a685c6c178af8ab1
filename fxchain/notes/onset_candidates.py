"""Moments at which a note may begin: where the pitch changes or energy is added."""

import numpy as np

from fxchain.notes.pitch_path import GLIDE
from fxchain.notes.spectra import Spectra

#: The strongest onset is looked for so far around a change of the path, s.
AROUND_SECONDS = 0.06
#: Onsets without a change of the pitch have this strength at least; weaker ones than the second do
#: not move a change of the path.
_ALONE, _WEAK = 0.1, 0.05


def candidates(
    path: np.ndarray, loud: np.ndarray, spectra: Spectra, strength: np.ndarray, fine: Spectra
) -> list[float]:
    """Return the moments at which a note may begin, s, increasing.

    Args:
        path: (frames,) steps of the frequency axis, at the frames of `spectra`
        loud: (frames,) whether a frame is heard
        spectra: in which the path was found
        strength: (moments,) of onsets, at the frames of `fine`
        fine: in which onsets were found
    """
    changed = np.abs(np.diff(path)) > GLIDE
    begun = np.diff(loud.astype(int)) > 0
    frames = [0] if loud[0] else []
    frames += [int(each) + 1 for each in np.flatnonzero((changed & loud[1:]) | begun)]
    wide = round(AROUND_SECONDS / fine.hop_seconds)
    found = {
        _strongest(fine.frame(frame * spectra.hop_seconds), strength, wide) for frame in frames
    }
    for moment in np.flatnonzero(strength > _ALONE):
        if strength[moment] >= strength[max(moment - wide, 0) : moment + wide + 1].max():
            found.add(int(moment))
    apart: list[int] = []
    for each in sorted(found):
        if not apart or each - apart[-1] > wide // 2:
            apart.append(each)
    return [each * fine.hop_seconds for each in apart]


def _strongest(moment: int, strength: np.ndarray, wide: int) -> int:
    """Return the strongest onset around a moment, or the moment itself where there is none."""
    first = max(moment - wide, 0)
    around = strength[first : moment + wide + 1]
    return first + int(np.argmax(around)) if around.max() > _WEAK else moment
