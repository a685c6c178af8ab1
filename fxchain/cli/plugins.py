"""`fxchain plugins`: what plug-ins of other makers are in a file or folder, and their knobs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fxchain.errors import PluginError
from fxchain.wording import counted

if TYPE_CHECKING:
    from fxchain.hosting.description import PluginDescription, PluginKnob


def plugins(
    path: Annotated[
        Path,
        typer.Argument(
            metavar="PATH[:NAME]",
            help="A plug-in (VST3, Audio Unit), or a folder with plug-ins in it.",
            show_default=False,
        ),
    ],
    probe: Annotated[
        bool,
        typer.Option(
            "--probe", help="Try too what it does, and which of its knobs change nothing."
        ),
    ] = False,
    sample_rate: Annotated[
        int, typer.Option(metavar="HZ", help="The sample rate at which it is tried.")
    ] = 44_100,
) -> None:
    """List the plug-ins in a file or folder, and their knobs: names, ranges, choices."""
    from fxchain.hosting.hosted_plugin import inspected, plugins_in
    from fxchain.hosting.kept_findings import probed_once

    found = plugins_in(str(path))
    failed = 0
    for file, name in found:
        try:
            known = inspected(file, name)
            known = probed_once(known, float(sample_rate)) if probe else known
        except PluginError as error:
            if len(found) == 1:
                raise
            typer.echo(f"error: {error}", err=True)
            failed += 1
            continue
        typer.echo("\n".join(_lines(known)))
    if failed:
        raise typer.Exit(1)


def _lines(known: "PluginDescription") -> list[str]:
    """Return what is known of a plug-in."""
    lines = [f"{known.name} {known.version} ({known.maker}), {known.file}"]
    if known.probed:
        lines.append(f"  {_behaviour(known)}")
    return [*lines, *(f"  {_knob(knob)}" for knob in known.knobs), ""]


def _behaviour(known: "PluginDescription") -> str:
    kinds = {
        "filter": "linear and time-invariant",
        "memoryless": "memoryless: each output sample is a function of one input sample",
        "opaque": "neither linear nor memoryless",
    }
    said = [kinds[known.behaviour]]
    said += ["it moves by itself"] if known.moves else []
    said += [] if known.repeats else ["the same input gives other outputs: it cannot be matched"]
    if known.latency_samples:
        late = counted(known.latency_samples, "sample")
        said.append(f"its output is {late} late: it cannot be matched")
    return "; ".join(said)


def _knob(knob: "PluginKnob") -> str:
    unit = f" {knob.unit}" if knob.unit else ""
    if knob.choices:
        return f"{knob.name}: {', '.join(f'{at} {text}' for at, text in enumerate(knob.choices))}"
    marks = [
        *(["by ratios"] if knob.logarithmic else []),
        *(["whole samples"] if knob.stepped else []),
        *(["changed nothing"] if knob.dead else []),
    ]
    marked = f" ({', '.join(marks)})" if marks else ""
    return f"{knob.name}: {knob.low:g} to {knob.high:g}{unit}, {knob.default:.5g} as found{marked}"
