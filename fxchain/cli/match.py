"""`fxchain match`: recordings in, a preset and what it sounds like out."""

import shlex
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fxchain.cli import options as shared
from fxchain.cli.held_folders import hold

if TYPE_CHECKING:
    from fxchain.matching.saved_request import SavedRequest
    from fxchain.session.result import Match

_FILES = ("dry", "wet", "pairs")
#: Parameters that are no options of the match itself.
_ELSEWHERE = (*_FILES, "knob", "out", "resume", "force")


def match(
    context: typer.Context,
    dry: Annotated[
        Path | None,
        typer.Argument(help="The recording before the effects.", show_default=False),
    ] = None,
    wet: Annotated[
        Path | None, typer.Argument(help="The same after the effects.", show_default=False)
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="The folder for the results; without it WET-match, named after the wet file or "
            "the manifest, in the working folder.",
            show_default=False,
        ),
    ] = None,
    resume: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Instead of all else: go on with the match that was stopped or killed, of which "
            "this is the folder.",
        ),
    ] = None,
    pairs: Annotated[
        Path | None,
        typer.Option(
            metavar="MANIFEST",
            help="Instead of DRY and WET: a CSV file with the columns dry,wet that lists several "
            "recordings of one device; one chain is fitted to all.",
        ),
    ] = None,
    knob: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME[=LOW:HIGH]",
            help="With --pairs: a knob of the device, and the column that says where it stood in "
            "each pair, 0 to 10 where no range is given; may be repeated. One chain is found, and "
            "its preset has the knob as a macro.",
        ),
    ] = None,
    gain_per_pair: Annotated[
        bool,
        typer.Option(
            "--gain-per-pair",
            help="With --pairs: the level of each pair is its own, as of clips that were "
            "normalised one by one.",
        ),
    ] = False,
    seconds: shared.Seconds = None,
    iterations: shared.Iterations = None,
    seed: shared.Seed = 0,
    chain: shared.ChainName = "default",
    only_pedalboard: shared.OnlyPedalboard = False,
    only_knobs: shared.OnlyKnobs = False,
    without: shared.Without = None,
    lock: shared.Lock = None,
    plugin: shared.Plugin = None,
    start: shared.Start = None,
    measured: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="A measurement of the same device at the same setting, the folder of fxchain "
            "measure: a start, and evidence, beside the recordings.",
        ),
    ] = None,
    knobs: shared.Knobs = None,
    stages: shared.Stages = None,
    dry_channel: Annotated[
        int | None, typer.Option(help="The channel of the dry to take, counted from 0.")
    ] = None,
    wet_channel: Annotated[
        int | None, typer.Option(help="The channel of the wet to match, likewise.")
    ] = None,
    latency_samples: shared.LatencySamples = None,
    polarity: shared.WetPolarity = None,
    correct_drift: shared.CorrectDrift = False,
    correct_flutter: shared.CorrectFlutter = False,
    anyway: shared.Anyway = False,
    threads: shared.Threads = 2,
    device: shared.Device = "cpu",
    force: shared.Force = False,
) -> None:
    """Find the chain of effects between a dry and a wet recording, or several of one device."""
    if resume is not None:
        _refuse_beside("resume", context)
        _match_in(resume, None, force=False)
        return
    if seconds is not None and iterations is not None:
        raise typer.BadParameter("give either --seconds or --iterations")
    if (dry is None) != (wet is None) or (dry is None) == (pairs is None):
        raise typer.BadParameter("give either DRY and WET or --pairs MANIFEST")
    if dry_channel is not None and pairs is not None:
        raise typer.BadParameter("--dry-channel needs DRY and WET; a manifest has a column for it")
    if wet_channel is not None and pairs is not None:
        raise typer.BadParameter("--wet-channel needs DRY and WET")
    if gain_per_pair and pairs is None:
        raise typer.BadParameter("--gain-per-pair needs --pairs")
    if knob and pairs is None:
        raise typer.BadParameter("--knob needs --pairs")
    if out is None:
        out = _named_after(wet or pairs or Path())
        typer.echo(f"the results will be in {out}; another folder: --out DIR", err=True)
    _match_in(out, context, force)


def _named_after(source: Path) -> Path:
    """Return the folder in the working folder that is named after a file: `wet-match`."""
    return Path(f"{source.stem}-match")


def _match_in(folder: Path, context: typer.Context | None, force: bool) -> None:
    """Match what the command line asks for, or go on with the match in a folder; write it."""
    from fxchain.cli.exchanged_command import offer_exchanged
    from fxchain.cli.matching_progress import matching_progress
    from fxchain.cli.matching_report import report
    from fxchain.files.atomic import check_folder_target

    hold(folder)
    if context is not None:
        check_folder_target(folder, force)
    try:
        from fxchain.matching.saved_request import read_request
        from fxchain.session.process_state import signals_ignored

        request = read_request(folder) if context is None else _request(context)
        checkpoint = request.checkpoint(folder, fresh=context is not None)
        find = _finder(request, checkpoint, None if context is None else context.params["knob"])
        with matching_progress() as display:
            found = find(
                progress=display.progress,
                notice=partial(_notice, display.notice, context),
                **request.keywords(),
            )
        with signals_ignored():
            found.write(folder, force, checkpoint.path)
            report(found, str(folder))
            for sentence in found.metrics["warnings"]:
                offer_exchanged(typer.echo, context, sentence)
        if found.interrupted and checkpoint.path.is_file():
            typer.echo(f"go on with: fxchain match --resume {shlex.quote(str(folder))}")
    except KeyboardInterrupt:
        typer.echo("stopped before anything was found; nothing is written", err=True)
        raise typer.Exit(130) from None


def _finder(
    request: "SavedRequest", checkpoint: Any, knobs: list[str] | None
) -> Callable[..., "Match"]:
    """Return what matches the recordings of a request; a device with knobs has no checkpoint."""
    from fxchain.matching.match import match as match_pair
    from fxchain.matching.match_pairs import match_pairs

    if request.pairs is None:
        return partial(match_pair, request.dry, request.wet, checkpoint=checkpoint)
    if not knobs:
        return partial(match_pairs, request.pairs, checkpoint=checkpoint)
    from fxchain.devices.match_device import match_device

    return partial(match_device, request.pairs, knobs)


def _notice(say: Callable[[str], None], context: typer.Context | None, sentence: str) -> None:
    """Show a sentence about the recordings; offer them exchanged where it doubts their order."""
    from fxchain.cli.exchanged_command import offer_exchanged

    say(sentence)
    offer_exchanged(say, context, sentence)


def _request(context: typer.Context) -> "SavedRequest":
    """Return the files and the options on the command line."""
    from fxchain.matching.saved_request import SavedRequest

    given = context.params
    files = {name: None if given[name] is None else str(given[name]) for name in _FILES}
    asked = {name: value for name, value in given.items() if name not in _ELSEWHERE}
    return SavedRequest(**files, options=shared.match_options(asked))


def _refuse_beside(option: str, context: typer.Context) -> None:
    """Refuse every other option: they are stored in the folder."""
    for name in context.params:
        source = context.get_parameter_source(name)
        if name != option and source is not None and source.name == "COMMANDLINE":
            raise typer.BadParameter(f"--{option} takes no {name.replace('_', '-')} beside it")
