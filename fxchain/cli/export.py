"""`fxchain export`: a preset as a script or a program that needs fxchain no more."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fxchain.cli import options as shared

if TYPE_CHECKING:
    from fxchain.preset import Preset


class Format(StrEnum):
    """What a preset can become."""

    PYTHON = "python"
    CPP = "cpp"
    WEB = "web"


def export(
    preset: Annotated[Path, typer.Argument(metavar="PRESET", help="The preset to export.")],
    out: Annotated[
        Path, typer.Option(metavar="FILE", help="The file to write; of cpp, the folder.")
    ],
    format: Annotated[
        Format,
        typer.Option(
            help="python: a script that needs pedalboard, numpy and soundfile. cpp: C++17 source "
            "that plays it live, with a CMakeLists.txt. web: one HTML file that plays it live in a "
            "browser, with its knobs (extra plugins)."
        ),
    ] = Format.PYTHON,
    settings: shared.Set = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file.")] = False,
) -> None:
    """Write a preset as a script for plain pedalboard, or as something that plays it live."""
    from fxchain.files.atomic import check_file_target, check_folder_target
    from fxchain.preset import Preset
    from fxchain.preset.macro_settings import turned

    check = check_folder_target if format is Format.CPP else check_file_target
    check(out, force)
    loaded = turned(Preset.load(preset), settings or [], str(preset))
    _WRITERS[format](loaded, out, force)
    if loaded.macros and format is not Format.PYTHON:
        stands = ", ".join(f"{each.name}={each.value:g}" for each in loaded.macros)
        typer.echo(
            f"note: it plays the preset at {stands}; its knobs are those of the stages", err=True
        )


def _python(loaded: "Preset", out: Path, force: bool) -> None:
    """Write a script, and say which stages numpy plays."""
    from fxchain.files.atomic import write_text_atomic

    write_text_atomic(out, loaded.to_python(), force)
    for stage in loaded.without_twin():
        typer.echo(
            f"note: {stage} has no pedalboard plugin; the script plays it in numpy", err=True
        )


def _cpp(loaded: "Preset", out: Path, force: bool) -> None:
    """Write the folder of a C++ project."""
    from fxchain.export.cpp_project import write_project
    from fxchain.files.atomic import publishing

    files = write_project(loaded.stage, loaded.values, loaded.routing, loaded.sample_rate)
    with publishing(out, force) as folder:
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")


def _web(loaded: "Preset", out: Path, force: bool) -> None:
    """Write a page."""
    from fxchain.export.web_page import write_page
    from fxchain.files.atomic import write_text_atomic

    page = write_page(
        loaded.stage, loaded.values, loaded.routing, loaded.sample_rate, title=out.stem
    )
    write_text_atomic(out, page, force)


_WRITERS = {Format.PYTHON: _python, Format.CPP: _cpp, Format.WEB: _web}
