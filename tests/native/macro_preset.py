"""A preset with a linear, a log and a spline macro, as the tests of live macros share it."""

from fxchain.preset import Preset
from fxchain.preset.macros import Macro, Move
from fxchain.primitives import REGISTRY
from fxchain.stage import Chain, Effect, Mix

RATE = 44_100
STAGE = Chain(
    (
        Effect(REGISTRY["peak_filter"], id="peak"),
        Mix((Chain(), Chain((Effect(REGISTRY["distortion"], id="drive"),), id="driven")), id="mix"),
        Effect(REGISTRY["lowpass_filter"], id="low"),
        Effect(REGISTRY["gain"], id="level"),
    ),
    id="all",
)
#: Peak: frequency, gain, q; weight, weight, drive; low-pass; level.
VALUES = [900.0, 3.0, 1.1, 0.7, -0.4, 15.0, 5_000.0, -2.0]
#: Straight lines between points; one value is a weight that changes its sign.
BLEND = Macro(
    "blend",
    0.0,
    100.0,
    40.0,
    (
        Move("mix", "weight", (0.0, 30.0, 100.0), (-1.0, 0.2, 0.8), "linear", 1),
        Move("level", "gain_db", (0.0, 100.0), (-6.0, 3.0), "linear"),
    ),
    "%",
)
#: Equal ratios.
CUT = Macro(
    "Cut",
    1.0,
    11.0,
    6.0,
    (
        Move("low", "cutoff_frequency_hz", (1.0, 4.0, 11.0), (500.0, 3_000.0, 12_000.0), "log"),
        Move("drive", "drive_db", (1.0, 11.0), (6.0, 30.0), "log"),
    ),
)
#: Monotone splines on the scale of each value; the level is moved by two macros.
TONE = Macro(
    "tone",
    0.0,
    10.0,
    5.0,
    (
        Move("peak", "gain_db", (0.0, 2.0, 5.0, 10.0), (-9.0, -8.0, 3.0, 5.0)),
        Move("peak", "cutoff_frequency_hz", (0.0, 4.0, 10.0), (300.0, 800.0, 4_000.0)),
        Move("level", "gain_db", (0.0, 5.0, 10.0), (2.0, -2.0, 1.0)),
    ),
)
MACROS = (BLEND, CUT, TONE)
#: Positions other than those of the preset, one between points of each curve.
TURNED = {"blend": 12.5, "Cut": 8.75, "tone": 7.1}


def preset() -> Preset:
    """Return the preset."""
    return Preset(STAGE, VALUES, RATE, macros=MACROS)
