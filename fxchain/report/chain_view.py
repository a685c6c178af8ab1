"""A preset as boxes in signal order, with the knobs and pictures of each stage."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fxchain.parameter import ParameterSpec
from fxchain.preset import Preset
from fxchain.preset.effects import Placed
from fxchain.preset.knob_ranges import KnobRanges, read_ranges
from fxchain.preset.knob_text import around
from fxchain.report.pictures import Picture, effect_pictures, equalizer_picture
from fxchain.report.taps import Tap
from fxchain.stage import WEIGHT, knob_name
from fxchain.structure.boxes import CHANNELS, EQUALIZER, Box, boxes
from fxchain.wording import counted

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
class BranchView:
    """One branch of a mix, or what a channel goes through.

    Attributes:
        weight: of a branch of a mix
        boxes: in signal order
        channel: its name, where each channel has its own
    """

    weight: KnobView | None
    boxes: "tuple[BoxView, ...]"
    channel: str = ""


@dataclass(frozen=True)
class BoxView:
    """One effect, an equalizer, a mix, or channels with stages of their own.

    Attributes:
        title: of the effect
        path: in the chain
        anchor: its id in the page
        rows: (name, knobs); one row for an effect, one for each band of an equalizer
        pictures: drawings
        branches: of a mix, or one for each channel
        marks: remarks, such as that pedalboard does not have it
        brief: its first knobs
    """

    title: str
    path: str
    anchor: str
    rows: tuple[tuple[str, tuple[KnobView, ...]], ...] = ()
    pictures: tuple[Picture, ...] = ()
    branches: tuple[BranchView, ...] = ()
    marks: tuple[str, ...] = ()
    brief: str = ""


@dataclass(frozen=True)
class _Viewer:
    """Makes the views of boxes."""

    ranges: KnobRanges
    fixed: frozenset[str]
    taps: Mapping[str, Tap]
    sample_rate: int

    def box(self, box: Box) -> BoxView:
        """Return the view of a box."""
        if box.kind == CHANNELS:
            return self._channels(box)
        if box.branches:
            return self._mix(box)
        return self._equalizer(box) if box.kind == EQUALIZER else self._effect(box.effects[0])

    def _effect(self, placed: Placed) -> BoxView:
        primitive, path = placed.effect.primitive, placed.path
        knobs = self._knobs(placed)
        marks = [] if primitive.plugin else ["not in pedalboard; board.py plays it in numpy"]
        for name, asset in placed.effect.assets.items():
            marks.append(f"{words(name)} of {1e3 * asset.seconds:.0f} ms in the preset")
        title = words(primitive.kind)
        return BoxView(
            title=title,
            path=path,
            anchor=_anchor(path),
            rows=((title, knobs),) if knobs else (),
            pictures=tuple(effect_pictures(placed, self.taps.get(path), self.sample_rate)),
            marks=tuple(marks),
            brief=", ".join(knob.value for knob in knobs[:2]),
        )

    def _equalizer(self, box: Box) -> BoxView:
        bands = box.effects
        picture = equalizer_picture(bands, self.sample_rate)
        names = (words(band.effect.primitive.kind).removesuffix(" filter") for band in bands)
        return BoxView(
            title=words(box.kind),
            path=box.path if len(bands) == 1 else f"{box.path} … {bands[-1].path}",
            anchor=_anchor(box.path),
            rows=tuple((name, self._knobs(band)) for name, band in zip(names, bands, strict=True)),
            pictures=() if picture is None else (picture,),
            brief=counted(len(bands), "band"),
        )

    def _mix(self, box: Box) -> BoxView:
        parts = tuple(
            BranchView(
                self._knob(WEIGHT, branch.weight, branch.path),
                tuple(self.box(inner) for inner in branch.boxes),
            )
            for branch in box.branches
        )
        count = f"{len(parts)} branches, added"
        return BoxView(words(box.kind), box.path, _anchor(box.path), branches=parts, brief=count)

    def _channels(self, box: Box) -> BoxView:
        parts = tuple(
            BranchView(None, tuple(self.box(inner) for inner in branch.boxes), f"channel {number}")
            for number, branch in enumerate(box.branches, start=1)
        )
        brief = f"{counted(len(parts), 'channel')}, each by itself"
        return BoxView(words(box.kind), box.path, _anchor(box.path), branches=parts, brief=brief)

    def _knobs(self, placed: Placed) -> tuple[KnobView, ...]:
        pairs = zip(placed.effect.primitive.parameters, placed.values, strict=True)
        return tuple(self._knob(spec, float(value), placed.path) for spec, value in pairs)

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


def boxes_of(
    preset: Preset, metrics: Mapping[str, Any], taps: Mapping[str, Tap], sample_rate: int
) -> list[BoxView]:
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
    viewer = _Viewer(ranges, fixed, taps, sample_rate)
    return [viewer.box(box) for box in boxes(preset.stage, preset.values)]


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
