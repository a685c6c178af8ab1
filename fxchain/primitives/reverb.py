"""Reverb: the sound of a room (Freeverb)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from fxchain.parameter import ParameterSpec
from fxchain.player import Playback
from fxchain.primitives.base import Primitive
from fxchain.primitives.evidence import decay

if TYPE_CHECKING:
    import pedalboard


def plugin(
    playback: Playback,
    room_size: float,
    damping: float,
    wet_level: float,
    dry_level: float,
    width: float,
) -> pedalboard.Plugin:
    """Return pedalboard's Reverb; a dry level of 0.5 is unity, the width needs two channels."""
    import pedalboard

    return pedalboard.Reverb(
        room_size=room_size,
        damping=damping,
        wet_level=wet_level,
        dry_level=dry_level,
        width=width,
        freeze_mode=0.0,
    )


def starts(
    audio: np.ndarray, playback: Playback, echo_seconds: Sequence[float]
) -> Sequence[Mapping[str, float]]:
    """Return small and large rooms, bright and dull; see `Primitive`."""
    return [
        {"room_size": room_size, "damping": damping, "wet_level": 0.3, "dry_level": 0.4}
        for room_size in (0.2, 0.5, 0.8)
        for damping in (0.3, 0.7)
    ]


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
    twin="Reverb",
    cross_channel=True,
    neutral={"wet_level": 0.0, "dry_level": 0.5},
    starts=starts,
    probe={
        "room_size": 0.5,
        "damping": 0.5,
        "wet_level": 0.3,
        "dry_level": 0.4,
        "width": 0.7,
    },
    evidence=decay,
)
