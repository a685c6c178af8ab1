"""A plug-in of another maker as an effect: made of what is known of it, not of a registry."""

from __future__ import annotations

from typing import Any

from fxchain.hosting.description import Behaviour, PluginDescription, PluginKnob
from fxchain.parameter import ParameterSpec
from fxchain.player import Playback
from fxchain.primitives.base import Gradient, Nature, Primitive, Purpose

#: What parts of a plug-in's category say of its purpose.
_PURPOSES: dict[str, Purpose] = {
    "eq": "tone",
    "filter": "tone",
    "distortion": "drive",
    "dynamics": "dynamics",
    "delay": "space",
    "reverb": "space",
    "modulation": "modulation",
}
_NATURES: dict[Behaviour, tuple[Nature, Gradient]] = {
    "filter": ("filter", "signal"),
    "memoryless": ("memoryless", "differences"),
    "opaque": ("opaque", "differences"),
}


def external(description: PluginDescription) -> Primitive:
    """Return a plug-in of another maker as an effect.

    Args:
        description: what is known of it
    """

    def plugin(playback: Playback, **values: float) -> Any:
        from fxchain.hosting.hosted_plugin import HostedPlugin

        if playback.rounded:
            return HostedPlugin(description, values)
        return HostedPlugin(description, values, description.settling_samples)

    nature, gradient = _NATURES[description.behaviour]
    words = description.category.lower().replace("/", "|").split("|")
    purposes = [_PURPOSES[word] for word in words if word in _PURPOSES]
    return Primitive(
        kind=description.name,
        summary=f"The plug-in {description.name} {description.version} of {description.maker}.",
        nature=nature,
        purpose=purposes[0] if purposes else "tone",
        parameters=tuple(_spec(knob) for knob in description.knobs),
        gradient=gradient,
        plugin=plugin,
        quantized=frozenset(knob.name for knob in description.knobs if knob.stepped),
        affine=frozenset(knob.name for knob in description.knobs if knob.affine),
        cross_channel=True,
        not_realtime="it is a program of another maker",
        hosted=description,
    )


def _spec(knob: PluginKnob) -> ParameterSpec:
    return ParameterSpec(
        name=knob.name,
        unit=knob.unit,
        low=knob.low,
        high=knob.high,
        default=knob.default,
        scale="log" if knob.logarithmic else "linear",
        choices=knob.choices,
    )
