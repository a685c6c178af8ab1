"""Commands that compute nothing start without the libraries that compute."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from fxchain.cli.commands import NAMES
from fxchain.primitives import REGISTRY

#: What takes most of the time of a start, and is of use only where audio is computed.
HEAVY = (
    "jinja2",
    "matplotlib",
    "nevergrad",
    "numba",
    "pedalboard",
    "scipy",
    "soxr",
    "torch",
    "torchcomp",
    "torchlpc",
)

_PROGRAM = """
import sys
from fxchain.cli import app
try:
    app(sys.argv[1:])
except SystemExit as stopped:
    assert not stopped.code, stopped.code
print("loaded:", *sorted({name.partition(".")[0] for name in sys.modules}))
"""


def loaded(*arguments):
    """Return the top-level modules that a command of the program has loaded at its end."""
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, *arguments], capture_output=True, text=True, check=True
    )
    return set(done.stdout.rpartition("loaded:")[2].split())


def node(kind, random):
    """Return one effect of a preset with controls drawn at random."""
    primitive = REGISTRY[kind]
    drawn = {spec.name: random.uniform(spec.low, spec.high) for spec in primitive.parameters}
    return {"primitive": kind, "version": primitive.version, "parameters": drawn}


@pytest.fixture(scope="module", params=range(3))
def preset(request, tmp_path_factory):
    """Return a preset file: every effect without an asset, in an order and with values drawn."""
    random = np.random.default_rng(request.param)
    kinds = [kind for kind, primitive in REGISTRY.items() if not primitive.assets]
    chain = [node(str(kind), random) for kind in random.permutation(kinds)]
    chain = [*chain[:4], {"mix": [{"weight": -0.5, **each} for each in chain[4:]]}]
    return written(tmp_path_factory.mktemp("preset"), {"chain": chain})


def test_show_loads_nothing_that_computes(preset):
    assert not loaded("show", preset) & {*HEAVY, "soundfile"}


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["match", "--help"],
        ["dataset", "--help"],
        ["measure", "--help"],
        ["primitives"],
        ["doctor"],
        ["primitives", "--markdown"],
    ],
)
def test_commands_that_describe_load_nothing_that_computes(arguments):
    assert not loaded(*arguments) & set(HEAVY)


def modules(statement):
    """Return the modules that a statement loads in a new process."""
    program = f"import sys\n{statement}\nprint('loaded:', *sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.rpartition("loaded:")[2].split())


def test_the_commands_are_known_without_reading_what_is_installed():
    known = "from typer.main import get_command\nfrom fxchain.cli import app\n"
    known += "assert list(get_command(app).commands.values())"
    assert not modules(known) & {"importlib.metadata", "numpy", "pydantic"}


def of_package(arguments, package):
    """Return the modules of a package of fxchain that a command has loaded at its end."""
    program = f"from fxchain.cli import app\napp({arguments!r}, standalone_mode=False)"
    start = f"fxchain.{package}."
    return {name.removeprefix(start) for name in modules(program) if name.startswith(start)}


@pytest.mark.parametrize("name", ["primitives", "doctor", "show"])
def test_a_command_loads_no_other(name, preset):
    found = of_package([name, preset] if name == "show" else [name], "cli")
    assert found & set(NAMES) == {name}


@pytest.mark.parametrize("seed", range(4))
def test_show_loads_only_the_effects_of_the_preset(seed, tmp_path):
    random = np.random.default_rng(seed)
    simple = [kind for kind, primitive in REGISTRY.items() if not primitive.assets]
    kinds = {str(kind) for kind in random.choice(simple, random.integers(1, 5), replace=False)}
    path = written(tmp_path, {"chain": [node(kind, random) for kind in sorted(kinds)]})
    alone = modules(f"import {', '.join(f'fxchain.primitives.{kind}' for kind in kinds)}")
    found = of_package(["show", path], "primitives")
    assert kinds <= found
    assert {f"fxchain.primitives.{kind}" for kind in found & set(REGISTRY)} <= alone


def written(folder, stage):
    """Return the path of a preset file with that stage."""
    document = {"format": "fxchain-preset", "version": 2, "sample_rate": 48_000, "stage": stage}
    path = folder / "preset.json"
    path.write_text(json.dumps(document))
    return str(path)


def packages(arguments):
    """Return the packages of fxchain that a command has loaded at its end."""
    program = f"from fxchain.cli import app\napp({arguments!r}, standalone_mode=False)"
    found = {name for name in modules(program) if name.startswith("fxchain.")}
    return {".".join(name.split(".")[:2]) for name in found}


#: What `show` stands on: arrays, checked files, options, and the drawing of a tree.
LIBRARIES = (
    "import numpy, rich.console, rich.tree, typer, typer._adapters, pydantic\n"
    "class Model(pydantic.BaseModel): number: int"
)
#: As many modules as the libraries have may be loaded.
MOST_TIMES = 1.25


def test_show_loads_little_besides_its_libraries(tmp_path):
    random = np.random.default_rng(8)
    path = written(tmp_path, {"chain": [node(kind, random) for kind in ("gain", "peak_filter")]})
    shown = modules(f"from fxchain.cli import app\napp(['show', {path!r}], standalone_mode=False)")
    assert len(shown) <= MOST_TIMES * len(modules(LIBRARIES))


def test_show_of_a_preset_loads_no_synthesizer(preset):
    assert not of_package(["show", preset], "synth") & {"patch", "drum"}


def test_primitives_loads_no_reader_and_no_writer_of_presets():
    found = packages(["primitives"])
    assert "fxchain.primitives" in found
    assert not found & {"fxchain.preset", "fxchain.stage", "fxchain.export", "fxchain.native"}


def test_show_loads_no_writer_of_presets(preset):
    found = packages(["show", preset])
    assert "fxchain.preset" in found
    assert not found & {"fxchain.export", "fxchain.native", "fxchain.matching"}


@pytest.mark.parametrize("asked", [True, False])
def test_show_looks_for_no_plugins_of_pydantic(preset, asked, tmp_path, monkeypatch):
    (tmp_path / "spy-1.0.dist-info").mkdir()
    (tmp_path / "spy-1.0.dist-info" / "METADATA").write_text("Name: spy\nVersion: 1.0\n")
    (tmp_path / "spy-1.0.dist-info" / "entry_points.txt").write_text("[pydantic]\nspy = spy\n")
    (tmp_path / "spy.py").write_text("def new_schema_validator(*_):\n    return None, None, None\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delenv("PYDANTIC_DISABLE_PLUGINS", raising=False)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    start = "app(standalone_mode=False)" if asked else "main()"  # `main` alone turns them off
    found = modules(
        f"sys.argv = ['fxchain', 'show', {preset!r}]\n"
        "from fxchain.cli import app, main\n"
        f"try:\n    {start}\nexcept SystemExit as stopped:\n    assert not stopped.code"
    )
    assert ("spy" in found) == asked
