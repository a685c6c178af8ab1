"""A patch as an instrument that is played live: what plays the notes, and the effects behind it."""

from collections.abc import Callable
from typing import Any

import numpy as np

from fxchain.native import (
    LiveDrum,
    LiveDrums,
    LiveInstrument,
    LivePart,
    LiveSource,
    LiveVoice,
)
from fxchain.preset import Preset
from fxchain.stage import Chain
from fxchain.synth.drum.kit import Kit
from fxchain.synth.drum.patch import DrumPatch
from fxchain.synth.patch import Patch
from fxchain.synth.patch.patch_file import PatchFile

#: At which an empty chain is described; it counts no delays.
_SAMPLE_RATE = 44_100


def live_instrument(patch: PatchFile) -> LiveInstrument:
    """Return what plays the notes of a patch, of any kind."""
    return _INSTRUMENTS[patch.FORMAT](patch)


def live_effects(patch: PatchFile) -> Preset:
    """Return the effects of a patch; where there are none, an empty chain."""
    return patch.preset or Preset(Chain(()), np.zeros(0), _SAMPLE_RATE)


def _voice(patch: Patch) -> LiveVoice:
    sources = [
        LiveSource(each.source, each.octave, each.weight, each.parameters, each.coefficients)
        for each in patch.sources
    ]
    return LiveVoice(patch.level_db, sources, patch.controls)


def _drum(patch: DrumPatch) -> LiveDrums:
    return LiveDrums((_on_key(patch, None),))


def _kit(kit: Kit) -> LiveDrums:
    return LiveDrums([_on_key(each.drum, each.key) for each in kit.drums])


def _on_key(patch: DrumPatch, key: int | None) -> LiveDrum:
    parts = [LivePart(each.source, each.weight, each.parameters) for each in patch.sources]
    return LiveDrum(key, patch.level_db, parts)


_INSTRUMENTS: dict[str, Callable[[Any], LiveInstrument]] = {
    Patch.FORMAT: _voice,
    DrumPatch.FORMAT: _drum,
    Kit.FORMAT: _kit,
}
