"""`fxchain simplify`: another chain of a match's front, without a new search."""

from pathlib import Path
from typing import Annotated

import typer

from fxchain.cli import options as shared
from fxchain.cli.held_folders import hold


def simplify(
    folder: Annotated[
        Path,
        typer.Argument(metavar="DIR", help="The folder of a match, with its front.json."),
    ],
    dry: Annotated[
        Path | None,
        typer.Argument(
            help="The recording before the effects, where it is not where it was.",
            show_default=False,
        ),
    ] = None,
    wet: Annotated[
        Path | None, typer.Argument(help="The same after the effects.", show_default=False)
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            metavar="DIR",
            help="A folder for the results; with --force alone they replace those in DIR.",
            show_default=False,
        ),
    ] = None,
    knobs: shared.Knobs = None,
    stages: shared.Stages = None,
    only_knobs: shared.OnlyKnobs = False,
    pairs: Annotated[
        Path | None,
        typer.Option(
            metavar="MANIFEST",
            help="Of a match of several pairs: the manifest, where it is not where it was.",
        ),
    ] = None,
    force: shared.Force = False,
) -> None:
    """Take another chain that a match has found: fewer knobs, fewer stages, or knobs alone."""
    from fxchain.cli.matching_progress import matching_progress
    from fxchain.cli.matching_report import report
    from fxchain.files.atomic import check_folder_target
    from fxchain.matching.simplify import simplify as simplify_match
    from fxchain.session.process_state import signals_ignored

    if knobs is None and stages is None and not only_knobs:
        raise typer.BadParameter("give --knobs, --stages or --only-knobs")
    if out is None and not force:
        raise typer.BadParameter("give --out DIR, or --force to replace the results in DIR")
    if (dry is None) != (wet is None) or (dry is not None and pairs is not None):
        raise typer.BadParameter("give either DRY and WET or --pairs MANIFEST, or neither")
    target = folder if out is None else out
    hold(target)
    check_folder_target(target, force)
    with matching_progress() as display:
        found = simplify_match(
            folder,
            knobs=knobs,
            stages=stages,
            only_knobs=only_knobs,
            dry=dry,
            wet=wet,
            pairs=pairs,
            notice=display.notice,
        )
    with signals_ignored():
        found.write(target, force)
        report(found, str(target))
