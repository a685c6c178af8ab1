"""What a plug-in states of its parameters; it is loaded here, on the main thread."""

import base64
import math
import re
from pathlib import Path
from typing import Any

import pedalboard

from fxchain.hosting.description import Curve, PluginDescription, PluginKnob
from fxchain.player.external_plugin import plugin_sha256

#: With so many values at most a parameter is a choice between them.
MOST_CHOICES = 64
#: What some plug-ins list as parameters, though it is the host's.
_OF_THE_HOST = frozenset({"buffer_size", "sample_rate", "latency", "current_program", "bypass"})
#: Positions at which the text of a parameter is compared with a straight line.
_CHECKED = (0.25, 0.5, 0.75)
_AGREES = 2e-3
_NUMBER = re.compile(r"\s*(?P<number>[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)")


def names_in(file: str) -> list[str]:
    """Return the names of the plug-ins in a file or folder that is one plug-in."""
    if not Path(file).exists():
        raise ValueError(f"there is no {file}")
    kinds = [kind for kind in ("VST3Plugin", "AudioUnitPlugin") if hasattr(pedalboard, kind)]
    for kind in kinds:
        try:
            return list(getattr(pedalboard, kind).get_plugin_names_for_file(file))
        except (ImportError, ValueError, RuntimeError):
            continue
    raise ValueError(f"{file} is no plug-in that can be loaded here")


def inspect(file: str, name: str) -> PluginDescription:
    """Load a plug-in and return what it states.

    Args:
        file: where it lies
        name: which of those in the file; empty where there is one

    Raises:
        ValueError: it cannot be loaded, is an instrument, or there is none of that name.
    """
    names = names_in(file)
    if (name and name not in names) or (not name and len(names) > 1):
        raise ValueError(f"{file} holds {', '.join(names)}; name one of them as {file}:{names[0]}")
    plugin: Any = pedalboard.load_plugin(file, plugin_name=name or None)
    if not plugin.is_effect:
        raise ValueError(f"{plugin.name} is an instrument, not an effect")
    knobs = [_knob(key, parameter) for key, parameter in plugin.parameters.items()]
    return PluginDescription(
        file=str(Path(file).resolve()),
        name=plugin.name,
        version=str(plugin.version),
        maker=str(plugin.manufacturer_name),
        category=str(plugin.category),
        sha256=plugin_sha256(file),
        state=base64.b64encode(plugin.raw_state).decode(),
        knobs=tuple(knob for knob in knobs if knob is not None),
    )


def _knob(name: str, parameter: Any) -> PluginKnob | None:
    """Return a parameter as a knob; None for meters and what is the host's."""
    unit = (parameter.label or "").strip()
    bare = name.removesuffix(f"_{unit.lower()}") if unit else name
    if bare in _OF_THE_HOST or not parameter.is_automatable:
        return None
    label, position = str(parameter.name), float(parameter.raw_value)
    choices = [str(value) for value in parameter.valid_values or ()]
    if 2 <= len(choices) <= MOST_CHOICES:
        last = len(choices) - 1
        return PluginKnob(
            name, label, "", 0.0, float(last), float(round(position * last)), "linear",
            tuple(choices),
        )  # fmt: skip
    if len(choices) == 1:
        return None
    ends = [_shown(parameter, position) for position in (0.0, 1.0)]
    low, high = ends
    if low is not None and high is not None and low < high:
        for curve in ("linear", "log"):
            knob = _on_curve(PluginKnob(name, label, unit, low, high, low, curve), parameter)
            if knob is not None:
                return knob
    return PluginKnob(name, label, "", 0.0, 1.0, position)


def _on_curve(knob: PluginKnob, parameter: Any) -> PluginKnob | None:
    """Return the knob with its default where its values lie on its curve, else None."""
    curve: Curve = knob.curve
    if curve == "log" and knob.low <= 0.0:
        return None
    for position in _CHECKED:
        shown = _shown(parameter, position)
        if shown is None or abs(knob.position(shown) - position) > _AGREES:
            return None
    found = knob.value(float(parameter.raw_value))
    default = min(max(found, knob.low), knob.high)
    return PluginKnob(knob.name, knob.label, knob.unit, knob.low, knob.high, default, curve)


def _shown(parameter: Any, position: float) -> float | None:
    """Return the number that a plug-in shows at a position."""
    match = _NUMBER.match(str(parameter.get_text_for_raw_value(position)))
    if match is None:
        return None
    number = float(match["number"])
    return number if math.isfinite(number) else None
