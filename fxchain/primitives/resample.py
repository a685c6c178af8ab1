"""Resample: to a lower sample rate and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fxchain.parameter import ParameterSpec
from fxchain.player import Playback
from fxchain.primitives.base import Primitive

if TYPE_CHECKING:
    import pedalboard

#: Interpolations, in the order of pedalboard's numbers.
QUALITIES = (
    "ZeroOrderHold",
    "Linear",
    "CatmullRom",
    "Lagrange",
    "WindowedSinc",
    "WindowedSinc256",
    "WindowedSinc128",
    "WindowedSinc64",
    "WindowedSinc32",
    "WindowedSinc16",
    "WindowedSinc8",
)


def plugin(playback: Playback, target_sample_rate: float, quality: float) -> pedalboard.Plugin:
    """Return pedalboard's Resample, which takes back its latency where it plays a whole."""
    import pedalboard

    return pedalboard.Resample(
        target_sample_rate=target_sample_rate,
        quality=pedalboard.Resample.Quality(round(quality)),
    )


PRIMITIVE = Primitive(
    kind="resample",
    summary="Goes to a lower sample rate and back: aliases, and nothing above half of that rate.",
    nature="opaque",
    purpose="drive",
    parameters=(
        ParameterSpec("target_sample_rate", "samples/s", 1_000.0, 48_000.0, 8_000.0, "log", 2.0),
        ParameterSpec(
            "quality", "", 0.0, 10.0, 8.0, choices=QUALITIES, enumeration="Resample.Quality"
        ),
    ),
    gradient="none",
    plugin=plugin,
    twin="Resample",
    whole=True,
    probe={"target_sample_rate": 8_000.0, "quality": 0.0},
    not_realtime="it is late, and plays recordings whole",
)
