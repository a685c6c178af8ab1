"""Imports run one way.

The unit of a module is the first name below `fxchain`: `fxchain/optim/gradient.py` belongs to
`optim`, `fxchain/stage.py` to `stage`. Whoever adds a unit adds a line to ALLOWED.
"""

import ast
import graphlib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "fxchain"

SOUND = {"errors", "chunks", "exchange", "atomic", "audio", "audio_output"}
CORE = {"errors", "parameter", "primitives", "player", "stage", "preset"}

# Which units a unit may import; itself always.
ALLOWED = {
    "errors": set(),
    "parameter": {"errors"},
    "exchange": set(),
    "atomic": {"errors", "exchange"},
    "chunks": set(),
    "audio": {"errors", "chunks"},
    "audio_output": {"errors", "exchange", "atomic"},
    "energy": set(),
    "fraction": set(),
    "lag": {"energy"},
    "drift": set(),
    "kinship": set(),
    "polarity": {"lag"},
    "align": SOUND | {"fraction", "lag", "polarity"},
    "losses": SOUND,
    "loudness": set(),
    "stft_distance": set(),
    "metrics": SOUND | {"energy", "loudness", "stft_distance"},
    "baselines": SOUND | CORE | {"optim"},
    "optim": {"errors"},
    "primitives": {"errors", "parameter", "audio"},
    "player": set(),
    "stage": {"errors", "parameter", "primitives", "player"},
    "preset": {"errors", "parameter", "primitives", "player", "stage", "atomic", "audio"},
    "data": SOUND | CORE | {"metrics"},
    "render": SOUND | CORE,
    "report": SOUND | CORE | {"loudness"},
    "matching": SOUND
    | CORE
    | {
        "align",
        "baselines",
        "drift",
        "energy",
        "fraction",
        "kinship",
        "losses",
        "metrics",
        "optim",
        "render",
        "report",
    },
    "batch": SOUND | CORE | {"matching", "optim"},
    "benchmarking": SOUND
    | CORE
    | {"baselines", "fraction", "loudness", "matching", "metrics", "optim", "render", "report"},
    "transferring": SOUND | CORE | {"loudness", "matching", "metrics", "optim", "render", "report"},
    "studio": SOUND | CORE | {"matching", "render", "report", "transferring"},
    "cli": SOUND
    | CORE
    | {
        "__init__",
        "baselines",
        "batch",
        "benchmarking",
        "data",
        "matching",
        "render",
        "report",
        "studio",
        "transferring",
    },
    "__main__": {"cli"},
    "__init__": SOUND | CORE | {"benchmarking", "matching", "render", "transferring"},
}

# Libraries that only some modules may import: a unit, or one file of it.
ONLY_IN = {
    "pedalboard": {"primitives", "player", "stage", "preset"},
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


def unit(module: str) -> str:
    """Return the first name below `fxchain`; `__init__` for the package itself."""
    return [*module.split("."), "__init__"][1]


class WithoutTypes(ast.NodeTransformer):
    """Leaves out what is imported for type checkers alone."""

    def visit_If(self, node: ast.If) -> ast.AST | None:
        return None if ast.unparse(node.test) == "TYPE_CHECKING" else self.generic_visit(node)


def imported_names(path: Path, types: bool = True) -> Iterator[str]:
    """Yield every dotted name that a file imports anywhere, functions included."""
    package = module_name(path).split(".")
    if path.name != "__init__.py":
        package = package[:-1]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree if types else WithoutTypes().visit(tree)):
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


def graph(types: bool) -> dict[str, set[str]]:
    """Return which modules each module imports; for type checkers too, or when it runs."""
    return {
        module: {found for name in imported_names(path, types) if (found := own_module(name))}
        - {module}
        for module, path in MODULES.items()
    }


GRAPH = graph(types=True)


@pytest.mark.parametrize("module", MODULES)
def test_imports_run_one_way(module):
    here = unit(module)
    assert here in ALLOWED, f"fxchain/{here} is new: say in ALLOWED what it may import"
    wrong = {found for found in GRAPH[module] if unit(found) not in ALLOWED[here] | {here}}
    assert not wrong, f"{module} must not import {', '.join(sorted(wrong))}"


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
        if not ONLY_IN[library] & {unit(module), MODULES[module].relative_to(ROOT).as_posix()}
    }
    assert not wrong, f"{library} must not be imported by {', '.join(sorted(wrong))}"


def test_there_are_no_cycles():
    # A package re-exports its modules, so it counts as their last, not as part of each.
    graphlib.TopologicalSorter(graph(types=False)).prepare()


def test_the_table_itself_has_no_cycles():
    graphlib.TopologicalSorter(ALLOWED).prepare()
