"""What is known of a plug-in: by its own statements, and by what it did to test signals."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

#: `"position"`: its unit is not a linear function of the plug-in's position, nor is its logarithm;
#: the value is the position itself, 0 to 1.
Curve = Literal["linear", "log", "position"]
#: A range above zero whose ends have at least this ratio is searched by ratios.
_WIDE = 10.0

#: What a plug-in does as far as test signals tell.
Behaviour = Literal["filter", "memoryless", "opaque"]


@dataclass(frozen=True)
class PluginKnob:
    """A parameter of a plug-in that a search may move.

    Attributes:
        name: by which it is set
        label: as the plug-in shows it
        unit: of the value; empty for plain numbers
        low: the value at position 0
        high: the value at position 1
        default: the value as the plug-in was found
        curve: how values become positions
        choices: the texts of all values where there are few; the values are 0, 1, 2 …
        dead: it changed nothing at any of the settings that were tried
        stepped: the output is piecewise constant in it, as in a delay of whole samples
        affine: the output is an affine function of it
    """

    name: str
    label: str
    unit: str
    low: float
    high: float
    default: float
    curve: Curve = "position"
    choices: tuple[str, ...] = ()
    dead: bool = False
    stepped: bool = False
    affine: bool = False

    @property
    def logarithmic(self) -> bool:
        """Tell whether a search should move it by ratios."""
        return not self.choices and self.low > 0.0 and self.high >= _WIDE * self.low

    def position(self, value: float) -> float:
        """Return the plug-in's position, 0 to 1, of a value."""
        if self.curve == "log":
            found = math.log(value / self.low) / math.log(self.high / self.low)
        else:
            found = (value - self.low) / (self.high - self.low)
        return min(max(found, 0.0), 1.0)

    def value(self, position: float) -> float:
        """Return the value at a position of the plug-in, 0 to 1."""
        if self.curve == "log":
            return float(self.low * (self.high / self.low) ** position)
        return self.low + (self.high - self.low) * position


@dataclass(frozen=True)
class PluginDescription:
    """A plug-in in a file, which may hold several.

    Attributes:
        file: where it lies
        name: of the plug-in
        version: as it states
        maker: as it states
        category: as it states: `Fx|EQ|Mono`
        sha256: of the file or folder
        state: base64 of its own state as it was found
        knobs: its parameters that can be set, in its order
        behaviour: what it does, as far as it was tried
        probed: it was tried
        repeats: the same input gives the same output
        moves: the output depends on the position in the recording
        latency_samples: its output is so late
        settling_samples: so much silence before the audio is enough where settings are compared,
            as far as it was tried; what a preset plays begins with that of all plug-ins
        carries_over: after other settings it may sound otherwise, so that it is loaded once more
            for each
    """

    file: str
    name: str
    version: str
    maker: str
    category: str
    sha256: str
    state: str
    knobs: tuple[PluginKnob, ...]
    behaviour: Behaviour = "opaque"
    probed: bool = False
    repeats: bool = True
    moves: bool = False
    latency_samples: int = 0
    settling_samples: int | None = None
    carries_over: bool = True

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Return what a process loads it by: file, name, hash and state."""
        return self.file, self.name, self.sha256, self.state

    def knob(self, name: str) -> PluginKnob:
        """Return the knob of a name."""
        return next(knob for knob in self.knobs if knob.name == name)

    def positions(self, values: Mapping[str, float]) -> dict[str, float]:
        """Return the plug-in's positions of values, by name."""
        return {name: self.knob(name).position(value) for name, value in values.items()}

    def node(self) -> dict[str, Any]:
        """Return it as JSON."""
        found = asdict(self)
        found["knobs"] = [{**knob, "choices": list(knob["choices"])} for knob in found["knobs"]]
        return found

    @classmethod
    def from_node(cls, node: Mapping[str, Any]) -> "PluginDescription":
        """Return what `node` wrote."""
        knobs = tuple(
            PluginKnob(**{**knob, "choices": tuple(knob["choices"])}) for knob in node["knobs"]
        )
        return cls(**{**node, "knobs": knobs})


def split_name(plugin: str) -> tuple[str, str]:
    """Return the file and the name of `PATH` or `PATH:NAME`; the name is empty in the first."""
    path, separator, name = plugin.rpartition(":")
    if not separator or Path(plugin).exists() or not path or name[:1] in "\\/":
        return plugin, ""
    return path, name
