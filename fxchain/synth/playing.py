"""A file of a patch and notes in, audio out: voices and drums."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fxchain.notes.note import Note
from fxchain.synth.drum.patch import DrumPatch
from fxchain.synth.drum.play import render_drum
from fxchain.synth.patch_kinds import load_patch
from fxchain.synth.play import render_patch


@dataclass(frozen=True)
class Player:
    """What plays notes.

    Attributes:
        render: notes and a sample rate -> (channels, samples) float32
        drums: the drums of channel 10 of a MIDI file are for it, too
    """

    render: Callable[[Sequence[Note], int], np.ndarray]
    drums: bool


def load_player(path: str | Path) -> Player:
    """Return the player of a `patch.json`.

    Raises:
        PresetError: there is none, or it is no patch; naming file and place.
    """
    patch = load_patch(path)
    if isinstance(patch, DrumPatch):
        drum = patch
        return Player(lambda notes, rate: render_drum(drum, notes, rate), drums=True)
    voice = patch
    return Player(lambda notes, rate: render_patch(voice, notes, rate), drums=False)
