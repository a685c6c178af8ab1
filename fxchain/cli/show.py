"""`fxchain show`: a preset as a tree."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.tree import Tree

if TYPE_CHECKING:
    import numpy as np

    from fxchain.preset import Preset
    from fxchain.stage import Effect


def show(
    preset: Annotated[Path, typer.Argument(metavar="PRESET", help="The preset to show.")],
) -> None:
    """Show the chain of a preset with its knobs."""
    from fxchain.preset import Preset

    Console(highlight=False).print(tree_of(Preset.load(preset), preset.name))


def tree_of(preset: "Preset", title: str) -> Tree:
    """Return a preset as a tree, one line for each stage."""
    tree = preset.stage.visit(_Planter(), preset.values)
    top = f"[bold]{escape(title)}[/] [dim]made at {preset.sample_rate} Hz[/]"
    if not tree.children:
        root = Tree(top)
        root.add(tree)
        return root
    tree.label = top if tree.label == "chain" else f"{top}: {tree.label}"
    return tree


class _Planter:
    """Makes a branch of each stage."""

    def effect(self, effect: "Effect", values: "np.ndarray", path: str) -> Tree:
        """Return an effect's line: its knobs and units."""
        pairs = zip(effect.primitive.parameters, values, strict=True)
        knobs = [
            f"{spec.name} [bold]{value:.5g}[/]{f' {spec.unit}' if spec.unit else ''}"
            for spec, value in pairs
        ]
        if effect.impulse_response is not None:
            response = effect.impulse_response
            seconds = response.samples.shape[-1] / response.sample_rate
            knobs.append(f"impulse response [bold]{seconds:.3g}[/] s")
        kind = f"[cyan]{effect.primitive.kind}[/]"
        marked = [] if effect.primitive.plugin else ["[yellow]no pedalboard plugin[/]"]
        return Tree("  ".join([kind, *knobs, *marked]))

    def chain(self, stages: Sequence[Tree], path: str) -> Tree:
        """Return a chain's branch."""
        tree = Tree("chain" if stages else "unchanged")
        tree.children.extend(stages)
        return tree

    def mix(self, branches: Sequence[tuple[float, Tree]], path: str) -> Tree:
        """Return a mix's branch, each part with its weight."""
        tree = Tree("[cyan]mix[/]")
        for weight, branch in branches:
            branch.label = f"weight [bold]{weight:.5g}[/]  {branch.label}"
            tree.children.append(branch)
        return tree
