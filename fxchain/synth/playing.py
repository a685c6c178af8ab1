"""A file of a patch and notes in, audio out: voices, drums, kits."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from fxchain.notes.note import Note
from fxchain.synth.drum.kit import Kit
from fxchain.synth.drum.patch import DrumPatch
from fxchain.synth.drum.play import render_drum, render_kit
from fxchain.synth.patch import Patch
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


#: What plays each kind of patch, and whether it is hit by the drums of channel 10.
_PLAYERS: dict[str, tuple[Callable[..., Any], bool]] = {
    Patch.FORMAT: (render_patch, False),
    DrumPatch.FORMAT: (render_drum, True),
    Kit.FORMAT: (render_kit, True),
}


def load_player(path: str | Path) -> Player:
    """Return the player of a `patch.json`.

    Raises:
        PresetError: there is none, or it is no patch; naming file and place.
    """
    patch = load_patch(path)
    render, drums = _PLAYERS[patch.FORMAT]
    return Player(partial(render, patch), drums)
