"""`fxchain batch`: many pairs, each matched by itself."""

from pathlib import Path
from typing import Annotated

import typer

from fxchain.cli.match import split

DEFAULT_SECONDS = 60.0


def batch(
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
    device: Annotated[
        str,
        typer.Option(help="What computes slopes: cpu, cuda, or cuda:N for one of several GPUs."),
    ] = "cpu",
    retries: Annotated[int, typer.Option(help="How often a job that dies is begun again.")] = 1,
    memory_mib: Annotated[
        int | None, typer.Option(help="The most memory a job may hold, on this computer.")
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Use a Dask cluster, as in tcp://host:8786; it must see the same files.",
        ),
    ] = None,
    seconds: Annotated[
        float | None,
        typer.Option(help="How long to search each.", show_default=f"{DEFAULT_SECONDS:g}"),
    ] = None,
    iterations: Annotated[
        int | None, typer.Option(help="How many steps to search each instead.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Another seed searches otherwise.")] = 0,
    chain: Annotated[
        str, typer.Option(metavar="NAME|FILE", help="The chain, as for match.")
    ] = "default",
    only_pedalboard: Annotated[
        bool, typer.Option("--only-pedalboard", help="Use only effects that pedalboard has.")
    ] = False,
    no_ir: Annotated[
        bool, typer.Option("--no-ir", help="No impulse response measured from the pair.")
    ] = False,
    without: Annotated[
        list[str] | None, typer.Option(metavar="KINDS", help="Effects to leave out.")
    ] = None,
    lock: Annotated[
        list[str] | None, typer.Option(metavar="KNOB=VALUE", help="Fix a knob.")
    ] = None,
    correct_drift: Annotated[
        bool, typer.Option("--correct-drift", help="Take the drift of its clock out of each wet.")
    ] = False,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Match pairs that seem to have nothing in common.")
    ] = False,
) -> None:
    """Match every pair of a manifest by itself: a job each, with its own folder."""
    from fxchain.batch.run import Means, run_batch
    from fxchain.cli.batch_progress import batch_progress, print_rows
    from fxchain.matching.options import MatchOptions
    from fxchain.matching.saved_request import SavedRequest

    if seconds is not None and iterations is not None:
        raise typer.BadParameter("give either --seconds or --iterations")
    request = SavedRequest(
        dry=None,
        wet=None,
        pairs=None,
        gain_per_pair=False,
        chain=chain,
        seconds=DEFAULT_SECONDS if seconds is None else seconds,
        iterations=iterations,
        seed=seed,
        only_pedalboard=only_pedalboard,
        without=[kind for kinds in without or () for kind in split(kinds)],
        lock=lock or [],
        start=None,
        dry_channel=None,
        latency_samples=None,
        polarity=None,
        threads=threads,
        measured_response=not no_ir,
        correct_drift=correct_drift,
        anyway=anyway,
        device=device,
    )
    options = MatchOptions(**request.options())
    options.check()
    options.template()
    means = Means(workers, retries, scheduler, memory_mib)
    with batch_progress() as watching:
        found = run_batch(
            manifest,
            out,
            request,
            means,
            resume=resume,
            begin=watching.begin,
            report=watching.report,
            watch=watching.watch,
        )
    print_rows(found.rows, str(out))
    if not found.complete:
        typer.echo("stopped; go on with the same command and --resume", err=True)
        raise typer.Exit(130)
    if found.count("done") < len(found.rows):
        raise typer.Exit(1)
