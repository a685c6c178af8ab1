"""`fxchain export`: a preset as a script or a program that needs fxchain no more."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fxchain.cli import exported_plugin
from fxchain.cli import options as shared
from fxchain.cli.numpy_stages import numpy_sentence
from fxchain.errors import ExportError

if TYPE_CHECKING:
    from fxchain.preset import Preset


class Format(StrEnum):
    """What a preset can become."""

    PYTHON = "python"
    CPP = "cpp"
    WEB = "web"
    VST3 = "vst3"
    CLAP = "clap"
    LV2 = "lv2"
    FAUST = "faust"
    NAM = "nam"


def export(
    preset: Annotated[
        Path, typer.Argument(metavar="PRESET", help="The preset, or the patch.json.")
    ],
    out: Annotated[
        Path,
        typer.Option(
            metavar="FILE", help="The file or folder to write; of plug-ins, as NAME.vst3."
        ),
    ],
    format: Annotated[
        Format,
        typer.Option(
            help="python: a script that needs pedalboard, numpy and soundfile. cpp: C++17 source "
            "that plays it live, with a CMakeLists.txt. web: one HTML file that plays it live in a "
            "browser, with its knobs (extra plugins). vst3, clap, lv2: a plug-in, with its knobs "
            "as parameters (extra plugins). faust: a program of the language Faust, with sliders, "
            "for chains of filters, gains, drives and delays. nam: a model for Neural Amp Modeler, "
            "of one channel, for chains and sums of filters and static drives (tanh, clipping). A "
            "patch becomes an instrument: web, vst3, clap, lv2."
        ),
    ] = Format.PYTHON,
    target: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MACHINE",
            help="The machine of a plug-in: linux-x86_64, linux-arm64, windows-x86_64, "
            "macos-x86_64 or macos-arm64; several for vst3. Without it: this one.",
        ),
    ] = None,
    channels: Annotated[
        int | None,
        typer.Option(
            metavar="1|2",
            help="How many channels go into a plug-in. Without it: as in the recording that the "
            "preset was found on, or 2.",
        ),
    ] = None,
    settings: shared.Set = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file.")] = False,
) -> None:
    """Write a preset as a script for plain pedalboard, or as something that plays it live."""
    from fxchain.cli.exported_patch import export_patch
    from fxchain.files.atomic import check_file_target, check_folder_target
    from fxchain.preset import Preset
    from fxchain.preset.macro_settings import turned
    from fxchain.synth.patch_kinds import is_patch

    if format not in exported_plugin.PLUGINS and (target or channels):
        raise ExportError(f"--format {format}: --target and --channels are for vst3, clap and lv2")
    plugin = exported_plugin.Wish(format, out, target or [], channels, force)
    if format in exported_plugin.PLUGINS:
        plugin.check()
    else:
        check = check_folder_target if format is Format.CPP else check_file_target
        check(out, force)
    if format is Format.NAM and out.suffix != ".nam":
        raise ExportError(f"{out}: Neural Amp Modeler looks for names that end in .nam")
    if is_patch(preset):
        if settings:
            raise ExportError(f"{preset}: --set turns macros of presets; a patch has none")
        export_patch(preset, format, plugin)
        return
    loaded = turned(Preset.load(preset), settings or [], str(preset))
    if format in exported_plugin.PLUGINS:
        plugin.write(plugin.describe(loaded))
    else:
        _WRITERS[format](loaded, out, force)


def _python(loaded: "Preset", out: Path, force: bool) -> None:
    """Write a script, and say which stages numpy plays."""
    from fxchain.files.atomic import write_text_atomic

    write_text_atomic(out, loaded.to_python(), force)
    if stages := loaded.without_twin():
        typer.echo(f"note: {numpy_sentence(stages, 'the script')}", err=True)


def _cpp(loaded: "Preset", out: Path, force: bool) -> None:
    """Write the folder of a C++ project."""
    from fxchain.export.cpp_project import write_project
    from fxchain.files.atomic import publishing
    from fxchain.preset.played_macros import live_macros

    macros = live_macros(loaded.stage, loaded.macros)
    files = write_project(loaded.stage, loaded.values, loaded.routing, loaded.sample_rate, macros)
    with publishing(out, force) as folder:
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")


def _web(loaded: "Preset", out: Path, force: bool) -> None:
    """Write a page."""
    from fxchain.files.atomic import write_text_atomic
    from fxchain.preset.live_page import live_page

    write_text_atomic(out, live_page(loaded, title=out.stem), force)


def _faust(loaded: "Preset", out: Path, force: bool) -> None:
    """Write a program of Faust."""
    from fxchain.export.faust import write_faust
    from fxchain.files.atomic import write_text_atomic
    from fxchain.preset.played_macros import live_macros

    parts = (loaded.stage, loaded.values, loaded.routing, loaded.sample_rate)
    text = write_faust(*parts, out.stem, live_macros(loaded.stage, loaded.macros))
    write_text_atomic(out, text, force)


def _nam(loaded: "Preset", out: Path, force: bool) -> None:
    """Write a model of Neural Amp Modeler, and say that macros do not move in it."""
    from fxchain.export.nam_model import write_nam
    from fxchain.files.atomic import write_text_atomic

    text = write_nam(
        loaded.stage, loaded.values, loaded.routing, loaded.sample_rate, title=out.stem
    )
    write_text_atomic(out, text, force)
    if loaded.macros:
        stands = ", ".join(f"{each.name}={each.value:g}" for each in loaded.macros)
        typer.echo(f"note: it plays the preset at {stands}; a model has no knobs", err=True)


_WRITERS = {
    Format.PYTHON: _python,
    Format.CPP: _cpp,
    Format.WEB: _web,
    Format.FAUST: _faust,
    Format.NAM: _nam,
}
