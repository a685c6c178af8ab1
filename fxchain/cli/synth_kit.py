"""`fxchain synth kit`: drums on the keys of a keyboard."""

from pathlib import Path
from typing import Annotated

import typer


def kit(
    target: Annotated[Path, typer.Argument(metavar="KIT.json", help="The file to write.")],
    drums: Annotated[
        list[str],
        typer.Argument(
            metavar="KEY=PATCH…", help="A MIDI key, and the patch.json of a drum: 36=kick.json."
        ),
    ],
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file.")] = False,
) -> None:
    """Put drums on keys; fxchain synth play and fxchain export play them as one instrument."""
    from fxchain.errors import MatchError
    from fxchain.synth.drum.kit import Kit
    from fxchain.synth.drum.patch import DrumPatch

    placed = []
    for each in drums:
        key, _, path = each.partition("=")
        if not key.isdecimal() or int(key) > 127 or not path:
            raise MatchError(f"{each}: give a key from 0 to 127 and a drum, as 36=kick/patch.json")
        placed.append({"key": int(key), "drum": DrumPatch.load(path)})
    document = {"format": Kit.FORMAT, "drums": placed}
    made = Kit.from_document(document, "the kit")
    made.save(target, force)
    typer.echo(f"written to {target}: {len(made.drums)} drums")
