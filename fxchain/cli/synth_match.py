"""`fxchain synth match`: a recording and its notes in, a patch out."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fxchain.cli import options as shared
from fxchain.cli.held_folders import hold

if TYPE_CHECKING:
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
            show_default="they are found in the recording, which has one voice then",
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
    threads: shared.Threads = 2,
    force: shared.Force = False,
) -> None:
    """Find the synthesizer patch that plays the notes of a recording."""
    from fxchain.cli.matching_progress import matching_progress
    from fxchain.files.atomic import check_folder_target
    from fxchain.files.audio_input import read_audio
    from fxchain.notes.midi_file import read_notes
    from fxchain.notes.one_voice import find_notes
    from fxchain.session.process_state import signals_ignored
    from fxchain.synth.options import SynthOptions

    limits = shared.limits(seconds, iterations)
    hold(out)
    check_folder_target(out, force)
    options = SynthOptions(**limits, seed=seed, threads=threads, chain=chain)
    options.check_limits()
    given = None if midi is None else read_notes(midi)
    audio = read_audio(recording)
    notes = find_notes(audio) if given is None else given
    with matching_progress("loss") as display:
        from fxchain.synth.match import Hooks, match_patch

        found = match_patch(audio, notes, options, Hooks(display.progress, display.notice))
    with signals_ignored():
        found.write(out, force)
        _report(found, out)


def _report(found: "SynthMatch", out: Path) -> None:
    """Print what was found."""
    patch = found.patch
    for each in patch.sources:
        own = "".join(f"  {name} {value:.3g}" for name, value in each.parameters.items())
        octave = f" {each.octave:+d} octave" if each.octave else ""
        typer.echo(f"{each.source + octave:<28} weight {each.weight:.3f}{own}")
    for name, value in patch.controls.items():
        typer.echo(f"{name:<28} {value:.4g}")
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
