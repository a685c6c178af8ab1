"""`fxchain match`: recordings in, a preset and what it sounds like out."""

import shlex
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

DEFAULT_SECONDS = 60.0


class Polarity(StrEnum):
    """Which way round the wet recording is."""

    SAME = "+"
    INVERTED = "-"


_SIGNS = {None: None, Polarity.SAME: 1, Polarity.INVERTED: -1}


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
        typer.Option(metavar="DIR", help="The folder for the results.", show_default=False),
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
    gain_per_pair: Annotated[
        bool,
        typer.Option(
            "--gain-per-pair",
            help="With --pairs: the level of each pair is its own, as of clips that were "
            "normalised one by one.",
        ),
    ] = False,
    seconds: Annotated[
        float | None,
        typer.Option(help="How long to search.", show_default=f"{DEFAULT_SECONDS:g}"),
    ] = None,
    iterations: Annotated[
        int | None,
        typer.Option(help="How many steps to search instead; the results then repeat exactly."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Another seed searches otherwise.")] = 0,
    chain: Annotated[
        str,
        typer.Option(
            metavar="NAME|FILE",
            help="default, squeezed, amp, eq, dynamics, drive, space, or a file: the stage of a "
            "preset, of which what is left out is searched.",
        ),
    ] = "default",
    only_pedalboard: Annotated[
        bool, typer.Option("--only-pedalboard", help="Use only effects that pedalboard has.")
    ] = False,
    no_ir: Annotated[
        bool,
        typer.Option("--no-ir", help="Knobs alone: no impulse response measured from the pair."),
    ] = False,
    without: Annotated[
        list[str] | None,
        typer.Option(metavar="KINDS", help="Effects to leave out, as in reverb,delay."),
    ] = None,
    lock: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KNOB=VALUE",
            help="Fix a knob, as in compressor.ratio=4 or chain[3].q=1; may be repeated.",
        ),
    ] = None,
    start: Annotated[
        Path | None,
        typer.Option(metavar="PRESET", help="Search this chain, starting from its settings."),
    ] = None,
    dry_channel: Annotated[
        int | None, typer.Option(help="The channel of the dry to take, counted from 0.")
    ] = None,
    latency_samples: Annotated[
        float | None, typer.Option(help="How late the wet is, instead of searching for it.")
    ] = None,
    polarity: Annotated[
        Polarity | None, typer.Option(help="Which way round the wet is, instead of searching.")
    ] = None,
    correct_drift: Annotated[
        bool,
        typer.Option(
            "--correct-drift",
            help="Take the drift of its clock out of the wet, where there is one.",
        ),
    ] = False,
    anyway: Annotated[
        bool,
        typer.Option("--anyway", help="Match recordings that seem to have nothing in common."),
    ] = False,
    threads: Annotated[int, typer.Option(help="Results repeat for an equal number.")] = 2,
    device: Annotated[
        str,
        typer.Option(help="What computes slopes: cpu, cuda, or cuda:N for one of several GPUs."),
    ] = "cpu",
    force: Annotated[
        bool, typer.Option("--force", help="Write into a folder that has files in it.")
    ] = False,
) -> None:
    """Find the chain of effects between a dry and a wet recording, or several of one device."""
    if resume is not None:
        _refuse_beside("resume", context)
        _find(resume, None, force=False)
        return
    if out is None:
        raise typer.BadParameter("give --out DIR, or --resume DIR")
    if seconds is not None and iterations is not None:
        raise typer.BadParameter("give either --seconds or --iterations")
    if (dry is None) != (wet is None) or (dry is None) == (pairs is None):
        raise typer.BadParameter("give either DRY and WET or --pairs MANIFEST")
    if dry_channel is not None and pairs is not None:
        raise typer.BadParameter("--dry-channel needs DRY and WET; a manifest has a column for it")
    if gain_per_pair and pairs is None:
        raise typer.BadParameter("--gain-per-pair needs --pairs")
    request = {
        "dry": _text(dry),
        "wet": _text(wet),
        "pairs": _text(pairs),
        "gain_per_pair": gain_per_pair,
        "chain": chain,
        "seconds": DEFAULT_SECONDS if seconds is None else seconds,
        "iterations": iterations,
        "seed": seed,
        "only_pedalboard": only_pedalboard,
        "without": [kind for kinds in without or () for kind in split(kinds)],
        "lock": lock or [],
        "start": _text(start),
        "dry_channel": dry_channel,
        "latency_samples": latency_samples,
        "polarity": _SIGNS[polarity],
        "threads": threads,
        "measured_response": not no_ir,
        "correct_drift": correct_drift,
        "anyway": anyway,
        "device": device,
    }
    _find(out, request, force)


def _find(folder: Path, asked: dict[str, Any] | None, force: bool) -> None:
    """Match what is asked for, or go on with what was asked for in the folder, and write it."""
    from fxchain.cli.matching_progress import matching_progress
    from fxchain.cli.matching_report import report
    from fxchain.files.atomic import check_folder_target

    if asked is not None:
        check_folder_target(folder, force)
    try:
        from fxchain.matching.match import match as match_pair
        from fxchain.matching.match_pairs import match_pairs
        from fxchain.matching.saved_request import SavedRequest, read_request
        from fxchain.session.process_state import signals_ignored

        request = read_request(folder) if asked is None else SavedRequest.model_construct(**asked)
        checkpoint = request.checkpoint(folder, fresh=asked is not None)
        if request.pairs is None:
            find = partial(match_pair, request.dry, request.wet)
        else:
            find = partial(match_pairs, request.pairs, gain_per_pair=request.gain_per_pair)
        with matching_progress() as watching:
            found = find(
                **request.options(),
                progress=watching.progress,
                notice=watching.notice,
                checkpoint=checkpoint,
            )
        with signals_ignored():
            found.write(folder, force, checkpoint.path)
            report(found, str(folder))
        if found.interrupted and checkpoint.path.is_file():
            typer.echo(f"go on with: fxchain match --resume {shlex.quote(str(folder))}")
    except KeyboardInterrupt:
        typer.echo("stopped before anything was found; nothing is written", err=True)
        raise typer.Exit(130) from None


def _refuse_beside(option: str, context: typer.Context) -> None:
    """Refuse everything else on the command line: it stands in the folder."""
    for name in context.params:
        source = context.get_parameter_source(name)
        if name != option and source is not None and source.name == "COMMANDLINE":
            raise typer.BadParameter(f"--{option} takes no {name.replace('_', '-')} beside it")


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)


def split(kinds: str) -> list[str]:
    """Return the names in a list with commas."""
    return [kind.strip() for kind in kinds.split(",") if kind.strip()]
