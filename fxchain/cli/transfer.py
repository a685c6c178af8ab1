"""`fxchain transfer`: a recording and references in, a preset and what it sounds like out."""

from pathlib import Path
from typing import Annotated

import typer

from fxchain.cli import options as shared
from fxchain.cli.held_folders import hold

_ALL = "tone,dynamics,level,width,space,drive"


def transfer(
    source: Annotated[Path, typer.Argument(metavar="INPUT", help="The recording to change.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="The folder for the results.")],
    references: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="REFERENCE...",
            help="What it should sound like: other recordings, of any content and length; what "
            "several have in common is taken over.",
            show_default=False,
        ),
    ] = None,
    preset: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="PRESET",
            help="Instead of references: a preset, applied anew without a search.",
        ),
    ] = None,
    amount: Annotated[
        float, typer.Option(metavar="PERCENT", help="How much is taken over, 0 to 100.")
    ] = 100.0,
    match: Annotated[str, typer.Option(metavar="DIMENSIONS", help="What is taken over.")] = _ALL,
    chain: Annotated[
        str,
        typer.Option(
            metavar="NAME|FILE",
            help="style, a chain that `match` knows, or a file: the stage of a preset, of which "
            "what is left out is searched.",
        ),
    ] = "style",
    seconds: shared.Seconds = None,
    iterations: shared.Iterations = None,
    seed: shared.Seed = 0,
    threads: shared.Threads = 2,
    force: shared.Force = False,
) -> None:
    """Make a recording sound like others that are no pair with it."""
    from fxchain.cli.matching_progress import matching_progress
    from fxchain.cli.transfer_report import report
    from fxchain.files.atomic import check_folder_target

    limits = shared.limits(seconds, iterations)
    hold(out)
    check_folder_target(out, force)
    try:
        from fxchain.session.process_state import signals_ignored
        from fxchain.transferring.transfer import transfer as take_over

        with matching_progress(loss_name="loss") as display:
            found = take_over(
                source,
                *(references or ()),
                preset=preset,
                amount=amount,
                match=shared.split(match),
                chain=chain,
                **limits,
                seed=seed,
                progress=display.progress,
                threads=threads,
            )
        with signals_ignored():
            found.write(out, force)
            report(found, str(out))
    except KeyboardInterrupt:
        typer.echo("stopped before anything was found; nothing is written", err=True)
        raise typer.Exit(130) from None
