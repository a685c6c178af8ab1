"""Calls in the source of a script, as indented lines."""

from dataclasses import dataclass

INDENT = "    "
LINE = 100


@dataclass(frozen=True)
class Call:
    """A call on a list of stages."""

    function: str
    stages: tuple["Call | Knobs", ...]

    def lines(self, indent: str, before: str = "", after: str = "") -> list[str]:
        """Return it as indented lines."""
        if not self.stages:
            return [f"{indent}{before}{self.function}([]){after}"]
        inside = [line for item in self.stages for line in item.lines(indent + INDENT, after=",")]
        return [f"{indent}{before}{self.function}([", *inside, f"{indent}]){after}"]


@dataclass(frozen=True)
class Knobs:
    """A call on arguments."""

    function: str
    arguments: tuple[str, ...]

    def lines(self, indent: str, before: str = "", after: str = "") -> list[str]:
        """Return it as one line, or one for each argument when that is too long."""
        line = f"{indent}{before}{self.function}({', '.join(self.arguments)}){after}"
        if len(line) <= LINE:
            return [line]
        inside = [f"{indent}{INDENT}{argument}," for argument in self.arguments]
        return [f"{indent}{before}{self.function}(", *inside, f"{indent}){after}"]


@dataclass(frozen=True)
class Code:
    """Stages in series, as source.

    Attributes:
        items: the stages
        plain: all of them are plugins
    """

    items: tuple[Call | Knobs, ...]
    plain: bool
