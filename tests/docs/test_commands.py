"""Every command and option that the documentation names exists."""

import re
import shlex

import pytest
import typer

from docs.generate import all_commands
from fxchain.cli import app
from tests.docs.pages import ROOT, pages

COMMANDS = all_commands(typer.main.get_command(app))
#: Names that are followed by the name of a command of theirs.
GROUPS = {name.split(" ")[0] for name in COMMANDS if " " in name}
TARGETS = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
PAGES = pages()
_OPTION = re.compile(r"^--[a-z][a-z-]+$")


def options_of(name):
    """Return the options of a command."""
    return {each for parameter in COMMANDS[name].params for each in all_names(parameter)}


def all_names(parameter):
    return [*parameter.opts, *parameter.secondary_opts]


def words_of(code):
    """Return the words of a line of shell, without what stands before it or behind a comment."""
    try:
        words = shlex.split(code, comments=True)
    except ValueError:
        return []
    while words and "=" in words[0]:  # FXCHAIN_DATA=…
        words.pop(0)
    return words


def problems_of(code):
    """Yield what is wrong with a line of shell."""
    words = words_of(code)
    if len(words) > 2 and words[0] == "fxchain" and words[1] in GROUPS:
        words = ["fxchain", f"{words[1]} {words[2]}", *words[3:]]
    match words:
        case ["fxchain", name, *rest] if (
            not name.startswith("-") and name.replace(" ", "").isalpha()
        ):
            if name not in COMMANDS and name != "COMMAND":
                yield f"there is no command {name}"
            elif name in COMMANDS:
                known = options_of(name)
                yield from (
                    f"{name} has no option {word}"
                    for word in (each.split("=")[0] for each in rest)
                    if _OPTION.match(word) and word not in known
                )
        case ["make", target] if target not in TARGETS and not target.startswith("-"):
            yield f"make has no target {target}"
        case ["python", script, *rest] if script.startswith(("benchmarks/", "docs/")):
            path = ROOT / script
            if not path.is_file():
                yield f"there is no {script}"
            else:
                text = path.read_text(encoding="utf-8")
                yield from (
                    f"{script} has no option {word}"
                    for word in rest
                    if _OPTION.match(word) and word not in text
                )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_exist(page):
    problems = [(code, problem) for code in page.code for problem in problems_of(code)]
    assert not problems, page.name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_options_exist(page):
    """An option that stands alone, as in `--seconds 60`, is one of some command."""
    known = {each for name in COMMANDS for each in options_of(name)} | {"--help", "--version"}
    tools = {"--publish", "--special", "--strict", "--steady", "--store", "--memory-limit"}
    for code in page.code:
        word = code.split(" ")[0]
        if _OPTION.match(word):
            assert word in known | tools, f"{page.name}: {code}"


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("fxchain match dry.wav wet.wav --out matched", False),
        ("FXCHAIN_DATA=x python benchmarks/devices.py --steady", False),
        ("fxchain mach dry.wav wet.wav", True),
        ("fxchain match --secnds 3", True),
        ("fxchain synth match take.wav --midi notes.mid --out found", False),
        ("fxchain synth mach take.wav", True),
        ("fxchain synth play --secnds 3", True),
        ("make coffee", True),
        ("python benchmarks/none.py", True),
        ("python benchmarks/devices.py --unsteady", True),
    ],
)
def test_what_is_found(code, wrong):
    assert bool(list(problems_of(code))) == wrong
