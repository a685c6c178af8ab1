"""A drum and notes in, audio out."""

from collections.abc import Sequence

import numpy as np

from fxchain.errors import MatchError
from fxchain.notes.note import Note
from fxchain.synth.drum.patch import DrumPatch
from fxchain.synth.drum.playing import play_drum

#: No performance is rendered that is longer, s.
LONGEST_SECONDS = 3_600.0


def render_drum(
    patch: DrumPatch, notes: Sequence[Note], sample_rate: int, samples: int | None = None
) -> np.ndarray:
    """Return a hit for each note.

    Args:
        patch: the drum
        notes: when it is hit, and how hard
        sample_rate: Hz
        samples: where to end; None: when all hits have faded away

    Returns:
        (1, samples) float32

    Raises:
        MatchError: there are no notes, or they last longer than an hour.
    """
    if not notes:
        raise MatchError("there are no notes to play; give a MIDI file with notes")
    last = max(note.start_seconds for note in notes)
    if last > LONGEST_SECONDS:
        raise MatchError(f"the notes last {last:.0f} s; at most {LONGEST_SECONDS:.0f} s are played")
    played = play_drum(np, patch.drum, notes, sample_rate, samples)
    return np.asarray(played[None], dtype=np.float32)
