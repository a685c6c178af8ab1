"""Levels of the harmonics of a note over time, in a recording and in what a patch plays."""

from collections.abc import Sequence

import numpy as np

from fxchain.notes.note import Note
from fxchain.report.pictures import Picture
from fxchain.report.svg import Axis, Plot
from fxchain.synth.voice.phase import frequency_hz

#: Harmonics that are drawn, and the level below the loudest at which the picture ends, dB.
HARMONICS, LOWEST_DB = 4, -60.0
#: A window holds so many periods of the note; from one to the next, s.
PERIODS, HOP_SECONDS = 4.0, 0.005
_WIDTH, _HEIGHT = 760, 250


def harmonic_levels(
    samples: np.ndarray, sample_rate: float, note: Note, harmonics: int = HARMONICS
) -> tuple[np.ndarray, np.ndarray]:
    """Return when and how strong the harmonics of a note are.

    Args:
        samples: (samples,) of a recording in which the note is played
        sample_rate: Hz
        note: whose harmonics are measured until its release
        harmonics: how many, from the fundamental on

    Returns:
        (times,) since its beginning, s; (times, harmonics) amplitudes: under Hann windows of four
        periods, so that a sine of amplitude 1 has the amplitude 1
    """
    hertz = frequency_hz(note.pitch)
    size = max(round(PERIODS * sample_rate / hertz), 8)
    window = np.hanning(size + 2)[1:-1]
    # the beginning is measured of the shortest note too
    moments = np.arange(0.0, max(note.duration_seconds, HOP_SECONDS), HOP_SECONDS)
    starts = np.round((note.start_seconds + moments) * sample_rate).astype(int)
    padded = np.pad(samples, (size // 2, size))
    inside = np.clip(starts, 0, len(samples))[:, None] + np.arange(size)
    frames = padded[inside] * (2.0 / window.sum() * window)
    numbers = np.arange(1, harmonics + 1)
    turning = np.exp(-2.0j * np.pi * hertz / sample_rate * np.outer(np.arange(size), numbers))
    heard = numbers * hertz < 0.5 * sample_rate
    return moments, np.abs(frames @ turning) * heard


def harmonic_picture(
    note: Note, recorded: np.ndarray, played: np.ndarray, sample_rate: float
) -> Picture:
    """Draw the first harmonics of a note: of the recording thin, of the patch strong.

    Args:
        note: that both play
        recorded: (samples,)
        played: (samples,)
        sample_rate: Hz
    """
    (times, one), (_, other) = (
        harmonic_levels(each, sample_rate, note) for each in (recorded, played)
    )
    loudest = max(float(one.max()), float(other.max()), 1e-9)
    axis = Axis("level, dB", LOWEST_DB, 3.0, ticks=_ticks((0.0, -20.0, -40.0, -60.0)))
    title = "Levels of the first harmonics over time"
    end = max(float(times[-1]), HOP_SECONDS)
    plot = Plot(Axis("time, s", 0.0, end), axis, title, _WIDTH, _HEIGHT, left=60)
    legend = []
    for number in range(HARMONICS):
        style = f"strong series-{number % 4}"
        for amplitudes, drawn in ((one, "thin"), (other, style)):
            levels = 20.0 * np.log10(np.maximum(amplitudes[:, number] / loudest, 1e-4))
            plot.line(times, np.maximum(levels, LOWEST_DB), drawn)
        legend.append((style, f"harmonic {number + 1}"))
    return Picture(plot.svg(), "", (*legend, ("thin", "in the recording")))


def _ticks(values: Sequence[float]) -> tuple[tuple[float, str], ...]:
    return tuple((value, f"{value:g}") for value in values)
