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

    from fxchain.parameter import ParameterSpec
    from fxchain.preset import Preset
    from fxchain.preset.knob_ranges import KnobRanges
    from fxchain.stage import Effect

#: Of a group of redundant knobs so many are named.
_NAMED = 6


def show(
    preset: Annotated[Path, typer.Argument(metavar="PRESET", help="The preset to show.")],
) -> None:
    """Show the chain of a preset with its knobs."""
    from fxchain.preset import Preset

    found = Preset.load(preset)
    console = Console(highlight=False)
    console.print(tree_of(found, preset.name))
    for line in redundancies(found):
        console.print(line)


def tree_of(preset: "Preset", title: str) -> Tree:
    """Return a preset as a tree, one line for each stage."""
    from fxchain.preset.knob_ranges import read_ranges

    ranges = read_ranges(preset.metadata, preset.stage, preset.values)
    tree = preset.stage.visit(_TreeBuilder(ranges), preset.values)
    top = f"[bold]{escape(title)}[/] [dim]made at {preset.sample_rate} Hz[/]"
    if not tree.children:
        root = Tree(top)
        root.add(tree)
        return root
    tree.label = top if tree.label == "chain" else f"{top}: {tree.label}"
    return tree


def redundancies(preset: "Preset") -> list[str]:
    """Return a line for each group of knobs that trade against each other, the first few named."""
    from fxchain.preset.knob_ranges import read_ranges
    from fxchain.stage import knob_name

    groups = read_ranges(preset.metadata, preset.stage, preset.values).redundant
    places = {
        knob_name(slot.path, slot.spec.name): f"{slot.name} at {slot.path}"
        if slot.path
        else slot.name
        for slot in preset.stage.slots()
    }
    lines = []
    for group in groups:
        named = ", ".join(places[name] for name in group[:_NAMED])
        more = f" and {len(group) - _NAMED} more" if len(group) > _NAMED else ""
        lines.append(f"[dim]can trade against each other unheard:[/] {escape(named)}{more}")
    return lines


class _TreeBuilder:
    """Visitor that builds a branch for each stage."""

    def __init__(self, ranges: "KnobRanges") -> None:
        self._ranges = ranges

    def _knob(self, spec: "ParameterSpec", value: float, path: str) -> str:
        """Return a knob: `ratio 4.02 ±0.05`."""
        from fxchain.preset.knob_text import around
        from fxchain.stage import knob_name

        name = knob_name(path, spec.name)
        unit = f" {spec.unit}" if spec.unit else ""
        text = f"{spec.name} [bold]{value:.5g}[/]"
        if name in self._ranges.inaudible:
            return f"{text}{unit} [dim](cannot be heard)[/]"
        if name not in self._ranges.ranges:
            return f"{text}{unit}"
        low, high = self._ranges.ranges[name]
        if low <= spec.low and high >= spec.high:
            return f"{text} [dim]±?[/]{unit}"
        return f"{text} [dim]{around(value, low, high)}[/]{unit}"

    def effect(self, effect: "Effect", values: "np.ndarray", path: str) -> Tree:
        """Return an effect's line: its knobs and units."""
        pairs = zip(effect.primitive.parameters, values, strict=True)
        knobs = [self._knob(spec, float(value), path) for spec, value in pairs]
        for name, asset in effect.assets.items():
            knobs.append(f"{name.replace('_', ' ')} [bold]{asset.seconds:.3g}[/] s")
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
        from fxchain.stage import WEIGHT

        tree = Tree("[cyan]mix[/]")
        for index, (weight, branch) in enumerate(branches):
            below = f"{path}.mix[{index}]" if path else f"mix[{index}]"
            branch.label = f"{self._knob(WEIGHT, weight, below)}  {branch.label}"
            tree.children.append(branch)
        return tree
