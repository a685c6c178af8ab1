"""A preset with two macros, as the tests of macros share it."""

from fxchain.preset import Preset
from fxchain.preset.macros import Macro, Move
from fxchain.primitives import REGISTRY
from fxchain.stage import Chain, Effect, Mix

SHELF = Effect(REGISTRY["high_shelf_filter"], id="shelf")
DRIVE = Effect(REGISTRY["distortion"], id="drive")
STAGE = Chain((SHELF, Mix((Chain(), DRIVE), id="mix")), id="all")
#: Cut-off, gain, q, weights of the clean and of the driven branch, drive.
VALUES = [1200.0, 0.0, 0.7, 1.0, 0.5, 12.0]
TONE = Macro(
    "tone",
    0.0,
    10.0,
    5.0,
    (
        Move("shelf", "gain_db", (0.0, 5.0, 10.0), (-9.0, 0.0, 4.0)),
        Move("shelf", "cutoff_frequency_hz", (0.0, 10.0), (600.0, 2400.0), "log"),
    ),
)
DIRT = Macro(
    "dirt", 0.0, 1.0, 0.5, (Move("mix", "weight", (0.0, 1.0), (0.0, 1.0), "linear", 1),), "%"
)


def preset(*macros, values=VALUES):
    """Return a preset with these macros; with both where none are given."""
    return Preset(STAGE, values, 44_100, macros=macros or (TONE, DIRT))
