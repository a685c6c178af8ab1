"""Write the page of the reference that the program itself knows: the command line.

python docs/generate.py
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from fxchain.cli import app

REFERENCE = Path(__file__).parent / "reference"
_HEAD = """# Command line

Every command with its arguments and options, as `fxchain COMMAND --help` prints them. Written by
`python docs/generate.py`.

Exit codes: 0 done, 1 some jobs or pairs failed, 2 refused with one line on stderr, 130 stopped.
"""


def main() -> None:
    """Write the page."""
    for name, text in pages().items():
        (REFERENCE / name).write_text(text, encoding="utf-8", newline="\n")
        print(REFERENCE / name)


def pages() -> dict[str, str]:
    """Return the text of each page by its name."""
    return {"commands.md": command_line()}


def command_line() -> str:
    """Return the page of all commands."""
    commands = all_commands(typer.main.get_command(app))
    return "\n".join([_HEAD, *(_section(name, command) for name, command in commands.items())])


def all_commands(group: Any, before: str = "") -> dict[str, Any]:
    """Return every command of a group and of the groups in it, by the words that call it."""
    found = {}
    for name, command in group.commands.items():
        inside = hasattr(command, "commands")
        found |= all_commands(command, f"{name} ") if inside else {before + name: command}
    return found


def _section(name: str, command: Any) -> str:
    """Return a command: what it does, and a table of what it takes."""
    context = command.make_context(name, [], resilient_parsing=True)
    parameters = [each for each in command.get_params(context) if "--help" not in each.opts]
    usage = " ".join(["fxchain", name, *_usage(parameters)])
    rows = [_row(parameter, context) for parameter in parameters]
    lines = [f"## fxchain {name}", "", _plain(command.help or ""), "", f"    {usage}", ""]
    if rows:
        lines += ["| argument or option | meaning | default |", "|---|---|---|", *rows, ""]
    return "\n".join(lines)


def _usage(parameters: list[Any]) -> Iterator[str]:
    """Yield the arguments, in brackets what may be left out, and then what options there are."""
    for each in parameters:
        if each.param_type_name == "argument":
            yield _argument(each) if each.required else f"[{_argument(each)}]"
        elif each.required:
            yield f"{each.opts[0]} {each.metavar}"
    yield "[OPTIONS]"


def _argument(parameter: Any) -> str:
    return str(parameter.metavar or parameter.name.upper()).strip("[]")


def _row(parameter: Any, context: Any) -> str:
    """Return the line of one argument or option."""
    if parameter.param_type_name == "argument":
        name = _argument(parameter)
    else:
        shown = " ".join(parameter.get_help_record(context)[0].split())
        name = re.sub(r"<(.+?)>", lambda value: value[1].upper(), shown).replace("|", " or ")
    return f"| `{name}` | {_cell(_plain(parameter.help or ''))} | {_default(parameter)} |"


def _default(parameter: Any) -> str:
    """Return the default as the help shows it; empty where there is none."""
    if isinstance(parameter.show_default, str):
        return parameter.show_default
    if (
        parameter.default is None
        or isinstance(parameter.default, bool)
        or callable(parameter.default)
    ):
        return "required" if parameter.required else ""
    return _cell(f"`{parameter.default}`")


def _plain(text: str) -> str:
    """Return a help text as one line."""
    return " ".join(text.split())


def _cell(text: str) -> str:
    """Return a text that does not end a cell of a table."""
    return text.replace("|", "\\|")


if __name__ == "__main__":
    main()
