"""A chain as loud as the wet, for tangents.

The gain with the least error is that of equal energies times the correlation of chain and wet.
Where they do not correlate it is near nothing, and what is inserted before it changes nothing.
"""

import numpy as np

from fxchain.objectives.excerpt import Excerpt
from fxchain.objectives.play_excerpt import play_excerpt
from fxchain.structure.candidate import Candidate
from fxchain.structure.equalizer_bands import level_index

#: Below this energy audio is silent.
_SILENT = 1e-20


def at_wet_level(candidate: Candidate, excerpt: Excerpt, sample_rate: int) -> Candidate:
    """Return a candidate whose gain makes the energy of its output that of the wet.

    Args:
        candidate: the chain, whose loss is kept; the same where no gain sets its level, or where
            one of the two is silent
        excerpt: what is compared
        sample_rate: Hz
    """
    stage, values = candidate.stage, candidate.values.copy()
    index = level_index(stage, values, candidate.free)
    if index is None:
        return candidate
    first, known = excerpt.first_valid, excerpt.known()
    played = play_excerpt(stage, values, excerpt, sample_rate)
    parts = (audio[:, first:] * known for audio in (played, excerpt.wet))
    energies = [float(np.square(each, dtype=np.float64).sum()) for each in parts]
    if min(energies) < _SILENT:
        return candidate
    spec = stage.slots()[index].spec
    wanted = values[index] + 10.0 * np.log10(energies[1] / energies[0])
    values[index] = np.clip(wanted, spec.low, spec.high)
    return candidate.at(values, candidate.loss)
