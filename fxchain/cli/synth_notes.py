"""`fxchain synth notes`: a recording in, a MIDI file out."""

from pathlib import Path
from typing import Annotated

import typer


def notes(
    recording: Annotated[
        Path, typer.Argument(metavar="RECORDING", help="One voice: one note at a time.")
    ],
    target: Annotated[Path, typer.Argument(metavar="OUT.mid", help="The MIDI file to write.")],
    force: Annotated[bool, typer.Option("--force", help="Overwrite the output.")] = False,
) -> None:
    """Write the notes of a recording of one voice as a MIDI file."""
    from fxchain.files.atomic import check_file_target
    from fxchain.files.audio_input import read_audio
    from fxchain.notes.midi_file import write_notes
    from fxchain.notes.note import note_name
    from fxchain.notes.one_voice import find_notes

    check_file_target(target, force)
    found = find_notes(read_audio(recording))
    write_notes(target, found.notes, force)
    for each in found.notes:
        typer.echo(
            f"{each.start_seconds:8.3f} s  {each.duration_seconds:6.3f} s  "
            f"{note_name(each.pitch):<4} velocity {each.velocity:.2f}"
        )
    for shift in found.octaves[1:]:
        typer.echo(f"an octave {'higher' if shift > 0 else 'lower'} explains it about as well")
    typer.echo(f"written to {target}: {len(found.notes)} notes")
