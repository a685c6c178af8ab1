"""Small plots as SVG text: axes with ticks, lines, areas, bars, marks."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from markupsafe import Markup, escape

Numbers = Sequence[float] | np.ndarray

WIDTH, HEIGHT = 360, 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 10, 10, 34

#: Ticks of a frequency axis, Hz.
_DECADES = ((20, "20"), (100, "100"), (1_000, "1k"), (10_000, "10k"))


@dataclass(frozen=True)
class Axis:
    """One axis of a plot.

    Attributes:
        label: its quantity and unit
        low: the value at its left or lower end
        high: the value at its other end
        scale: `"log"` gives equal ratios equal lengths
        ticks: values and their labels; empty: chosen automatically
    """

    label: str
    low: float
    high: float
    scale: Literal["linear", "log"] = "linear"
    ticks: tuple[tuple[float, str], ...] = ()

    def position(self, values: np.ndarray | float) -> np.ndarray:
        """Return positions of values, 0 to 1 inside the axis."""
        numbers = np.asarray(values, dtype=np.float64)
        ends = (self.low, self.high)
        if self.scale == "log":
            numbers = np.log(np.maximum(numbers, 1e-30))
            ends = (math.log(self.low), math.log(self.high))
        place = (numbers - ends[0]) / (ends[1] - ends[0])
        return np.clip(np.nan_to_num(place, nan=0.0), -100.0, 100.0)

    def marks(self) -> tuple[tuple[float, str], ...]:
        """Return the ticks inside the axis."""
        ticks = self.ticks or _chosen(self.low, self.high)
        slack = 1e-9 * abs(self.high - self.low)
        return tuple(t for t in ticks if self.low - slack <= t[0] <= self.high + slack)


def frequency_axis(sample_rate: float) -> Axis:
    """Return 20 Hz to 20 kHz, or to half the sample rate (Hz) where that is less."""
    return Axis("frequency, Hz", 20.0, min(20_000.0, sample_rate / 2.0), "log", _DECADES)


def _chosen(low: float, high: float) -> tuple[tuple[float, str], ...]:
    """Return about five round values."""
    step = 10.0 ** math.floor(math.log10((high - low) / 4.0))
    step *= next(m for m in (1, 2, 5, 10) if (high - low) / (m * step) <= 6.0)
    decimals = max(0, -math.floor(math.log10(step)))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return tuple((at * step, f"{at * step + 0.0:.{decimals}f}") for at in range(first, last + 1))


@dataclass
class Plot:
    """A plot to which lines, areas and marks are added.

    Attributes:
        x: the horizontal axis
        y: the vertical one
        title: its alternative text
        width: of the whole picture, px
        height: of the whole picture, px
        left: the margin left of the axes, px
    """

    x: Axis
    y: Axis
    title: str
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    _parts: list[str] = field(default_factory=list)
    _names: list[str] = field(default_factory=list)

    def _across(self, values: np.ndarray | float) -> np.ndarray:
        return self.left + self.x.position(values) * (self.width - self.left - _RIGHT)

    def _down(self, values: np.ndarray | float) -> np.ndarray:
        return _TOP + (1.0 - self.y.position(values)) * (self.height - _TOP - _BOTTOM)

    def _points(self, xs: Numbers, ys: Numbers) -> str:
        pairs = zip(self._across(np.asarray(xs)), self._down(np.asarray(ys)), strict=True)
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in pairs)

    def line(self, xs: Numbers, ys: Numbers, style: str) -> None:
        """Draw a line; `style` is a class of the style sheet."""
        self._parts.append(f'<polyline class="{style}" points="{self._points(xs, ys)}"/>')

    def area(self, xs: np.ndarray, low: np.ndarray, high: np.ndarray, style: str) -> None:
        """Fill the area between two lines."""
        there, back = self._points(xs, high), self._points(xs[::-1], low[::-1])
        self._parts.append(f'<polygon class="{style}" points="{there} {back}"/>')

    def stems(self, xs: Numbers, ys: Numbers, style: str) -> None:
        """Draw a line from the bottom to each point."""
        bottom = float(self._down(self.y.low))
        for x, y in zip(self._across(np.asarray(xs)), self._down(np.asarray(ys)), strict=True):
            self._parts.append(
                f'<line class="{style}" x1="{x:.1f}" x2="{x:.1f}" y1="{bottom:.1f}" y2="{y:.1f}"/>'
                f'<circle class="{style} dot" cx="{x:.1f}" cy="{y:.1f}" r="3"/>'
            )

    def dots(self, xs: Numbers, ys: Numbers, style: str) -> None:
        """Draw a dot at each point."""
        for x, y in zip(self._across(np.asarray(xs)), self._down(np.asarray(ys)), strict=True):
            self._parts.append(f'<circle class="{style} dot" cx="{x:.1f}" cy="{y:.1f}" r="2"/>')

    def ticks(self, xs: Numbers, y: float, style: str) -> None:
        """Draw a short vertical line at each position of a row."""
        at = float(self._down(y))
        marks = "".join(f"M{x:.1f} {at - 5:.1f}v10" for x in self._across(np.asarray(xs)))
        self._parts.append(f'<path class="{style}" d="{marks}"/>')

    def name(self, y: float, text: str) -> None:
        """Write a label left of a row."""
        self._names.append(_text(self.left - 5, float(self._down(y)) + 4, "end", text))

    def bars(self, lefts: Numbers, rights: Numbers, ys: Numbers) -> None:
        """Draw bars from the bottom."""
        bottom = float(self._down(self.y.low))
        for left, right, y in zip(lefts, rights, ys, strict=True):
            x0, x1 = float(self._across(left)), float(self._across(right))
            top = float(self._down(y))
            self._parts.append(
                f'<rect class="bar" x="{x0:.1f}" y="{top:.1f}" width="{max(x1 - x0 - 1, 1):.1f}" '
                f'height="{max(bottom - top, 0):.1f}"/>'
            )

    def svg(self) -> Markup:
        """Return the picture."""
        grid, right, bottom = [], self.width - _RIGHT, self.height - _BOTTOM
        for value, text in self.x.marks():
            at = float(self._across(value))
            grid.append(f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{_TOP}" y2="{bottom}"/>')
            grid.append(_text(at, bottom + 14, "middle", text))
        for value, text in self.y.marks():
            at = float(self._down(value))
            grid.append(f'<line x1="{self.left}" x2="{right}" y1="{at:.1f}" y2="{at:.1f}"/>')
            grid.append(_text(self.left - 5, at + 4, "end", text))
        middle = (_TOP + bottom) / 2
        labels = (
            _text((self.left + right) / 2, self.height - 4, "middle", self.x.label)
            + f'<text transform="translate(11 {middle:.0f}) rotate(-90)" text-anchor="middle">'
            f"{escape(self.y.label)}</text>"
        )
        return Markup(
            f'<svg class="plot" viewBox="0 0 {self.width} {self.height}" role="img" '
            f'aria-label="{escape(self.title)}">'
            f'<g class="grid">{"".join([*grid, *self._names])}{labels}</g>'
            f'<svg x="{self.left}" y="{_TOP}" width="{right - self.left}" height="{bottom - _TOP}" '
            f'viewBox="{self.left} {_TOP} {right - self.left} {bottom - _TOP}">'
            f"{''.join(self._parts)}</svg></svg>"
        )


def _text(x: float, y: float, anchor: str, text: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
