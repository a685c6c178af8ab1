"""The macros of a preset in the source of a script."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fxchain.export.calls import INDENT
from fxchain.parameter import ParameterSpec

_DICTIONARY = "MACROS"


@dataclass(frozen=True)
class ScriptMove:
    """How a macro moves one control, see `fxchain.player.macros.MacroMove`."""

    macro: str
    curve: str
    positions: tuple[float, ...]
    values: tuple[float, ...]
    before: float

    @property
    def expression(self) -> str:
        """Return it as the source of a tuple."""
        now = f"macros[{self.macro!r}]"
        points = f"{list(self.positions)!r}, {list(self.values)!r}"
        return f"({self.curve!r}, {points}, {self.before!r}, {now})"


@dataclass(frozen=True)
class ScriptMacros:
    """The macros of a script.

    Attributes:
        ranges: of each macro by its name: least value, highest value, where it stands
        moves: for each control that is moved, by its name as in `chain[3].ratio`, by what
    """

    ranges: Mapping[str, tuple[float, float, float]] = field(default_factory=dict)
    moves: Mapping[str, Sequence[ScriptMove]] = field(default_factory=dict)

    def expression(self, name: str, spec: ParameterSpec, value: float) -> str:
        """Return the source of the value of a control.

        Args:
            name: of the control, as in `chain[3].ratio`
            spec: of the control
            value: where no macro is turned
        """
        if name not in self.moves:
            return repr(float(value))
        moves = ", ".join(move.expression for move in self.moves[name])
        scale = f"{float(spec.low)!r}, {float(spec.high)!r}, {spec.scale == 'log'}"
        return f"moved({float(value)!r}, {scale}, [{moves}])"

    def usage(self) -> str:
        """Return what stands behind the files on the command line of the script."""
        return "".join(f" [--set {name}={now:g}]" for name, (_, _, now) in self.ranges.items())

    def head(self) -> list[str]:
        """Return the lines of the script with which `build` begins."""
        if not self.ranges:
            return [
                "def build(sample_rate):",
                f'{INDENT}"""Return the chain for audio of this sample rate (Hz)."""',
            ]
        rows = [f"{INDENT}{name!r}: {ends!r}," for name, ends in self.ranges.items()]
        return [
            "# Knobs that move others: least value, highest value, where it stands.",
            f"{_DICTIONARY} = {{",
            *rows,
            "}",
            "",
            "",
            "def build(sample_rate, **settings):",
            f'{INDENT}"""Return the chain for audio of this sample rate (Hz) and these macros."""',
            f"{INDENT}macros = settings_of({_DICTIONARY}, settings)",
        ]

    def run(self) -> str:
        """Return the call that the script ends with."""
        if not self.ranges:
            return "run(build, sys.argv[1:])"
        return f"run_with_macros(build, {_DICTIONARY}, sys.argv[1:])"
