"""`fxchain synth match`: a recording and its notes in, a patch out."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fxchain.cli import options as shared
from fxchain.cli.held_folders import hold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fxchain.notes.note import Note
    from fxchain.notes.one_voice import FoundNotes
    from fxchain.synth.result import SynthMatch


def match(
    recording: Annotated[
        Path, typer.Argument(metavar="RECORDING", help="One instrument, playing the notes.")
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="The folder for the results.")],
    midi: Annotated[
        Path | None,
        typer.Option(
            metavar="NOTES.mid",
            help="A MIDI file of the notes that are played.",
            show_default="they are found in the recording",
        ),
    ] = None,
    voices: Annotated[
        int | None,
        typer.Option(
            help="Without --midi, how many notes begin together at most.",
            show_default="1, one voice",
        ),
    ] = None,
    seconds: shared.Seconds = None,
    iterations: shared.Iterations = None,
    seed: shared.Seed = 0,
    chain: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|FILE",
            help="Search effects behind the voice too: the name of a chain as of fxchain match, "
            "or a file.",
            show_default="no effects",
        ),
    ] = None,
    drum: Annotated[
        bool, typer.Option("--drum", help="The recording is one hit of a drum, without notes.")
    ] = False,
    threads: shared.Threads = 2,
    force: shared.Force = False,
) -> None:
    """Find the synthesizer patch that plays the notes of a recording."""
    from fxchain.cli.matching_progress import matching_progress
    from fxchain.errors import MatchError
    from fxchain.files.atomic import check_folder_target
    from fxchain.files.audio_input import read_audio
    from fxchain.notes.midi_file import read_notes
    from fxchain.notes.several_voices import found_notes
    from fxchain.session.process_state import signals_ignored
    from fxchain.synth.options import SynthOptions

    limits = shared.limits(seconds, iterations)
    hold(out)
    check_folder_target(out, force)
    options = SynthOptions(**limits, seed=seed, threads=threads, chain=chain)
    options.check_limits()
    if drum and midi is not None:
        raise MatchError("--drum: one hit has no notes; leave --midi or --drum away")
    if voices is not None and (drum or midi is not None):
        other = "--drum" if drum else "--midi"
        raise MatchError(
            f"{other}: --voices is for notes that are found; leave --voices or {other} away"
        )
    given = None if midi is None else read_notes(midi)
    notes: Sequence[Note] | FoundNotes | None
    audio = read_audio(recording)
    if given is None and not drum:
        notes = found_notes(audio, 1 if voices is None else voices)
    else:
        notes = given
    with matching_progress("loss") as display:
        from fxchain.synth.drum_match import match_drum
        from fxchain.synth.hooks import Hooks
        from fxchain.synth.match import match_patch

        hooks = Hooks(display.progress, display.notice)
        if notes is None:
            found = match_drum(audio, options, hooks)
        else:
            found = match_patch(audio, notes, options, hooks)
    with signals_ignored():
        found.write(out, force)
        _report(found, out)


def _report(found: "SynthMatch", out: Path) -> None:
    """Print what was found."""
    for line in found.patch.lines():
        typer.echo(line)
    figures = found.metrics
    parts = [("fitted", figures["fitted"]), ("not fitted", figures["not_fitted"])]
    for name, part in parts:
        if part is not None:
            first, last = part["seconds"]
            distance = part["mel_spectral_distance_db"]
            typer.echo(f"{name}: {first:.1f} to {last:.1f} s, spectral distance {distance:.2f} dB")
    if found.interrupted:
        typer.echo("stopped early: this is the best so far")
    typer.echo(f"written to {out}: {' '.join(found.files)}")
