"""The octave of notes that were found: each one is fitted briefly."""

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
from fxchain.synth.search.pitch_loss import log_bands, pitch_loss
from fxchain.synth.search.schedule import starts

#: Shifts of all notes that are fitted, semitones; the first one is what was found.
OCTAVES = (0, 12, -12)
#: Starts that are refined for each octave, and the share of its time at which the draws end.
REFINED, DRAWN_UNTIL = 3, 0.4


@dataclass(frozen=True)
class FittedOctave:
    """Notes in the octave that is fitted best.

    Attributes:
        notes: in order
        shift: from where they were found, semitones
        tried: shifts that were fitted, with the transport of power from the voice to the
            recording, semitones
    """

    notes: tuple[Note, ...]
    shift: int
    tried: tuple[tuple[int, float], ...]


def nearest_octave(audio: Audio, found: FoundNotes, budget: BudgetView, seed: int) -> FittedOctave:
    """Return the notes in the octave in which a voice comes nearest to the recording.

    A voice in a wrong octave has harmonics where there are none, or none where there are some:
    its bands may come near, but power has to be carried far along frequency.

    Args:
        audio: the recording
        found: its notes
        budget: for all octaves together; of notes that are given it is not used
        seed: of the starts
    """
    if not found.found:
        return FittedOctave(found.notes, 0, ())
    tried = []
    for number, shift in enumerate(OCTAVES):
        part = budget.portion((number + 1) / len(OCTAVES))
        tried.append((shift, _brief(heard(audio, found.shifted(shift)), part, seed)))
    shift = min(tried, key=lambda each: each[1])[0]
    return FittedOctave(found.shifted(shift), shift, tuple(tried))


def _brief(stretch: Heard, budget: BudgetView, seed: int) -> float:
    """Return the transport from the voice that a brief search ends at, semitones."""
    analytic = analytic_bands(stretch)
    space, cubes = starts(stretch, analytic, budget.portion(DRAWN_UNTIL), seed)
    every = np.arange(len(space.specs))
    objective = ResidualObjective(lambda cube: analytic.residual(space.voice(cube)), every)
    descent = LevenbergMarquardt(steps=6, phase="octave")
    ends = [descent.minimize(objective, cube, budget) for cube in cubes[:REFINED]]
    nearest = min(ends, key=lambda each: each.loss)
    return pitch_loss(log_bands(stretch), space.voice(nearest.cube))
