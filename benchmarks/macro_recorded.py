"""Devices among the shared recordings that were captured at several positions of a knob."""

import os
import re
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from recorded_pairs import VARIABLE, Pair, data_folder, read_pairs

from fxchain.devices.captures import Captures, DeviceKnob
from fxchain.devices.match_device import match_device
from fxchain.recordings.pair_source import PairSource

#: A knob and its position in the words of a source: `rate 75%`.
_POSITION = re.compile(r"([A-Za-z]+) (\d+(?:\.\d+)?)%")
#: Positions that are needed for one to be left out.
LEAST = 3


def recorded_devices(seconds: float, threads: int) -> list[str]:
    """Match each device with a knob at three positions or more; return a line for each.

    Where there is none, or no folder of recordings, the line says so.
    """
    if not os.environ.get(VARIABLE):
        return [f"skipped: devices among shared recordings, since {VARIABLE} names no folder"]
    captured = knobs_of_pairs(read_pairs(data_folder()))
    usable = {key: found for key, found in captured.items() if len(positions(found)) >= LEAST}
    if not usable:
        most = max((len(positions(found)) for found in captured.values()), default=0)
        return [
            f"skipped: of the shared recordings no device has one knob at {LEAST} positions while "
            f"the others stay (the most is {most}), so that none can be left out"
        ]
    return [_matched(*key, found, seconds, threads) for key, found in usable.items()]


def knobs_of_pairs(pairs: Sequence[Pair]) -> dict[tuple[str, str], list[tuple[float, Pair]]]:
    """Return the positions of each knob of each device and where the other knobs stay."""
    found = defaultdict(list)
    for pair in pairs:
        for match in _POSITION.finditer(pair.settings):
            others = pair.settings.replace(match.group(0), f"{match.group(1)} …")
            found[f"{pair.device}, {others}", match.group(1)].append((float(match.group(2)), pair))
    return dict(found)


def positions(found: Sequence[tuple[float, Pair]]) -> list[float]:
    """Return the positions of a knob, each once."""
    return sorted({position for position, _ in found})


def _matched(
    device: str, knob: str, found: Sequence[tuple[float, Pair]], seconds: float, threads: int
) -> str:
    sources = tuple(
        PairSource(str(p.dry), str(p.wet), p.id, dry_channel=p.dry_channel) for _, p in found
    )
    at = np.array([[position] for position, _ in found])
    captures = Captures(sources, (DeviceKnob(knob, 0.0, 100.0),), at)
    left = match_device(captures, seconds=seconds, threads=threads).metrics["device"]
    median = left["left_out_median"]
    return (
        f"{device}: captured {left['captured_median']:.1e}; left out: macro {median['esr']:.1e}, "
        f"nearest {median['nearest']:.1e}, each by itself {median['separate']:.1e}"
    )
