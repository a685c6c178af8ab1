"""Reverb: the sound of a room (Freeverb)."""

import pedalboard

from fxchain.parameter import ParameterSpec
from fxchain.player import Playback
from fxchain.primitives.base import Primitive
from fxchain.primitives.evidence import decay


def plugin(
    playback: Playback,
    room_size: float,
    damping: float,
    wet_level: float,
    dry_level: float,
    width: float,
) -> pedalboard.Plugin:
    """Return pedalboard's Reverb; a dry level of 0.5 is unity, the width needs two channels."""
    return pedalboard.Reverb(
        room_size=room_size,
        damping=damping,
        wet_level=wet_level,
        dry_level=dry_level,
        width=width,
        freeze_mode=0.0,
    )


PRIMITIVE = Primitive(
    kind="reverb",
    summary="Adds the sound of a room.",
    nature="filter",
    purpose="space",
    parameters=(
        ParameterSpec("room_size", "", 0.0, 1.0, 0.5, prior_deviation=0.25),
        ParameterSpec("damping", "", 0.0, 1.0, 0.5, prior_deviation=0.25),
        ParameterSpec("wet_level", "", 0.0, 1.0, 0.33, prior_deviation=0.2),
        ParameterSpec("dry_level", "", 0.0, 1.0, 0.4, prior_deviation=0.15),
        ParameterSpec("width", "", 0.0, 1.0, 1.0, stereo_only=True),
    ),
    gradient="signal",
    affine=frozenset({"wet_level", "dry_level"}),
    output_levels=("wet_level", "dry_level"),
    plugin=plugin,
    cross_channel=True,
    neutral={"wet_level": 0.0, "dry_level": 0.5},
    probe={
        "room_size": 0.5,
        "damping": 0.5,
        "wet_level": 0.3,
        "dry_level": 0.4,
        "width": 0.7,
    },
    evidence=decay,
)
