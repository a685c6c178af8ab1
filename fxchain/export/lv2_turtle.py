"""What a host of LV2 reads about a plug-in, in Turtle."""

import json
import re

from fxchain.native.knobs import LiveKnob
from fxchain.native.plugins import Description, Shown

_PREFIXES = """@prefix atom: <http://lv2plug.in/ns/ext/atom#> .
@prefix doap: <http://usefulinc.com/ns/doap#> .
@prefix lv2: <http://lv2plug.in/ns/lv2core#> .
@prefix midi: <http://lv2plug.in/ns/ext/midi#> .
@prefix pg: <http://lv2plug.in/ns/ext/port-groups#> .
@prefix pprops: <http://lv2plug.in/ns/ext/port-props#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix units: <http://lv2plug.in/ns/extensions/units#> .
@prefix urid: <http://lv2plug.in/ns/ext/urid#> .
"""
_UNITS = {"dB": "units:db", "Hz": "units:hz", "ms": "units:ms", "s": "units:s", "°": "units:degree"}


def manifest(description: Description, binary: str) -> str:
    """Return `manifest.ttl`: where the plug-in is.

    Args:
        description: the plug-in
        binary: the file name of the shared library
    """
    return (
        f"{_PREFIXES}\n{_uri(description)} a lv2:Plugin ;\n"
        f"  lv2:binary <{binary}> ;\n  rdfs:seeAlso <plugin.ttl> .\n"
    )


def plugin_turtle(description: Description) -> str:
    """Return `plugin.ttl`: name and ports, in the order in which the binary has them."""
    ports = [_audio("InputPort", "in", k + 1) for k in range(description.channels)]
    ports += [_audio("OutputPort", "out", k + 1) for k in range(description.outputs)]
    ports.append(_enabled())
    groups = list(dict.fromkeys(shown.group for shown in description.shown))
    for knob, shown in zip(description.knobs, description.shown, strict=True):
        ports.append(_control(knob, shown, _group(description, groups.index(shown.group))))
    if not description.channels:
        ports.append(_notes())
    listed = " ,\n".join(
        f"  [\n    a {port[0]} ;\n    lv2:index {place} ;\n"
        + " ;\n".join(f"    {line}" for line in port[1:])
        + "\n  ]"
        for place, port in enumerate(ports)
    )
    needed = "" if description.channels else "  lv2:requiredFeature urid:map ;\n"
    named = "".join(
        f"\n{_group(description, place)} a pg:Group ;\n"
        f"  lv2:name {_text(group)} ;\n  lv2:symbol {_text(_symbol(group.lower()))} .\n"
        for place, group in enumerate(groups)
    )
    return (
        f"{_PREFIXES}\n{_uri(description)} a {_kind(description)} ;\n"
        f"  doap:name {_text(description.name)} ;\n"
        "  doap:license <https://spdx.org/licenses/GPL-3.0-or-later> ;\n"
        "  lv2:minorVersion 2 ;\n  lv2:microVersion 0 ;\n"
        "  lv2:optionalFeature lv2:hardRTCapable ;\n"
        f"{needed}"
        f"  lv2:port\n{listed} .\n{named}"
    )


def _uri(description: Description) -> str:
    return f"<urn:fxchain:{description.id}>"


def _group(description: Description, place: int) -> str:
    return f"<urn:fxchain:{description.id}:stage{place + 1}>"


def _audio(direction: str, name: str, number: int) -> list[str]:
    return [
        f"lv2:AudioPort , lv2:{direction}",
        f'lv2:symbol "{name}_{number}"',
        f'lv2:name "{name.capitalize()} {number}"',
    ]


def _kind(description: Description) -> str:
    return "lv2:Plugin" if description.channels else "lv2:InstrumentPlugin , lv2:Plugin"


def _notes() -> list[str]:
    return [
        "atom:AtomPort , lv2:InputPort",
        "atom:bufferType atom:Sequence",
        "atom:supports midi:MidiEvent",
        "lv2:designation lv2:control",
        'lv2:symbol "notes"',
        'lv2:name "Notes"',
    ]


def _enabled() -> list[str]:
    return [
        "lv2:ControlPort , lv2:InputPort",
        'lv2:symbol "enabled"',
        'lv2:name "Enabled"',
        "lv2:designation lv2:enabled",
        "lv2:portProperty lv2:toggled",
        "lv2:default 1",
        "lv2:minimum 0",
        "lv2:maximum 1",
    ]


def _control(knob: LiveKnob, shown: Shown, group: str) -> list[str]:
    spec = knob.spec
    lines = [
        "lv2:ControlPort , lv2:InputPort",
        f"lv2:symbol {_text(_symbol(shown.group.lower(), spec.name))}",
        f"lv2:name {_text(f'{shown.group}: {shown.name}')}",
        f"lv2:shortName {_text(shown.name[:16])}",
        f"pg:group {group}",
        f"lv2:default {knob.value!r}",
        f"lv2:minimum {float(spec.low)!r}",
        f"lv2:maximum {float(spec.high)!r}",
    ]
    if spec.scale == "log":
        lines.append("lv2:portProperty pprops:logarithmic")
    if spec.unit in _UNITS:
        lines.append(f"units:unit {_UNITS[spec.unit]}")
    if spec.choices:
        lines.append("lv2:portProperty lv2:enumeration , lv2:integer")
    for place, choice in enumerate(spec.choices):
        lines.append(f"lv2:scalePoint [ rdfs:label {_text(choice)} ; rdf:value {place} ]")
    return lines


def _symbol(*words: str) -> str:
    """Return a name that begins with a letter and has no sign but letters, digits and `_`."""
    return "_".join(["stage", *(re.sub(r"\W+", "_", word, flags=re.ASCII) for word in words)])


def _text(words: str) -> str:
    """Return a text of Turtle, in which quotes and breaks are written as in JSON."""
    return json.dumps(words, ensure_ascii=False)
