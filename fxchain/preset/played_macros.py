"""Macros of a preset as scripts, plug-ins and pages play them."""

from collections.abc import Sequence

from fxchain.export.macro_script import ScriptMacros, ScriptMove
from fxchain.native.macros import LiveMacros
from fxchain.parameter import ParameterSpec
from fxchain.preset.macros import Macro, moves_by_index
from fxchain.stage import Stage, knob_name


def script_macros(stage: Stage, macros: Sequence[Macro]) -> ScriptMacros:
    """Return the macros of a chain as a script holds them."""
    slots = stage.slots()
    return ScriptMacros(
        {each.name: (each.low, each.high, each.value) for each in macros},
        {
            knob_name(slots[at].path, slots[at].spec.name): [
                ScriptMove(each.name, m.curve, m.positions, m.values, each.value)
                for each, m in moves
            ]
            for at, moves in moves_by_index(stage, macros).items()
        },
    )


def live_macros(stage: Stage, macros: Sequence[Macro]) -> LiveMacros:
    """Return the macros of a chain as the player for plug-ins and pages has them."""
    numbers = {macro.name: number for number, macro in enumerate(macros)}
    return LiveMacros(
        tuple(ParameterSpec(m.name, m.unit, m.low, m.high, m.value) for m in macros),
        {
            at: [
                (numbers[macro.name], (m.curve, m.positions, m.values, macro.value, macro.value))
                for macro, m in moves
            ]
            for at, moves in moves_by_index(stage, macros).items()
        },
    )
