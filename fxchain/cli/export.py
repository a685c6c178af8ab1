"""`fxchain export`: a preset as a script that needs fxchain no more."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Format(StrEnum):
    """What a preset can become."""

    PYTHON = "python"


def export(
    preset: Annotated[Path, typer.Argument(metavar="PRESET", help="The preset to export.")],
    out: Annotated[Path, typer.Option(metavar="FILE", help="The file to write.")],
    format: Annotated[
        Format, typer.Option(help="python: a script that needs pedalboard, numpy and soundfile.")
    ] = Format.PYTHON,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file.")] = False,
) -> None:
    """Write a preset as a script for plain pedalboard."""
    from fxchain.files.atomic import check_file_target, write_text_atomic
    from fxchain.preset import Preset

    check_file_target(out, force)
    writers = {Format.PYTHON: Preset.to_python}
    loaded = Preset.load(preset)
    write_text_atomic(out, writers[format](loaded), force)
    for stage in loaded.without_twin():
        typer.echo(
            f"note: {stage} has no pedalboard plugin; the script plays it in numpy", err=True
        )
