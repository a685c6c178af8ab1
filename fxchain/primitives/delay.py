"""Delay: echoes, each softer than the one before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from fxchain.parameter import ParameterSpec
from fxchain.player import Playback
from fxchain.primitives.base import Primitive
from fxchain.primitives.evidence import echo

if TYPE_CHECKING:
    import pedalboard


def plugin(
    playback: Playback, delay_seconds: float, feedback: float, mix: float
) -> pedalboard.Plugin:
    """Return pedalboard's Delay, which cuts the time to whole samples."""
    import pedalboard

    return pedalboard.Delay(delay_seconds, feedback, mix)


def starts(
    audio: np.ndarray, playback: Playback, echo_seconds: Sequence[float]
) -> Sequence[Mapping[str, float]]:
    """Return the times of the echoes that were found; see `Primitive`."""
    return [
        {"delay_seconds": (round(s * playback.sample_rate) + 0.5) / playback.sample_rate}
        | {"feedback": 0.3, "mix": 0.3}
        for s in echo_seconds
    ]


PRIMITIVE = Primitive(
    kind="delay",
    summary="Repeats the signal after a time, each repeat softer.",
    nature="filter",
    purpose="space",
    parameters=(
        ParameterSpec("delay_seconds", "s", 0.001, 2.0, 0.3, "log"),
        ParameterSpec("feedback", "", 0.0, 0.95, 0.3),
        ParameterSpec("mix", "", 0.0, 1.0, 0.3, prior_deviation=0.12),
    ),
    gradient="signal",
    affine=frozenset({"mix"}),
    plugin=plugin,
    twin="Delay",
    quantized=frozenset({"delay_seconds"}),
    neutral={"mix": 0.0},
    starts=starts,
    probe={"delay_seconds": 0.05, "feedback": 0.4, "mix": 0.4},
    evidence=echo,
)
