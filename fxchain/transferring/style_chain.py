"""The chain of a transfer: few and broad effects, all at neutral values."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from fxchain.preset import parse_chain
from fxchain.structure.named import choose
from fxchain.structure.neutral import neutral_values
from fxchain.structure.template import Template

Node = dict[str, Any]

#: The name of the chain on the command line.
STYLE = "style"


def _effect(kind: str, **parameters: float) -> Node:
    return {"primitive": kind, "parameters": parameters}


def _band(kind: str, cutoff_frequency_hz: float, q: float = 0.6) -> Node:
    return _effect(kind, cutoff_frequency_hz=cutoff_frequency_hz, gain_db=0.0, q=q)


_TONE = [
    _band("low_shelf_filter", 120.0),
    *(_band("peak_filter", hz) for hz in (200.0, 500.0, 1_200.0, 3_000.0)),
    _band("high_shelf_filter", 6_500.0),
]
_DRIVE: Node = {
    "mix": [
        {"weight": 1.0, "chain": []},
        {"weight": 0.0, "chain": [_effect("distortion", drive_db=12.0)]},
    ]
}
_COMPRESSOR = _effect("compressor", threshold_db=-25.0, ratio=1.0, attack_ms=7.0, release_ms=110.0)
_GAIN = _effect("gain", gain_db=0.0)
_STEREO = _effect("stereo", width=1.0, balance_db=0.0)
_REVERB = _effect("reverb", room_size=0.5, damping=0.5, wet_level=0.0, dry_level=0.5, width=1.0)


def style_chain(channels: int) -> Template:
    """Return broad filters, drive, compressor, gain and reverb, all free and neutral.

    Args:
        channels: of the input; for two there is an effect of the stereo image as well
    """
    image = [_STEREO] if channels == 2 else []
    nodes = {"chain": [*_TONE, _DRIVE, _COMPRESSOR, _GAIN, *image, _REVERB]}
    stage, values, _ = parse_chain(nodes, f"the chain {STYLE!r}")
    return Template(STYLE, stage, values, np.ones(stage.size, dtype=bool))


def choose_chain(chain: str | Path, channels: int) -> Template:
    """Return the chain a user chose, its free controls at neutral values.

    Args:
        chain: `style`, one of the chains that `match` knows, or a file that describes one
        channels: of the input

    Raises:
        MatchError: it is neither a name nor a file.
        PresetError: the file is no chain.
    """
    if str(chain) == STYLE:
        return style_chain(channels)
    template = choose(chain, None, only_pedalboard=False)
    neutral = neutral_values(template.stage, template.values)
    return replace(template, values=np.where(template.free, neutral, template.values))
