"""The octave of notes that were found: each one left open is fitted briefly."""

from dataclasses import dataclass

import numpy as np

from fxchain.files.audio_input import Audio
from fxchain.notes.note import Note
from fxchain.notes.one_voice import FoundNotes
from fxchain.optim.budget import BudgetView
from fxchain.optim.second_order import LevenbergMarquardt
from fxchain.synth.search.analytic_bands import analytic_bands
from fxchain.synth.search.heard import Heard, heard
from fxchain.synth.search.least_squares import ResidualObjective
from fxchain.synth.search.schedule import starts

#: Starts that are refined for each octave, and the share of its time at which the draws end.
REFINED, DRAWN_UNTIL = 3, 0.4
#: Another octave than the first is taken where its loss is at most this share of that of the first.
NEARER = 0.9


@dataclass(frozen=True)
class FittedOctave:
    """Notes in the octave that is fitted best.

    Attributes:
        notes: in order
        shift: from where they were found, semitones
        tried: shifts that were fitted, with the mean square of the differences of their bands, dB²
    """

    notes: tuple[Note, ...]
    shift: int
    tried: tuple[tuple[int, float], ...]


def nearest_octave(audio: Audio, found: FoundNotes, budget: BudgetView, seed: int) -> FittedOctave:
    """Return the notes in the octave in which a voice comes nearest to the recording.

    Args:
        audio: the recording
        found: its notes
        budget: for all octaves together; where one alone is left it is not used
        seed: of the starts
    """
    if len(found.octaves) == 1:
        return FittedOctave(found.notes, 0, ())
    tried = []
    for number, shift in enumerate(found.octaves):
        part = budget.portion((number + 1) / len(found.octaves))
        tried.append((shift, _brief(heard(audio, found.shifted(shift)), part, seed)))
    # the first explains the recording best, and is left only for one that is clearly nearer
    shift = min(tried, key=lambda each: each[1] * (1.0 if each[0] == 0 else 1.0 / NEARER))[0]
    return FittedOctave(found.shifted(shift), shift, tuple(tried))


def _brief(stretch: Heard, budget: BudgetView, seed: int) -> float:
    """Return the loss that a brief search ends at."""
    analytic = analytic_bands(stretch)
    space, cubes = starts(stretch, analytic, budget.portion(DRAWN_UNTIL), seed)
    every = np.arange(len(space.specs))
    objective = ResidualObjective(lambda cube: analytic.residual(space.voice(cube)), every)
    descent = LevenbergMarquardt(steps=6, phase="octave")
    return min(descent.minimize(objective, cube, budget).loss for cube in cubes[:REFINED])
