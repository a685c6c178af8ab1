"""How long do commands take that only describe, beside the libraries they stand on?

    python benchmarks/start.py [--rounds 15]

Processor time of whole processes, the least of all rounds, in turn, so that other programs disturb
all of them alike. `libraries`: numpy, pydantic and rich imported, as small as that can be;
`their use`: a program of typer with one command that makes one pydantic model and draws one
tree with rich, as `show` does for a whole preset. Nothing of it is fxchain's.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

import numpy as np

from fxchain import Preset
from fxchain.primitives import get_primitive
from fxchain.stage import Chain, Effect

LIBRARIES = "import numpy, pydantic, rich"
THEIR_USE = """
import typer

app = typer.Typer()

@app.callback()
def options(): ...

@app.command()
def show():
    import numpy, pydantic
    from rich.console import Console
    from rich.tree import Tree

    class Model(pydantic.BaseModel):
        number: int

    tree = Tree("[bold]a tree[/]")
    tree.add(f"[cyan]{Model.model_validate({'number': 1}).number}[/]")
    Console().print(tree)

app(["show"])
"""
KINDS = ("highpass_filter", "distortion", "peak_filter", "gain")
COMMANDS = (["--version"], ["--help"], ["show"], ["primitives"], ["match", "--help"])


def main() -> None:
    """Print a row for each program."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    python = [sys.executable, "-P"]
    programs = {
        "python": [*python, "-c", "pass"],
        "libraries": [*python, "-c", LIBRARIES],
        "their use": [*python, "-c", THEIR_USE],
    }
    with tempfile.TemporaryDirectory() as folder:
        preset = Path(folder) / "preset.json"
        effects = [Effect(get_primitive(kind)) for kind in KINDS]
        values = [spec.default for each in effects for spec in each.primitive.parameters]
        Preset(Chain(tuple(effects)), np.array(values), 44_100).save(preset)
        for words in COMMANDS:
            given = [*words, str(preset)] if words == ["show"] else words
            start = "from fxchain.cli import main; main()"
            programs[f"fxchain {' '.join(words)}"] = [*python, "-c", start, *given]
        rounds = [
            {name: seconds(each) for name, each in programs.items()} for _ in range(options.rounds)
        ]
    least = {name: min(each[name] for each in rounds) for name in programs}
    print(f"{'':<22}{'s':>8}{'libraries':>12}{'their use':>12}")
    for name, took in least.items():
        ratios = (took / least["libraries"], took / least["their use"])
        print(f"{name:<22}{took:>8.3f}{ratios[0]:>12.2f}{ratios[1]:>12.2f}")


def seconds(command: list[str]) -> float:
    """Return the processor time of a command, whose output is thrown away."""
    nowhere = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    process = os.posix_spawn(command[0], command, os.environ, file_actions=nowhere)
    _, status, usage = os.wait4(process, 0)
    if status:
        raise SystemExit(f"this failed: {' '.join(command)}")
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
