"""A drum and notes in, audio out."""

from collections.abc import Sequence

import numpy as np

from fxchain.errors import MatchError
from fxchain.notes.note import Note
from fxchain.synth.drum.kit import Kit
from fxchain.synth.drum.patch import DrumPatch
from fxchain.synth.drum.playing.hits import play_drum

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


def render_kit(kit: Kit, notes: Sequence[Note], sample_rate: int) -> np.ndarray:
    """Return a hit for each note by the drum of its key.

    Args:
        kit: the drums
        notes: when which is hit, and how hard
        sample_rate: Hz

    Returns:
        (1, samples) float32

    Raises:
        MatchError: no drum has a note, or they last longer than an hour.
    """
    parts = []
    for each in kit.drums:
        own = [note for note in notes if round(note.pitch) == each.key]
        if own:
            parts.append(render_drum(each.drum, own, sample_rate))
    if not parts:
        keys = ", ".join(str(each.key) for each in kit.drums)
        raise MatchError(f"no note is on a key of the kit, which has {keys}")
    total = np.zeros((1, max(part.shape[1] for part in parts)), dtype=np.float32)
    for part in parts:
        total[:, : part.shape[1]] += part
    return total
