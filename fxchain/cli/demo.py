"""`fxchain demo`: hide a chain, find it again, compare."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fxchain.cli.held_folders import hold
from fxchain.errors import MatchError

if TYPE_CHECKING:
    import numpy as np

    from fxchain.preset import Preset

DRY_SECONDS = 8.0
SAMPLE_RATE = 44_100
#: How many effects are hidden.
STAGES = 3


def demo(
    out: Annotated[Path, typer.Option(metavar="DIR", help="The folder for everything.")],
    seconds: Annotated[float, typer.Option(help="How long to search.")] = 30.0,
    iterations: Annotated[
        int | None, typer.Option(help="How many steps to search instead of seconds.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Another seed hides another chain.")] = 0,
    force: Annotated[
        bool, typer.Option("--force", help="Write into a folder that has files in it.")
    ] = False,
) -> None:
    """Make a dry and a wet recording by a hidden chain, and find that chain."""
    from rich.console import Console

    from fxchain.cli.matching_progress import matching_progress
    from fxchain.cli.matching_report import report
    from fxchain.cli.show import tree_of
    from fxchain.files.atomic import check_folder_target, publishing
    from fxchain.files.audio_output import write_audio

    if seed < 0:
        raise MatchError(f"--seed {seed}: give 0 or more")
    hold(out)
    check_folder_target(out, force)
    try:
        from fxchain.matching.match import match
        from fxchain.session.process_state import signals_ignored

        dry, hidden, wet = hide(seed)
        with matching_progress() as display:
            found = match(
                dry,
                wet,
                SAMPLE_RATE,
                seconds=seconds,
                iterations=iterations,
                seed=seed,
                progress=display.progress,
            )
        with signals_ignored():
            with publishing(out, force) as folder:
                write_audio(folder / "dry.wav", dry, SAMPLE_RATE)
                write_audio(folder / "wet.wav", wet, SAMPLE_RATE)
                hidden.save(folder / "hidden.json")
                found.write(folder, force=True)
            Console(highlight=False).print(tree_of(hidden, "the hidden chain"))
            report(found, str(out))
    except KeyboardInterrupt:
        typer.echo("stopped before anything was found; nothing is written", err=True)
        raise typer.Exit(130) from None


def hide(seed: int) -> "tuple[np.ndarray, Preset, np.ndarray]":
    """Return plucked strings (1, samples), a chain drawn at random, and what it makes of them.

    A few effects in any order; drawn again until each of them can be heard.
    """
    import numpy as np

    from fxchain.data.presets import hidden_order, hidden_rng
    from fxchain.data.signals import plucked_strings
    from fxchain.preset import Preset
    from fxchain.render import render
    from fxchain.structure.audibility import FLOOR_DB, bypass_changes_db
    from fxchain.structure.candidate import Candidate

    dry, rng = plucked_strings(DRY_SECONDS, SAMPLE_RATE, seed), hidden_rng(seed)
    heard = False
    while not heard:
        stage, values = hidden_order(rng, STAGES, SAMPLE_RATE)
        drawn = Candidate(stage, values, np.ones(stage.size, dtype=bool))
        heard = min(bypass_changes_db(drawn, dry, SAMPLE_RATE).values()) > FLOOR_DB
    hidden = Preset(stage, values, SAMPLE_RATE)
    return dry, hidden, render(hidden, dry, SAMPLE_RATE)
