"""A patch and notes in, audio out."""

from collections.abc import Sequence

import numpy as np

from fxchain.errors import MatchError
from fxchain.notes.note import Note
from fxchain.synth.patch import Patch
from fxchain.synth.voice.playing import play_voice

#: No performance is rendered that is longer, s.
LONGEST_SECONDS = 3_600.0


def render_patch(
    patch: Patch, notes: Sequence[Note], sample_rate: int, samples: int | None = None
) -> np.ndarray:
    """Return what a patch makes of notes.

    Args:
        patch: voice and effects
        notes: what it plays
        sample_rate: Hz
        samples: where to end; None: when all notes have faded away

    Returns:
        (channels, samples) float32

    Raises:
        MatchError: there are no notes, or they last longer than an hour.
    """
    if not notes:
        raise MatchError("there are no notes to play; give a MIDI file with notes")
    last = max(note.start_seconds + note.duration_seconds for note in notes)
    if last > LONGEST_SECONDS:
        raise MatchError(f"the notes last {last:.0f} s; at most {LONGEST_SECONDS:.0f} s are played")
    played = play_voice(np, patch.voice, notes, sample_rate, samples)[None].astype(np.float32)
    preset = patch.preset
    if preset is None:
        return played
    return np.asarray(preset.board(sample_rate)(played, sample_rate), dtype=np.float32)
