"""`fxchain studio`: the local web page."""

import importlib.util
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from fxchain.cli.held_folders import hold
from fxchain.errors import FxchainError


def studio(
    jobs: Annotated[
        Path, typer.Option(metavar="DIR", help="The folder of recordings and results.")
    ] = Path("fxchain-studio"),
    host: Annotated[
        str, typer.Option(help="The address to listen on; others than this machine's are let in.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port; 0: any that is free.")] = 7860,
    most_megabytes: Annotated[float, typer.Option(help="The most of one upload.")] = 200.0,
    longest_minutes: Annotated[float, typer.Option(help="The most of one recording.")] = 10.0,
    open_page: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the page in a browser.")
    ] = True,
) -> None:
    """Open a local web page that finds chains, plays them, and turns their knobs."""
    if importlib.util.find_spec("gradio") is None:
        raise FxchainError(
            "the studio needs gradio; install it with: pip install 'fxchain[studio]'"
        )
    from fxchain.studio.config import StudioConfig, bind
    from fxchain.studio.limits import Limits

    place = StudioConfig(jobs, host, port, Limits(most_megabytes, longest_minutes))
    hold(jobs)
    with bind(place) as listening:
        from fxchain.studio.server import serving

        with serving(place) as server:
            address = f"http://{host}:{listening.getsockname()[1]}/"
            typer.echo(f"the studio is open at {address} (jobs in {jobs}); Ctrl-C closes it")
            if open_page:
                typer.launch(address)
            with suppress(KeyboardInterrupt):
                server.run(sockets=[listening])
    typer.echo("closed; what was found until now is kept", err=True)
