"""`fxchain primitives`: every effect and what it states about itself."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from fxchain.parameter import ParameterSpec
    from fxchain.primitives import Primitive

_HEAD = """# Primitives

Every effect that a chain can be made of, as `fxchain primitives --markdown` prints it.

The twin is the pedalboard plugin that sounds the same. "Derivatives" says how the knobs are
searched: by automatic differentiation, by differences of the impulse response (then second-order
steps move them, like the former), or by evolution. Frequencies are held at {share:g} of the sample
rate.
"""


def primitives(
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print them as the page of the documentation.")
    ] = False,
) -> None:
    """List every effect: its knobs, ranges, units, twin, and how its knobs are searched."""
    from fxchain.primitives import REGISTRY

    if markdown:
        typer.echo(markdown_of(list(REGISTRY.values())), nl=False)
        return
    from rich.console import Console

    console = Console(highlight=False)
    for primitive in REGISTRY.values():
        _print(console, primitive)


def markdown_of(registry: "list[Primitive]") -> str:
    """Return the page of the documentation that describes primitives."""
    from fxchain.dsp.frequency_limit import HIGHEST_FREQUENCY

    parts = [_HEAD.format(share=HIGHEST_FREQUENCY), *map(_section, registry)]
    return "\n".join(parts)


def _section(primitive: "Primitive") -> str:
    """Return the paragraphs and the table of one effect."""
    lines = [
        f"## {primitive.kind}",
        "",
        primitive.summary,
        "",
        f"- Twin: {_twin(primitive, '`pedalboard.{}`')}",
        f"- Purpose: {primitive.purpose}; {primitive.nature.replace('_', '-')}",
        f"- Derivatives: {_derivatives(primitive)}",
    ]
    lines += [f"- Needs an asset: {name.replace('_', ' ')}" for name in primitive.assets]
    lines += [f"- {text}" for text in _limits(primitive)]
    if primitive.parameters:
        lines += [
            "",
            "| knob | unit | lowest | highest | default | scale |",
            "|---|---|---|---|---|---|",
        ]
        lines += [f"| {' | '.join(_knob(spec))} |" for spec in primitive.parameters]
    return "\n".join([*lines, ""])


def _print(console: "Console", primitive: "Primitive") -> None:
    """Print an effect: a line for it, one for its nature, one for each knob."""
    console.print(f"[bold cyan]{primitive.kind}[/]  {primitive.summary}", soft_wrap=True)
    nature = f"twin: {_twin(primitive, 'pedalboard.{}')}; derivatives: {_derivatives(primitive)}"
    needs = "".join(f"; needs an asset: {name.replace('_', ' ')}" for name in primitive.assets)
    console.print(f"    [dim]{nature}{needs}[/]", soft_wrap=True)
    for name, unit, low, high, default, scale in map(_knob, primitive.parameters):
        span = f"{low} … {high} {unit}".rstrip() + (", log" if scale == "log" else "")
        console.print(f"    {name:<20} {span:<20} [dim]at first {default}[/]", soft_wrap=True)
    for text in _limits(primitive):
        console.print(f"    [dim]{text}[/]", soft_wrap=True)
    console.print()


def _derivatives(primitive: "Primitive") -> str:
    """Return how the knobs of an effect are searched."""
    if primitive.gradient == "full":
        return "automatic differentiation"
    ways = {
        "none": "none, nor of the stages before it in its branch",
        "differences": "differences of what it plays",
        "signal": "differences of the impulse response",
    }[primitive.gradient]
    evolved = sorted(
        spec.name
        for spec in primitive.parameters
        if spec.choices or spec.name in primitive.quantized or primitive.gradient == "none"
    )
    return f"{ways}; evolution for {', '.join(evolved)}" if evolved else ways


def _limits(primitive: "Primitive") -> list[str]:
    """Return what else has to be known to use an effect."""
    found = [
        f"{spec.name}: {', '.join(f'{at} {text}' for at, text in enumerate(spec.choices))}"
        for spec in primitive.parameters
        if spec.choices
    ]
    if primitive.sample_rates:
        found.append(f"Sample rates: {', '.join(map(str, primitive.sample_rates))} Hz")
    if primitive.whole:
        found.append("Plays recordings whole, not in blocks")
    return found


def _twin(primitive: "Primitive", form: str) -> str:
    from fxchain.primitives.plugin_name import plugin_name

    name = plugin_name(primitive)
    return form.format(name) if name else "none: exported scripts play it in numpy"


def _knob(spec: "ParameterSpec") -> tuple[str, str, str, str, str, str]:
    """Return name, unit, lowest, highest, default and scale as text."""
    low, high, default = (f"{number:.10g}" for number in (spec.low, spec.high, spec.default))
    return spec.name, spec.unit, low, high, default, spec.scale
