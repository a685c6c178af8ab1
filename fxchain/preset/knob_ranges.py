"""How certain the knobs of a preset are: what a match leaves in the metadata, and how it is read.

"uncertainty": {
  "ranges": {"chain[0].gain_db": [5.7, 6.3], "chain[0].q": "inaudible"},
  "redundant": [["chain[2].gain_db", "chain[3].gain_db"]]
}
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fxchain.parameter import ParameterSpec
from fxchain.stage import Stage, knob_name

KEY = "uncertainty"
_INAUDIBLE = "inaudible"


@dataclass(frozen=True)
class KnobRanges:
    """Knobs by name, as in `chain[3].ratio`; knobs of which nothing is known are left out.

    Attributes:
        ranges: lowest and highest value a knob may have, physical
        inaudible: knobs whose whole range changes nothing audible
        redundant: groups of knobs whose changes cancel
    """

    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    inaudible: frozenset[str] = frozenset()
    redundant: tuple[tuple[str, ...], ...] = ()

    def metadata(self) -> dict[str, Any]:
        """Return what is written under `uncertainty`."""
        ranges = {name: list(pair) for name, pair in self.ranges.items()}
        return {
            "ranges": ranges | dict.fromkeys(self.inaudible, _INAUDIBLE),
            "redundant": [list(group) for group in self.redundant],
        }


def read_ranges(metadata: Mapping[str, Any], stage: Stage, values: np.ndarray) -> KnobRanges:
    """Return what the metadata say about the knobs of a preset.

    Metadata may hold anything: what is missing or malformed, what names no knob, and a range that
    does not hold the knob's value (it was changed by hand) is passed over.

    Args:
        metadata: of the preset
        stage: the structure
        values: (size,), physical
    """
    written = _mapping(metadata.get(KEY))
    marks = _mapping(written.get("ranges"))
    slots = zip(stage.slots(), values, strict=True)
    known = {
        knob_name(slot.path, slot.spec.name): (slot.spec, float(value)) for slot, value in slots
    }
    pairs = {name: _pair(marks.get(name), *knob) for name, knob in known.items()}
    groups = written.get("redundant")
    return KnobRanges(
        ranges={name: pair for name, pair in pairs.items() if pair is not None},
        inaudible=frozenset(name for name in known if marks.get(name) == _INAUDIBLE),
        redundant=tuple(
            tuple(group)
            for group in (groups if isinstance(groups, list) else [])
            if isinstance(group, list)
            and len(group) > 1
            and all(isinstance(name, str) and name in known for name in group)
        ),
    )


def _mapping(found: Any) -> Mapping[str, Any]:
    return found if isinstance(found, dict) else {}


def _pair(found: Any, spec: ParameterSpec, value: float) -> tuple[float, float] | None:
    """Return a range, kept inside the knob's own, if it is one and holds the value."""
    if not isinstance(found, list) or len(found) != 2:
        return None
    if any(isinstance(end, bool) or not isinstance(end, int | float) for end in found):
        return None
    low, high = max(found[0], spec.low), min(found[1], spec.high)
    return (float(low), float(high)) if low <= value <= high else None
