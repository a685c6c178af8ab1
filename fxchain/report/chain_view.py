"""A preset as boxes in signal order, with the knobs and pictures of each stage."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import numpy as np

from fxchain.parameter import ParameterSpec
from fxchain.preset import Preset
from fxchain.preset.effects import Placed
from fxchain.preset.knob_ranges import KnobRanges, read_ranges
from fxchain.preset.knob_text import around
from fxchain.report.pictures import Picture, effect_pictures, equalizer_picture
from fxchain.report.taps import Tap
from fxchain.stage import WEIGHT, Effect, knob_name

_UNITS = {"hz": "Hz", "db": "dB", "ms": "ms", "seconds": "s"}


@dataclass(frozen=True)
class KnobView:
    """One knob.

    Attributes:
        label: its name in words, without the unit
        value: with its unit
        certainty: `±0.1 dB`, `cannot be heard`, `fixed`, or nothing
        place: the value's position on the knob's scale, 0 to 100
        low: the lower end of its uncertainty, 0 to 100
        high: the upper end
        faint: it has no audible effect
    """

    label: str
    value: str
    certainty: str
    place: float
    low: float
    high: float
    faint: bool = False


@dataclass(frozen=True)
class Branch:
    """One branch of a mix."""

    weight: KnobView
    boxes: "tuple[Box, ...]"


@dataclass(frozen=True)
class Box:
    """One effect, several filters in a row, or a mix.

    Attributes:
        title: of the effect
        path: in the chain
        anchor: its id in the page
        rows: (name, knobs); one row for an effect, one for each of several filters
        pictures: drawings
        branches: of a mix
        marks: remarks, such as that pedalboard does not have it
        brief: its first knobs
    """

    title: str
    path: str
    anchor: str
    rows: tuple[tuple[str, tuple[KnobView, ...]], ...] = ()
    pictures: tuple[Picture, ...] = ()
    branches: tuple[Branch, ...] = ()
    marks: tuple[str, ...] = ()
    brief: str = ""
    filters: tuple[Placed, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class _Viewer:
    """A visitor that makes boxes of each stage."""

    ranges: KnobRanges
    fixed: frozenset[str]
    taps: Mapping[str, Tap]
    sample_rate: int

    def effect(self, effect: Effect, values: np.ndarray, path: str) -> list[Box]:
        """Return an effect's box."""
        primitive, placed = effect.primitive, Placed(effect, values, path)
        specs = zip(primitive.parameters, values, strict=True)
        knobs = tuple(self._knob(spec, float(value), path) for spec, value in specs)
        marks = [] if primitive.plugin else ["not in pedalboard; board.py plays it in numpy"]
        for name, asset in effect.assets.items():
            marks.append(f"{words(name)} of {1e3 * asset.seconds:.0f} ms in the preset")
        title = words(primitive.kind)
        return [
            Box(
                title=title,
                path=path,
                anchor=_anchor(path),
                rows=((title, knobs),) if knobs else (),
                pictures=tuple(effect_pictures(placed, self.taps.get(path), self.sample_rate)),
                marks=tuple(marks),
                brief=", ".join(knob.value for knob in knobs[:2]),
                filters=(placed,) if primitive.sections is not None and len(knobs) else (),
            )
        ]

    def chain(self, stages: Sequence[list[Box]], path: str) -> list[Box]:
        """Return the boxes of all stages, filters in series as one."""
        boxes = [box for stage in stages for box in stage]
        joined: list[Box] = []
        for _, run in groupby(enumerate(boxes), lambda pair: _run(pair[0], pair[1])):
            row = [box for _, box in run]
            joined += row if len(row) < 2 else [self._equalizer(row)]
        return joined

    def mix(self, branches: Sequence[tuple[float, list[Box]]], path: str) -> list[Box]:
        """Return a box with branches."""
        parts = []
        for index, (weight, boxes) in enumerate(branches):
            below = f"{path}.mix[{index}]" if path else f"mix[{index}]"
            parts.append(Branch(self._knob(WEIGHT, weight, below), tuple(boxes)))
        count = f"{len(parts)} branches, added"
        return [Box("Mix", path, _anchor(path), branches=tuple(parts), brief=count)]

    def _equalizer(self, row: Sequence[Box]) -> Box:
        filters = tuple(placed for box in row for placed in box.filters)
        picture = equalizer_picture(filters, self.sample_rate)
        first, last = row[0], row[-1]
        return Box(
            title="Equalizer",
            path=f"{first.path} … {last.path}",
            anchor=first.anchor,
            rows=tuple((box.title.removesuffix(" filter"), box.rows[0][1]) for box in row),
            pictures=() if picture is None else (picture,),
            brief=f"{len(row)} bands",
            filters=filters,
        )

    def _knob(self, spec: ParameterSpec, value: float, path: str) -> KnobView:
        name = knob_name(path, spec.name)
        unit = f" {spec.unit}" if spec.unit else ""
        place = 100.0 * spec.normalize(value)
        low, high, certainty, faint = place, place, "", False
        if name in self.fixed:
            certainty = "fixed"
        elif name in self.ranges.inaudible:
            certainty, faint, low, high = "cannot be heard", True, 0.0, 100.0
        elif name in self.ranges.ranges:
            ends = self.ranges.ranges[name]
            low, high = (100.0 * spec.normalize(end) for end in ends)
            whole = ends[0] <= spec.low and ends[1] >= spec.high
            certainty = "±?" if whole else around(value, *ends) + unit
        shown = f"{number(value)}{unit}"
        return KnobView(knob_label(spec.name), shown, certainty, place, low, high, faint)


def _run(index: int, box: Box) -> tuple[bool, int]:
    """Return a key that is equal for neighbouring filters and different for other neighbours."""
    several = len(box.filters) > 0 and len(box.rows[0][1]) > 1
    return several, 0 if several else index


def boxes_of(
    preset: Preset, metrics: Mapping[str, Any], taps: Mapping[str, Tap], sample_rate: int
) -> list[Box]:
    """Return the boxes of a preset.

    Args:
        preset: the chain
        metrics: its `knobs` name those that were fixed
        taps: input and output of each effect, by its path; may be empty
        sample_rate: Hz
    """
    fixed = frozenset(
        knob_name(knob["path"], knob["name"].rpartition(".")[2])
        for knob in metrics.get("knobs", ())
        if knob.get("fixed")
    )
    ranges = read_ranges(preset.metadata, preset.stage, preset.values)
    return preset.stage.visit(_Viewer(ranges, fixed, taps, sample_rate), preset.values)


def redundant_knobs(preset: Preset) -> Iterator[str]:
    """Yield the names of each group of knobs that compensate each other."""
    known = read_ranges(preset.metadata, preset.stage, preset.values)
    for group in known.redundant:
        named = ", ".join(group[:6]) + (f" and {len(group) - 6} more" if len(group) > 6 else "")
        yield named


def words(kind: str) -> str:
    """Return an effect's name in words: `Peak filter`."""
    return kind.replace("_", " ").capitalize()


def number(value: float) -> str:
    """Return a value with four digits."""
    if abs(value) >= 1_000.0:
        return f"{value:,.0f}".replace(",", "\u202f")
    return f"{value:.4g}"


def knob_label(name: str) -> str:
    """Return a knob's name without its unit: `threshold_db` is `threshold`."""
    parts = name.split("_")
    return " ".join(parts[:-1] if len(parts) > 1 and parts[-1] in _UNITS else parts)


def _anchor(path: str) -> str:
    return "stage-" + "".join(c if c.isalnum() else "-" for c in path).strip("-")
