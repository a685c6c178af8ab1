"""Imports run one way, from package to package.

The package of a module is the folder that it lies in: `fxchain/matching/search/state.py` belongs to
`matching.search`; a file that lies in `fxchain` itself is a package of its own. Imports for type
checkers count like all others. Whoever adds a package adds a line to ALLOWED.
"""

from pathlib import Path

import pytest

from tests.import_graph import ImportGraph, cycle

GRAPH = ImportGraph(Path(__file__).parents[1] / "fxchain")

# What each package may import besides itself, nothing more: an unused entry fails as well.
ALLOWED = {
    "errors": "",
    "wording": "",
    "parameter": "errors",
    "player": "",
    "child_process": "",
    "optim": "child_process",
    "files": "errors wording",
    "metrics": "errors",
    "alignment": "dsp errors metrics wording",
    "dsp": "parameter",
    "hosting": "child_process errors files player",
    "recurrent": "alignment dsp fir",
    "primitives": "dsp errors hosting parameter player recurrent",
    "stage": "dsp errors parameter player primitives",
    "native": "child_process errors files parameter player primitives stage synth.drum.playing "
    "synth.drum.sources synth.sources synth.voice",
    "native.plugins": "errors native player stage",
    "export": "dsp errors hosting native native.plugins parameter player primitives stage",
    "preset": "dsp errors export files hosting native parameter player primitives stage wording",
    "render": "errors files player",
    "report": "dsp errors metrics native parameter player preset stage structure wording",
    "evidence": "dsp primitives",
    "fir": "alignment errors player",
    "periodic": "alignment dsp evidence player",
    "recordings": "alignment errors files fir metrics player wording",
    "structure": "errors hosting player preset primitives stage",
    "iir": "alignment optim player primitives structure",
    "session": "errors files metrics optim player preset report wording",
    "objectives": "alignment metrics optim player recordings stage structure",
    "baselines": "alignment errors files fir optim preset wording",
    "oscillator_alignment": "errors files objectives optim periodic preset "
    "primitives recordings stage structure",
    "matching.search": "alignment dsp errors evidence files fir iir objectives optim periodic "
    "player preset primitives recordings recurrent session stage structure",
    "matching.scoring": "alignment baselines matching.search metrics objectives preset recordings "
    "render report session stage",
    "matching.findings": "evidence matching.search objectives optim primitives recordings stage "
    "structure",
    "matching": "alignment errors hosting matching.findings matching.scoring matching.search "
    "measuring metrics optim oscillator_alignment player preset recordings recurrent render "
    "session stage structure wording",
    "devices": "errors matching matching.scoring matching.search metrics objectives optim preset "
    "recordings render session structure",
    "transferring": "errors files metrics optim parameter player preset primitives "
    "recordings render report session stage structure wording",
    "batch": "child_process errors files matching matching.search optim preset recordings session",
    "benchmarking": "alignment baselines child_process errors files matching metrics optim player "
    "preset primitives recordings recurrent render report session stage wording",
    "studio": "child_process errors files matching parameter preset render report session stage "
    "structure transferring",
    "data": "parameter player preset primitives render stage structure",
    "dataset": "batch data errors files optim preset primitives stage structure",
    "notes": "errors files",
    "synth.sources": "parameter",
    "synth.voice": "",
    "synth.patch": "errors files parameter preset synth.sources synth.voice",
    "synth.search": "errors files notes optim parameter synth.patch synth.sources synth.voice",
    "synth.instrument": "notes optim parameter preset stage synth.search",
    "synth.drum.sources": "parameter synth.voice",
    "synth.drum.playing": "synth.voice",
    "synth.drum": "errors files notes optim parameter synth.drum.playing synth.drum.sources "
    "synth.patch synth.search",
    "synth": "errors files matching matching.search native notes optim player preset primitives "
    "report session stage structure synth.drum synth.drum.playing synth.drum.sources "
    "synth.instrument synth.patch synth.search synth.sources synth.voice",
    "measuring": "alignment dsp errors files report",
    "cli": "baselines batch benchmarking data dataset devices dsp errors export files hosting "
    "matching measuring native native.plugins notes optim oscillator_alignment parameter preset "
    "primitives recordings render report session stage structure studio synth synth.drum "
    "synth.patch transferring wording",
    "__main__": "cli",
    "__init__": "benchmarking child_process devices errors matching preset recordings session "
    "transferring",
}

# Libraries that only some modules may import: a unit, or one file of it.
ONLY_IN = {
    "pedalboard": {
        "dsp",
        "hosting",
        "primitives",
        "player",
        "stage",
        "preset",
        "files/other_decoder.py",
    },
    "matplotlib": {"benchmarking/pictures.py"},
    "nevergrad": {"optim/evolution.py"},
    "typer": {"cli"},
    "jinja2": {"report", "studio"},
    "gradio": {"studio"},
    "fastapi": {"studio/server.py"},
    "uvicorn": {"studio/server.py"},
}


@pytest.mark.parametrize("here", GRAPH.packages)
def test_a_room_imports_what_it_may(here):
    assert here in ALLOWED, f"fxchain/{here} is new: say in ALLOWED what it may import"
    assert here not in GRAPH.forbidden(ALLOWED), "; ".join(GRAPH.forbidden(ALLOWED)[here])
    unused = GRAPH.unused(ALLOWED).get(here, set())
    assert not unused, f"nothing in {here} imports {', '.join(sorted(unused))}: take it out"


def test_every_line_of_the_table_is_a_room():
    assert set(ALLOWED) == set(GRAPH.packages)


@pytest.mark.parametrize("library", ONLY_IN)
def test_libraries_stay_where_they_belong(library):
    importers = [
        module
        for module in GRAPH.modules
        if any(name.split(".")[0] == library for name in GRAPH.names(module))
    ]
    wrong = [
        module
        for module in importers
        if not ONLY_IN[library]
        & {GRAPH.package(module), GRAPH.modules[module].relative_to(GRAPH.root).as_posix()}
    ]
    assert importers, f"{library} is imported nowhere: take it out of ONLY_IN"
    assert not wrong, f"{library} must not be imported by {', '.join(wrong)}"


def test_no_module_imports_itself_through_others():
    # A package re-exports its modules, so it counts as their last, not as part of each.
    assert not cycle(GRAPH.imports)


def test_no_room_imports_itself_through_others():
    assert not cycle(GRAPH.packages)


@pytest.fixture
def package(tmp_path):
    """Return a function that writes files, a text for each name, and returns their imports."""

    def write(**files: str) -> ImportGraph:
        for name, text in files.items():
            path = tmp_path / "fake" / (name.replace("__", "/") + ".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return ImportGraph(tmp_path / "fake")

    return write


def test_a_cycle_through_imports_for_type_checkers_is_found(package):
    found = package(
        stage__effect="from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from fake.preset.reading import Preset\n",
        preset__reading="def read():\n    from ..stage.effect import Effect\n",
    )
    modules = {"fake.stage.effect", "fake.preset.reading"}
    assert found.imports == {module: modules - {module} for module in modules}
    assert set(cycle(found.imports)) == modules
    assert set(cycle(found.packages)) == {"stage", "preset"}


def test_modules_of_one_room_may_not_form_a_cycle_either(package):
    found = package(stage__a="from fake.stage import b", stage__b="import fake.stage.a")
    assert found.packages == {"stage": set()}
    assert set(cycle(found.imports)) == {"fake.stage.a", "fake.stage.b"}


def test_a_forbidden_import_and_an_unused_entry_are_found(package):
    found = package(
        errors="import os",
        matching__match="from fake.matching.search.state import State\nfrom fake.errors import E",
        matching__search__state="def run():\n    from fake.matching import match\n",
    )
    allowed = {"matching": "matching.search errors", "matching.search": "errors", "errors": ""}
    wrong = "fake.matching.search.state imports fake.matching.match"
    assert found.forbidden(allowed) == {"matching.search": [wrong]}
    assert found.unused(allowed) == {"matching.search": {"errors"}}
    assert not found.forbidden({**allowed, "matching.search": "matching"})
    assert list(found.forbidden({})) == ["matching", "matching.search"]
