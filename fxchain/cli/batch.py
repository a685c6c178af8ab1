"""`fxchain batch`: many pairs, each matched by itself."""

from pathlib import Path
from typing import Annotated

import typer

from fxchain.cli import options as shared
from fxchain.cli.held_folders import hold

#: Parameters that are no options of each match.
_ELSEWHERE = ("manifest", "out", "resume", "workers", "retries", "memory_mib", "scheduler")


def batch(
    context: typer.Context,
    manifest: Annotated[
        Path, typer.Argument(metavar="MANIFEST", help="A CSV file with the columns dry,wet.")
    ],
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="The folder for the results, one in it a pair.")
    ],
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the batch in DIR.")] = False,
    workers: Annotated[
        int | None,
        typer.Option(help="Jobs at a time.", show_default="cores / threads"),
    ] = None,
    threads: Annotated[int, typer.Option(help="Of each job.")] = 1,
    device: shared.Device = "cpu",
    retries: Annotated[int, typer.Option(help="How often a job that dies is begun again.")] = 1,
    memory_mib: Annotated[
        int | None, typer.Option(help="The most memory a job may hold, on this computer.")
    ] = None,
    scheduler: shared.Scheduler = None,
    seconds: shared.Seconds = None,
    iterations: shared.Iterations = None,
    seed: shared.Seed = 0,
    chain: shared.ChainName = "default",
    only_pedalboard: shared.OnlyPedalboard = False,
    only_knobs: shared.OnlyKnobs = False,
    without: shared.Without = None,
    lock: shared.Lock = None,
    correct_drift: shared.CorrectDrift = False,
    correct_flutter: shared.CorrectFlutter = False,
    anyway: shared.Anyway = False,
) -> None:
    """Match every pair of a manifest by itself: a job each, with its own folder."""
    from fxchain.batch.run import Resources, run_batch
    from fxchain.cli.batch_progress import batch_progress, print_rows

    given = {name: value for name, value in context.params.items() if name not in _ELSEWHERE}
    options = shared.match_options(given)
    options.check()
    options.template()
    resources = Resources(workers, retries, scheduler, memory_mib)
    hold(out)
    with batch_progress() as hooks:
        found = run_batch(manifest, out, options, resources, resume=resume, hooks=hooks)
    print_rows(found.rows, str(out))
    if not found.complete:
        typer.echo("stopped; go on with the same command and --resume", err=True)
        raise typer.Exit(130)
    if found.count("done") < len(found.rows):
        raise typer.Exit(1)
