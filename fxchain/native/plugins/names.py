"""The names of knobs as a player reads them."""

from dataclasses import dataclass

from fxchain.native.knobs import MACROS, LiveKnob

#: How units end names in presets.
_UNITS = ("_db", "_hz", "_ms", "_seconds", "_degrees", "_semitones")
#: Knobs that are called otherwise.
_WORDS = {"q": "Q", "delay": "Time"}


@dataclass(frozen=True)
class Shown:
    """A knob as it is shown.

    Attributes:
        name: without its unit, as `Threshold`; that of a macro as it is set by
        group: its stage, as `3 Compressor`, or `Macros`
    """

    name: str
    group: str


def shown_names(knobs: list[LiveKnob]) -> list[Shown]:
    """Return the names of knobs: stages are numbered in the order in which they are played."""
    stages = list(dict.fromkeys(knob.label for knob in knobs if knob.kind))
    return [_shown(knob, stages) for knob in knobs]


def _shown(knob: LiveKnob, stages: list[str]) -> Shown:
    if not knob.kind:
        return Shown(knob.spec.name, MACROS)
    name = _without_unit(knob.spec.name)
    group = f"{stages.index(knob.label) + 1} {_spoken(knob.kind)}"
    return Shown(_WORDS.get(name, _spoken(name)), group)


def _without_unit(name: str) -> str:
    return next((name.removesuffix(unit) for unit in _UNITS if name.endswith(unit)), name)


def _spoken(name: str) -> str:
    """Return words: `attack` is `Attack`."""
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]
