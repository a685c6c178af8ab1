"""Imports run one way, from room to room.

The room of a module is the folder that it lies in: `fxchain/matching/search/state.py` belongs to
`matching.search`; a file that lies in `fxchain` itself is a room of its own. Imports for type
checkers count like all others. Whoever adds a room adds a line to ALLOWED.
"""

import ast
import graphlib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "fxchain"

# What each room may import besides itself, nothing more: an entry that nobody uses fails as well.
ALLOWED = {
    "errors": "",
    "parameter": "errors",
    "player": "",
    "optim": "",
    "files": "errors",
    "metrics": "errors",
    "alignment": "errors metrics",
    "dsp": "parameter",
    "primitives": "dsp errors parameter player",
    "stage": "dsp errors parameter player primitives",
    "export": "dsp player primitives stage",
    "preset": "dsp errors export files parameter player primitives stage",
    "render": "errors files player",
    "report": "dsp metrics parameter player preset stage",
    "fir": "alignment errors primitives",
    "recordings": "alignment errors files fir metrics",
    "structure": "errors preset primitives stage",
    "session": "errors files metrics optim player preset report",
    "objectives": "alignment errors metrics optim player recordings stage structure",
    "baselines": "alignment errors files fir optim preset",
    "matching.search": "alignment errors files fir objectives optim preset primitives recordings "
    "session stage structure",
    "matching.scoring": "alignment baselines matching.search metrics objectives preset recordings "
    "report stage",
    "matching": "errors matching.scoring matching.search metrics optim preset recordings render "
    "session structure",
    "transferring": "errors files matching metrics optim parameter player preset primitives "
    "recordings render report session stage structure",
    "batch": "errors files matching matching.search optim preset recordings session",
    "benchmarking": "alignment baselines errors files matching metrics optim preset recordings "
    "render report session",
    "studio": "errors files matching parameter preset primitives render report session stage "
    "transferring",
    "data": "parameter primitives stage",
    "cli": "baselines batch benchmarking data dsp errors files matching parameter preset "
    "primitives render report session stage studio transferring",
    "__main__": "cli",
    "__init__": "benchmarking errors matching preset recordings session transferring",
}

# Libraries that only some modules may import: a unit, or one file of it.
ONLY_IN = {
    "pedalboard": {"dsp", "primitives", "player", "stage", "preset"},
    "matplotlib": {"benchmarking/pictures.py"},
    "nevergrad": {"optim/evolution.py"},
    "typer": {"cli"},
    "jinja2": {"report", "studio"},
    "gradio": {"studio"},
    "fastapi": {"studio/server.py"},
    "uvicorn": {"studio/server.py"},
}


def module_name(path: Path) -> str:
    """Return the dotted name of a file below `fxchain`."""
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted(ROOT.rglob("*.py"))}


def room(module: str) -> str:
    """Return the folder of a module, dotted; of a file in `fxchain` itself its name."""
    folder = MODULES[module].relative_to(ROOT).parent.parts
    return ".".join(folder) if folder else MODULES[module].stem


def imported_names(path: Path) -> Iterator[str]:
    """Yield every dotted name that a file imports anywhere, functions included."""
    package = module_name(path).split(".")
    if path.name != "__init__.py":
        package = package[:-1]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*above, *filter(None, [node.module])])
            yield from (f"{source}.{alias.name}" for alias in node.names)


def own_module(name: str) -> str | None:
    """Return the module of fxchain that provides a name, or None for other libraries."""
    while name not in MODULES:
        if "." not in name:
            return None
        name = name.rpartition(".")[0]
    return name


GRAPH = {
    module: {found for name in imported_names(path) if (found := own_module(name))} - {module}
    for module, path in MODULES.items()
}
ROOMS = {
    here: {
        room(found)
        for module in MODULES
        if room(module) == here
        for found in GRAPH[module]
        if room(found) != here
    }
    for here in sorted({room(module) for module in MODULES})
}


@pytest.mark.parametrize("here", ROOMS)
def test_a_room_imports_what_it_may(here):
    assert here in ALLOWED, f"fxchain/{here} is new: say in ALLOWED what it may import"
    allowed = set(ALLOWED[here].split())
    wrong = {
        f"{module} imports {found}"
        for module in MODULES
        if room(module) == here
        for found in GRAPH[module]
        if room(found) not in allowed | {here}
    }
    assert not wrong, "; ".join(sorted(wrong))
    unused = allowed - ROOMS[here]
    assert not unused, f"nothing in {here} imports {', '.join(sorted(unused))}: take it out"


def test_every_line_of_the_table_is_a_room():
    assert set(ALLOWED) == set(ROOMS)


@pytest.mark.parametrize("library", ONLY_IN)
def test_libraries_stay_where_they_belong(library):
    importers = {
        module
        for module, path in MODULES.items()
        if any(name.split(".")[0] == library for name in imported_names(path))
    }
    wrong = {
        module
        for module in importers
        if not ONLY_IN[library] & {room(module), MODULES[module].relative_to(ROOT).as_posix()}
    }
    assert not wrong, f"{library} must not be imported by {', '.join(sorted(wrong))}"


def test_no_module_imports_itself_through_others():
    # A package re-exports its modules, so it counts as their last, not as part of each.
    graphlib.TopologicalSorter(GRAPH).prepare()


def test_no_room_imports_itself_through_others():
    graphlib.TopologicalSorter(ROOMS).prepare()
