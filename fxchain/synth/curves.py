"""What a voice and a drum do over time, as pictures."""

from collections.abc import Sequence

import numpy as np

from fxchain.notes.note import Note
from fxchain.report.pictures import Picture
from fxchain.report.svg import Axis
from fxchain.synth.drum.patch import DrumPatch
from fxchain.synth.harmonic_tracks import harmonic_picture
from fxchain.synth.patch import Patch
from fxchain.synth.patch.drawn_cycle import cycle_samples
from fxchain.synth.report import curve_picture
from fxchain.synth.voice.envelope import envelope
from fxchain.synth.voice.low_pass import cutoff_hz
from fxchain.synth.voice.oscillator import Voice
from fxchain.synth.voice.phase import frequency_hz
from fxchain.synth.voice.playing import note_seconds
from fxchain.synth.voice.spectrum import harmonics_of_half, source_sum

_LEVEL = Axis("level", 0.0, 1.05)
_HERTZ = Axis(
    "frequency, Hz", 20.0, 24_000.0, "log", ((20, "20"), (100, "100"), (1e3, "1k"), (1e4, "10k"))
)
#: Moments of a curve, and so much of a release or a decay is drawn, time constants.
_MOMENTS, _CONSTANTS = 400, 4.0


def voice_curves(
    patch: Patch,
    notes: Sequence[Note],
    recorded: np.ndarray,
    played: np.ndarray,
    sample_rate: float,
) -> list[tuple[str, Picture]]:
    """Return level, cut-off frequency and harmonics of the longest note over time.

    Args:
        patch: what plays
        notes: what it plays
        recorded: (samples,)
        played: (samples,) by the patch
        sample_rate: Hz
    """
    voice = patch.voice
    note = max(notes, key=lambda each: each.duration_seconds)
    release = 1e-3 * _CONSTANTS * patch.controls["amp_release_ms"]
    gate = note.duration_seconds
    times = np.linspace(0.0, min(gate + release, note_seconds(voice, note)), _MOMENTS)
    hertz = frequency_hz(note.pitch)
    level = envelope(np, times, gate, patch.controls, "amp")
    cutoff = cutoff_hz(np, times, gate, hertz, patch.controls)
    pitch = np.full(len(times), hertz)
    return [
        (
            "Envelope of the longest note",
            curve_picture([("level", times, level)], _LEVEL, "Level of the longest note"),
        ),
        (
            "Low-pass of the longest note",
            curve_picture(
                [("cut-off", times, cutoff), ("pitch", times, pitch)],
                _HERTZ,
                "Cut-off frequency and pitch of the longest note",
            ),
        ),
        (
            "Harmonics of the longest note",
            harmonic_picture(note, recorded, played, sample_rate),
        ),
        ("Wave of the longest note", _wave(voice, hertz, sample_rate)),
    ]


def _wave(voice: Voice, hertz: float, sample_rate: float) -> Picture:
    """Draw two periods of the sum of the sources before the low-pass, without noise."""
    half = source_sum(np, voice, harmonics_of_half(hertz, sample_rate))
    wave = cycle_samples(half, _MOMENTS)
    wave /= max(float(np.abs(wave).max()), 1e-30)
    periods = 2.0 * np.arange(_MOMENTS) / _MOMENTS
    axis = Axis("share of the peak", -1.05, 1.05)
    return curve_picture(
        [("sum of the sources", periods, wave)],
        axis,
        "Two periods of the sum of the sources",
        "periods",
    )


def drum_curves(patch: DrumPatch) -> list[tuple[str, Picture]]:
    """Return level and frequency of each source over time."""
    parts = patch.sources
    longest = 1e-3 * _CONSTANTS * max(each.parameters["decay_ms"] for each in parts)
    times = np.linspace(0.0, longest, _MOMENTS)
    levels = [
        (each.source, times, each.weight * np.exp(-1e3 * times / each.parameters["decay_ms"]))
        for each in parts
    ]
    found = [("Levels of the sources", curve_picture(levels, _LEVEL, "Levels of the sources"))]
    sweeps = [
        (
            each.source,
            times,
            each.parameters["end_frequency_hz"]
            + (each.parameters["start_frequency_hz"] - each.parameters["end_frequency_hz"])
            * np.exp(-1e3 * times / each.parameters["sweep_ms"]),
        )
        for each in parts
        if "sweep_ms" in each.parameters
    ]
    if sweeps:
        found.append(("Sweep", curve_picture(sweeps, _HERTZ, "Frequency of the swept sine")))
    return found
