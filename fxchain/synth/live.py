"""A patch as an instrument that is played live: the voice, and the effects behind it."""

import numpy as np

from fxchain.export.web_page import write_page
from fxchain.native import LiveSource, LiveVoice
from fxchain.native.plugins import Description, described
from fxchain.preset import Preset
from fxchain.preset.played_macros import live_macros
from fxchain.stage import Chain
from fxchain.synth.patch import Patch

#: At which an empty chain is described; it counts no delays.
_SAMPLE_RATE = 44_100


def live_voice(patch: Patch) -> LiveVoice:
    """Return what plays the notes of a patch."""
    sources = [
        LiveSource(each.source, each.octave, each.weight, each.parameters, each.coefficients)
        for each in patch.sources
    ]
    return LiveVoice(patch.level_db, sources, patch.controls)


def live_effects(patch: Patch) -> Preset:
    """Return the effects of a patch; where there are none, an empty chain."""
    return patch.preset or Preset(Chain(()), np.zeros(0), _SAMPLE_RATE)


def instrument(patch: Patch, name: str, channels: int | None = None) -> Description:
    """Return a patch as a plug-in.

    Args:
        patch: what plays
        name: of the plug-in
        channels: that go in: None

    Raises:
        ExportError: an effect has no real-time code, or channels are asked for.
    """
    behind = live_effects(patch)
    return described(
        name,
        behind.stage,
        behind.values,
        behind.routing,
        behind.sample_rate,
        channels,
        live_macros(behind.stage, behind.macros),
        live_voice(patch),
    )


def instrument_page(patch: Patch, title: str) -> str:
    """Return a page with a keyboard that plays a patch.

    Args:
        patch: what plays
        title: untrusted text

    Raises:
        ExportError: an effect has no real-time code, or there is no compiler.
    """
    behind = live_effects(patch)
    return write_page(
        behind.stage,
        behind.values,
        behind.routing,
        behind.sample_rate,
        title,
        live_macros(behind.stage, behind.macros),
        live_voice(patch),
    )
