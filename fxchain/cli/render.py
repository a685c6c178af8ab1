"""`fxchain render`: audio through a preset."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fxchain.cli import options as shared
from fxchain.errors import ParameterError, PresetError

if TYPE_CHECKING:
    from fxchain.baselines.trained import TrainedNetwork
    from fxchain.preset import Preset
    from fxchain.render import Tail


def render(
    preset: Annotated[
        Path,
        typer.Argument(
            metavar="PRESET", help="The preset, or network of a benchmark, to play through."
        ),
    ],
    source: Annotated[Path, typer.Argument(metavar="INPUT", help="An audio file of any length.")],
    target: Annotated[
        Path,
        typer.Argument(
            metavar="OUTPUT",
            help="The file to write; its extension chooses the format, .wav holds 32-bit floats.",
        ),
    ],
    tail: Annotated[
        str,
        typer.Option(
            metavar="SECONDS|auto",
            help="Go on after the end; auto: until the output has stayed 80 dB below its peak.",
        ),
    ] = "0",
    settings: shared.Set = None,
    align_to: Annotated[
        Path | None,
        typer.Option(
            metavar="WET",
            help="INPUT through the device itself: rate and phase of effects that move are found "
            "anew, so that OUTPUT moves as this does.",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the output.")] = False,
) -> None:
    """Play an audio file through a preset."""
    from fxchain.render import render_file

    seconds = _tail(tail)
    loaded = _load(preset)
    if settings:
        loaded = _turned(loaded, settings, preset)
    if align_to is not None:
        from fxchain.files.audio_output import check_audio_target

        check_audio_target(target, force)
        loaded = _aligned(loaded, source, align_to, preset)
    rate = render_file(loaded, source, target, seconds, force, _note)
    for sentence in loaded.clamped(rate):
        _note(sentence)


def _note(sentence: str) -> None:
    typer.echo(f"note: {sentence}", err=True)


def _load(path: Path) -> "Preset | TrainedNetwork":
    """Return what a file holds, by the format it names."""
    from fxchain.preset import Preset
    from fxchain.preset.strict_json import parse, read_text

    if '"fxchain-network"' in (text := read_text(path)):
        from fxchain.baselines.network_file import is_network, network_from

        if is_network(document := parse(text, str(path))):
            return network_from(document, str(path))
    return Preset.from_json(text, name=str(path), folder=path.parent)


def _turned(loaded: "Preset | TrainedNetwork", settings: list[str], path: Path) -> "Preset":
    """Return a preset with its macros turned."""
    from fxchain.preset import Preset
    from fxchain.preset.macro_settings import turned

    if not isinstance(loaded, Preset):
        raise PresetError(f"{path}: a network has no macros; leave --set out")
    return turned(loaded, settings, str(path))


def _aligned(loaded: "Preset | TrainedNetwork", dry: Path, wet: Path, path: Path) -> "Preset":
    """Return a preset with rates and phases of its oscillators as they are in a recording."""
    from fxchain.oscillator_alignment.align_oscillators import align_oscillators
    from fxchain.preset import Preset

    if not isinstance(loaded, Preset):
        raise PresetError(f"{path}: nothing of a network moves by itself; leave --align-to out")
    try:
        found = align_oscillators(loaded, dry, wet)
    except ParameterError as error:
        raise ParameterError(f"{path}: {error}; leave --align-to out") from None
    for sentence in found.sentences(wet.name):
        _note(sentence)
    return found.preset


def _tail(text: str) -> "Tail":
    """Return the value of `--tail`."""
    if text == "auto":
        return "auto"
    try:
        return float(text)
    except ValueError:
        raise ParameterError(f"--tail {text!r} is neither seconds nor auto") from None
