"""`fxchain synth notes`: a recording in, a MIDI file out."""

from pathlib import Path
from typing import Annotated

import typer


def notes(
    recording: Annotated[
        Path, typer.Argument(metavar="RECORDING", help="One instrument that has a pitch.")
    ],
    target: Annotated[Path, typer.Argument(metavar="OUT.mid", help="The MIDI file to write.")],
    voices: Annotated[
        int, typer.Option(help="How many notes begin together at most: 1, one note at a time.")
    ] = 1,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the output.")] = False,
) -> None:
    """Write the notes of a recording as a MIDI file."""
    from fxchain.files.atomic import check_file_target
    from fxchain.files.audio_input import read_audio
    from fxchain.notes.midi_file import write_notes
    from fxchain.notes.note import note_name
    from fxchain.notes.several_voices import found_notes

    check_file_target(target, force)
    found = found_notes(read_audio(recording), voices)
    write_notes(target, found.notes, force)
    for each in found.notes:
        typer.echo(
            f"{each.start_seconds:8.3f} s  {each.duration_seconds:6.3f} s  "
            f"{note_name(each.pitch):<4} velocity {each.velocity:.2f}"
        )
    for shift in found.octaves[1:]:
        typer.echo(f"an octave {'higher' if shift > 0 else 'lower'} explains it about as well")
    typer.echo(f"written to {target}: {len(found.notes)} notes")
