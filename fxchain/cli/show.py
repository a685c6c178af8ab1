"""`fxchain show`: a preset or a patch as a tree."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.tree import Tree

if TYPE_CHECKING:
    from fxchain.parameter import ParameterSpec
    from fxchain.preset import Preset
    from fxchain.preset.effects import Placed
    from fxchain.preset.knob_ranges import KnobRanges
    from fxchain.structure.boxes import Box, BranchBox
    from fxchain.synth.patch.patch_file import PatchFile

#: Of a group of redundant knobs so many are named.
_NAMED = 6


def show(
    preset: Annotated[
        Path, typer.Argument(metavar="PRESET", help="The preset, or the patch.json.")
    ],
) -> None:
    """Show the chain of a preset with its knobs, or the sources of a patch."""
    from fxchain.preset import Preset
    from fxchain.preset.routing import describe
    from fxchain.synth.patch_kinds import is_patch, load_patch

    console = Console(highlight=False)
    if is_patch(preset):
        console.print(tree_of_patch(load_patch(preset), preset.name))
        return
    found = Preset.load(preset)
    console.print(tree_of(found, preset.name))
    for line in [*macro_lines(found), *describe(found.routing), *redundancies(found)]:
        console.print(line)


def macro_lines(preset: "Preset") -> list[str]:
    """Return lines about each macro: where it stands, and what it moves."""
    from fxchain.preset.macro_text import macro_sentences, macro_title

    lines = []
    for macro in preset.macros:
        lines.append(f"macro [bold]{escape(macro_title(macro))}[/]")
        sentences = macro_sentences(macro, preset.stage, preset.values)
        lines += [f"  {escape(sentence)}" for sentence in sentences]
    return lines


def tree_of(preset: "Preset", title: str) -> Tree:
    """Return a preset as a tree, a branch for each effect, equalizer and mix."""
    from fxchain.preset.knob_ranges import read_ranges
    from fxchain.structure.boxes import boxes

    builder = _TreeBuilder(read_ranges(preset.metadata, preset.stage, preset.values))
    tree = Tree(f"[bold]{escape(title)}[/] [dim]made at {preset.sample_rate} Hz[/]")
    drawn = boxes(preset.stage, preset.values)
    tree.children.extend([builder.box(box) for box in drawn] or [Tree("unchanged")])
    return tree


def tree_of_patch(patch: "PatchFile", title: str) -> Tree:
    """Return a patch as a tree: its sources, the controls they share, the effects behind them."""
    tree = Tree(f"[bold]{escape(title)}[/] [dim]a patch; fxchain synth play plays it[/]")
    sources = tree.add("[cyan]sources[/]")
    for name, weight, controls in patch.rows():
        sources.add(f"{escape(name)}  weight [bold]{weight}[/]  {escape(controls)}".rstrip())
    shared = patch.shared()
    if shared:
        controls_of_all = tree.add("[cyan]controls[/]")
        for name, value, unit in shared:
            controls_of_all.add(f"{name} [bold]{value:.4g}[/] {unit}".rstrip())
    preset = patch.preset
    if preset is not None:
        tree.children.append(tree_of(preset, "effects"))
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
    """Builds a branch for each box."""

    def __init__(self, ranges: "KnobRanges") -> None:
        self._ranges = ranges

    def box(self, box: "Box") -> Tree:
        """Return the branch of a box: the bands of an equalizer and branches of a mix in it."""
        from fxchain.structure.boxes import CHANNELS, EQUALIZER

        if box.kind != EQUALIZER and not box.branches:
            return Tree(self._effect(box.effects[0]))
        tree = Tree(f"[cyan]{box.kind}[/]")
        for band in box.effects:
            tree.add(self._effect(band))
        for number, branch in enumerate(box.branches, start=1):
            channel = f"channel {number}" if box.kind == CHANNELS else ""
            tree.children.append(self._branch(branch, channel))
        return tree

    def _branch(self, branch: "BranchBox", channel: str) -> Tree:
        """Return a branch with its channel or its weight; a single box stands in the same line."""
        from fxchain.stage import WEIGHT

        weight = channel or self._knob(WEIGHT, branch.weight, branch.path)
        inside = [self.box(box) for box in branch.boxes]
        if len(inside) == 1:
            inside[0].label = f"{weight}  {inside[0].label}"
            return inside[0]
        tree = Tree(weight if inside else f"{weight}  unchanged")
        tree.children.extend(inside)
        return tree

    def _effect(self, placed: "Placed") -> str:
        """Return an effect's line: its knobs and units."""
        primitive = placed.effect.primitive
        pairs = zip(primitive.parameters, placed.values, strict=True)
        knobs = [self._knob(spec, float(value), placed.path) for spec, value in pairs]
        for name, asset in placed.effect.assets.items():
            knobs.append(f"{name.replace('_', ' ')} [bold]{asset.seconds:.3g}[/] s")
        marked = [] if primitive.plugin else ["[yellow]no pedalboard plugin[/]"]
        return "  ".join([f"[cyan]{primitive.kind}[/]", *knobs, *marked])

    def _knob(self, spec: "ParameterSpec", value: float, path: str) -> str:
        """Return a knob: `ratio 4.02 ±0.05`."""
        from fxchain.preset.knob_text import around
        from fxchain.stage import knob_name

        name = knob_name(path, spec.name)
        unit = f" {spec.unit}" if spec.unit else ""
        if spec.choices:
            return f"{spec.name} [bold]{escape(spec.choices[round(value)])}[/]"
        text = f"{spec.name} [bold]{value:.5g}[/]"
        if name in self._ranges.inaudible:
            return f"{text}{unit} [dim](cannot be heard)[/]"
        if name not in self._ranges.ranges:
            return f"{text}{unit}"
        low, high = self._ranges.ranges[name]
        if low <= spec.low and high >= spec.high:
            return f"{text} [dim]±?[/]{unit}"
        return f"{text} [dim]{around(value, low, high)}[/]{unit}"
