"""MP3: what the lossy codec leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fxchain.errors import ParameterError
from fxchain.parameter import ParameterSpec
from fxchain.player import Playback
from fxchain.primitives.base import Primitive

if TYPE_CHECKING:
    import pedalboard

#: Sample rates that the codec has, Hz.
SAMPLE_RATES = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)


def plugin(playback: Playback, vbr_quality: float) -> pedalboard.Plugin:
    """Return pedalboard's MP3Compressor, which takes back its latency where it plays a whole.

    Raises:
        ParameterError: the codec has not this sample rate.
    """
    import pedalboard

    if playback.sample_rate not in SAMPLE_RATES:
        known = ", ".join(map(str, SAMPLE_RATES))
        raise ParameterError(
            f"mp3_compressor plays at sample rates of {known} Hz, not at "
            f"{playback.sample_rate:g} Hz; convert the recording to one of these"
        )
    return pedalboard.MP3Compressor(vbr_quality=vbr_quality)


PRIMITIVE = Primitive(
    kind="mp3_compressor",
    summary="Sounds as an MP3 file does: encoded at a variable bit rate, and decoded again.",
    nature="opaque",
    purpose="drive",
    parameters=(ParameterSpec("vbr_quality", "", 0.0, 9.5, 2.0, prior_deviation=3.0),),
    gradient="none",
    plugin=plugin,
    twin="MP3Compressor",
    cross_channel=True,
    whole=True,
    sample_rates=SAMPLE_RATES,
    probe={"vbr_quality": 8.0},
    not_realtime="the codec works on long frames, and plays recordings whole",
)
