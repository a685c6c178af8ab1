"""GSM full rate: the codec of mobile phones, at 8 kHz."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fxchain.parameter import ParameterSpec
from fxchain.player import Playback
from fxchain.primitives.base import Primitive
from fxchain.primitives.resample import QUALITIES

if TYPE_CHECKING:
    import pedalboard


def plugin(playback: Playback, quality: float) -> pedalboard.Plugin:
    """Return pedalboard's GSMFullRateCompressor; channels are added up before the codec."""
    import pedalboard

    return pedalboard.GSMFullRateCompressor(quality=pedalboard.Resample.Quality(round(quality)))


PRIMITIVE = Primitive(
    kind="gsm_full_rate_compressor",
    summary="Sounds as a mobile phone does: the GSM codec at 8 kHz, and back.",
    nature="opaque",
    purpose="drive",
    parameters=(
        ParameterSpec(
            "quality", "", 0.0, 10.0, 10.0, choices=QUALITIES, enumeration="Resample.Quality"
        ),
    ),
    gradient="none",
    plugin=plugin,
    twin="GSMFullRateCompressor",
    cross_channel=True,
    whole=True,
    probe={"quality": 0.0},
    not_realtime="the codec works on long frames at 8 kHz, and plays recordings whole",
)
