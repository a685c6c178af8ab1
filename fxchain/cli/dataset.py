"""`fxchain dataset`: dry and wet recordings with their chains, to train models on."""

from pathlib import Path
from typing import Annotated

import typer

from fxchain.cli import options as shared
from fxchain.cli.held_folders import hold


def dataset(
    out: Annotated[Path, typer.Option(metavar="DIR", help="The folder of the data set.")],
    count: Annotated[int, typer.Option(help="How many pairs.")],
    seed: Annotated[int, typer.Option(help="Of everything that is drawn.")] = 0,
    sources: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Recordings to cut the dry from, folders in it included; without it, plucked "
            "strings, drums and chords are made.",
        ),
    ] = None,
    seconds: Annotated[float, typer.Option(help="Length of each pair.")] = 10.0,
    sample_rates: Annotated[
        str, typer.Option(metavar="HZ,…", help="Each pair has one of these.")
    ] = "44100",
    splits: Annotated[
        str,
        typer.Option(
            metavar="PERCENTAGES", help="Of train, validation and test, which share no source."
        ),
    ] = "80,10,10",
    audio_format: Annotated[
        str, typer.Option("--format", help="flac (24 bits) or wav (32-bit floats).")
    ] = "flac",
    resume: Annotated[
        bool,
        typer.Option(
            "--resume", help="Go on with the data set in DIR; a higher --count adds pairs."
        ),
    ] = False,
    workers: Annotated[
        int | None, typer.Option(help="Processes at a time.", show_default="cores")
    ] = None,
    scheduler: shared.Scheduler = None,
) -> None:
    """Make pairs of dry and wet recordings with the chains between them, to train models on."""
    from fxchain.cli.dataset_progress import dataset_progress
    from fxchain.dataset.options import DatasetOptions, parse_sample_rates
    from fxchain.dataset.run import DatasetHooks, DatasetResources, make_dataset
    from fxchain.dataset.splits import parse_shares

    options = DatasetOptions(
        count=count,
        seed=seed,
        seconds=seconds,
        sample_rates=parse_sample_rates(sample_rates),
        audio_format=audio_format,
        shares=parse_shares(splits),
    )
    options.check()
    hold(out)
    resources = DatasetResources(workers, scheduler)
    try:
        with dataset_progress() as progress:
            hooks = DatasetHooks(progress, _note)
            make_dataset(out, options, sources, resources, resume=resume, hooks=hooks)
    except KeyboardInterrupt:
        typer.echo("stopped; go on with the same command and --resume", err=True)
        raise typer.Exit(130) from None
    typer.echo(f"written to {out}: {count} pairs, manifest.csv manifest.jsonl dataset.json")


def _note(sentence: str) -> None:
    typer.echo(f"note: {sentence}", err=True)
