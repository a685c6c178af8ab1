"""`fxchain measure`: a sweep to play through a device, and what its recording says."""

from pathlib import Path
from typing import Annotated

import typer

from fxchain.errors import MatchError

#: In place of a recording: write the sweep.
SWEEP = "sweep"


def measure(
    recorded: Annotated[
        str,
        typer.Argument(
            metavar="RECORDED|sweep",
            help="The recording of the sweep behind the device; or the word sweep, to write the "
            "sweep.",
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(metavar="DIR|FILE", help="The folder for the results; of sweep, its file."),
    ],
    seconds: Annotated[
        int | None,
        typer.Option(help="Of sweep: length of each of the four sweeps.", show_default="8"),
    ] = None,
    sample_rate: Annotated[
        int | None, typer.Option(help="Of sweep: Hz.", show_default="44100")
    ] = None,
    channel: Annotated[
        int | None,
        typer.Option(help="The channel to measure, counted from 0.", show_default="the louder"),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite the file, or write into a folder with files.")
    ] = False,
) -> None:
    """Measure a device with a sweep: responses, harmonics, latency, noise, hum, clock drift."""
    if recorded == SWEEP:
        if channel is not None:
            raise MatchError("--channel: the sweep has one channel; leave it out")
        _write_sweep(
            out,
            8 if seconds is None else seconds,
            44_100 if sample_rate is None else sample_rate,
            force,
        )
        return
    if seconds is not None or sample_rate is not None:
        name = "--seconds" if seconds is not None else "--sample-rate"
        raise MatchError(f"{name}: the recording says it; give it to fxchain measure sweep alone")
    _measure(Path(recorded), out, channel, force)


def _write_sweep(out: Path, seconds: int, sample_rate: int, force: bool) -> None:
    from fxchain.files.audio_output import write_audio
    from fxchain.measuring.sweep import SweepSignal

    signal = SweepSignal(sample_rate, seconds)
    write_audio(out, signal.samples(), sample_rate, force, _encoding(out))
    typer.echo(
        f"written to {out}: {signal.length / sample_rate:.1f} s; play all of it, record all of "
        "what comes back, then: fxchain measure RECORDED --out DIR"
    )


def _encoding(out: Path) -> str | None:
    """Return the encoding of a WAV file: one that every recorder reads."""
    return "PCM_24" if out.suffix.lower() == ".wav" else None


def _measure(recorded: Path, out: Path, channel: int | None, force: bool) -> None:
    import importlib.metadata

    from rich.console import Console

    from fxchain.cli.held_folders import hold
    from fxchain.files.atomic import check_folder_target
    from fxchain.files.audio_input import read_audio

    hold(out)
    check_folder_target(out, force)
    console = Console(stderr=True)
    with console.status("measuring …"):
        from fxchain.measuring.document import document
        from fxchain.measuring.files import write_measurement
        from fxchain.measuring.measurement import measure as measure_audio
        from fxchain.report.measurement_page import facts, level_table

        found = measure_audio(read_audio(recorded), channel)
        write_measurement(found, out, importlib.metadata.version("fxchain"), force)
    for note in found.notes:
        typer.echo(f"note: {found.name}: {note}", err=True)
    shown = document(found)
    for name, text in facts(shown):
        typer.echo(f"{name:<12} {text}")
    for level, gain, distortion in level_table(shown).lines:
        typer.echo(f"{level:>12} {gain:>10} {distortion:>10} harmonics at 1 kHz")
    typer.echo(f"written to {out}: measurement.json report.html linear-response.wav")
