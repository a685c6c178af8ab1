"""What the page of a patch shows."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from fxchain.files.audio_input import Audio
from fxchain.notes.note import Note, note_name
from fxchain.report.content import Comparison, Track
from fxchain.report.pictures import Picture
from fxchain.report.svg import Axis, Plot
from fxchain.report.synth_page import SynthContent, render_synth
from fxchain.report.table import Table
from fxchain.synth.patch.patch_file import PatchFile
from fxchain.synth.result import AUDIO_FILE, METRICS_FILE, NOTES_FILE, PATCH_FILE, SCRIPT_FILE

_WIDTH, _HEIGHT = 760, 250
#: The files that the page points to.
LINKED = (PATCH_FILE, SCRIPT_FILE, AUDIO_FILE, NOTES_FILE, METRICS_FILE)


def report_page(
    patch: PatchFile,
    notes: Sequence[Note],
    metrics: dict[str, Any],
    audio: tuple[Audio, np.ndarray],
    curves: Sequence[tuple[str, Picture]],
) -> str:
    """Return the page of a match.

    Args:
        patch: a voice or a drum
        notes: what it plays
        metrics: those of `metrics.json`
        audio: recording and what is played, (channels, samples)
        curves: titles and pictures of what the patch does over time
    """
    recording, played = audio
    fitted = metrics["fitted"]["mel_spectral_distance_db"]
    floor = metrics["two_draws_of_the_noise_db"]
    count = len(notes)
    tracks = (
        Track("wet", "recording", recording.samples, recording.name),
        Track("matched", "patch", played, AUDIO_FILE),
    )
    return render_synth(
        SynthContent(
            recording.name,
            f"{count} note{'s' if count > 1 else ''}. Spectral distance of what was fitted "
            f"{fitted:.2f} dB; of the patch to itself with other noise {floor:.2f} dB.",
            (_sources(patch), _distances(metrics)),
            [*curves, ("Piano roll", piano_roll(notes, metrics))],
            Comparison("", tracks, "wet", compared=("wet", "matched")),
            recording.sample_rate,
            metrics["warnings"],
            [(name, name) for name in LINKED],
            metrics["version"],
        )
    )


def _sources(patch: PatchFile) -> Table:
    return Table("Sources", ("source", "weight", "controls"), tuple(patch.rows()))


def _distances(metrics: dict[str, Any]) -> Table:
    rows = []
    for name, text in (
        ("fitted", "what was fitted"),
        ("not_fitted", "what the search did not hear"),
    ):
        part = metrics[name]
        if part is not None:
            first, last = part["seconds"]
            distance = f"{part['mel_spectral_distance_db']:.2f}"
            rows.append(
                (f"mel-spectral distance, {text}", f"{first:.1f} to {last:.1f} s", f"{distance} dB")
            )
    esr = metrics["fitted"]["esr_without_noise_of_the_voice"]
    if esr is not None:
        rows.append(("error-to-signal ratio without noise", "what was fitted", f"{esr:.4f}"))
    return Table("Distances", ("figure", "when", "value"), tuple(rows))


def piano_roll(notes: Sequence[Note], metrics: dict[str, Any]) -> Picture:
    """Draw the notes: those that were fitted and those that were not."""
    end = max(note.start_seconds + note.duration_seconds for note in notes)
    low, high = (round(each(note.pitch for note in notes)) for each in (min, max))
    ticks = tuple((float(p), note_name(p)) for p in range(low - low % 12, high + 13, 12))
    inner = tuple((float(p), note_name(p)) for p in sorted({low, high}))
    axis = Axis("pitch", low - 2.0, high + 2.0, ticks=ticks if high - low > 12 else inner)
    plot = Plot(
        Axis("time, s", 0.0, max(end, 0.1)), axis, "Notes over time", _WIDTH, _HEIGHT, left=60
    )
    last = metrics["fitted"]["seconds"][1]
    for note in notes:
        style = "strong series-0" if note.start_seconds < last else "strong series-1"
        ends = [note.start_seconds, note.start_seconds + note.duration_seconds]
        middle, half = note.pitch, 0.1 + 0.3 * note.velocity
        for offset in (-half, half):
            plot.line(ends, [middle + offset] * 2, style)
        for at in ends:
            plot.line([at, at], [middle - half, middle + half], style)
    legend = (("strong series-0", "fitted"), ("strong series-1", "not heard by the search"))
    return Picture(plot.svg(), "the height of a bar is the velocity", legend)


def curve_picture(
    curves: Sequence[tuple[str, np.ndarray, np.ndarray]],
    axis: Axis,
    title: str,
    along: str = "time, s",
) -> Picture:
    """Draw curves over time.

    Args:
        curves: name, times (s) and values of each
        axis: of the values
        title: alternative text
        along: what the curves are drawn over, from 0 on
    """
    end = max(float(times[-1]) for _, times, _ in curves)
    plot = Plot(Axis(along, 0.0, end), axis, title, _WIDTH, _HEIGHT, left=60)
    legend = []
    for number, (name, times, values) in enumerate(curves):
        style = f"strong series-{number % 4}"
        plot.line(times, values, style)
        legend.append((style, name))
    return Picture(plot.svg(), "", tuple(legend))
