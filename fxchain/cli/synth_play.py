"""`fxchain synth play`: notes through a patch."""

from pathlib import Path
from typing import Annotated

import typer


def play(
    patch: Annotated[Path, typer.Argument(metavar="PATCH", help="The patch, as patch.json.")],
    notes: Annotated[Path, typer.Argument(metavar="NOTES.mid", help="A MIDI file.")],
    target: Annotated[
        Path,
        typer.Argument(
            metavar="OUTPUT",
            help="The file to write; its extension chooses the format, .wav holds 32-bit floats.",
        ),
    ],
    sample_rate: Annotated[int, typer.Option(help="Hz.")] = 44_100,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the output.")] = False,
) -> None:
    """Play the notes of a MIDI file with a patch; a drum is hit by each of them."""
    from fxchain.errors import MatchError
    from fxchain.files.audio_output import check_audio_target, write_audio
    from fxchain.files.sample_rates import HIGHEST_SAMPLE_RATE, LOWEST_SAMPLE_RATE
    from fxchain.notes.midi_file import read_notes
    from fxchain.synth.playing import load_player

    if not LOWEST_SAMPLE_RATE <= sample_rate <= HIGHEST_SAMPLE_RATE:
        raise MatchError(
            f"--sample-rate {sample_rate}: give {LOWEST_SAMPLE_RATE} to {HIGHEST_SAMPLE_RATE} Hz"
        )
    check_audio_target(target, force)
    player = load_player(patch)
    played = player.render(read_notes(notes, player.drums), sample_rate)
    write_audio(target, played, sample_rate, force)
    typer.echo(f"written to {target}: {played.shape[1] / sample_rate:.1f} s")
