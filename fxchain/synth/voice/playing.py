"""Notes played by a voice."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from fxchain.synth.voice.envelope import envelope
from fxchain.synth.voice.filtered_noise import filtered_noise, white_noise
from fxchain.synth.voice.oscillator import Voice, detached
from fxchain.synth.voice.phase import cycles, frequency_hz
from fxchain.synth.voice.spectrum import spectra
from fxchain.synth.voice.wavetable import read_tables, tables

#: From one spectrum of a note to the next, s.
CONTROL_SECONDS = 0.004
#: A released note is played for so many time constants (−87 dB), and at most so long.
TAIL_TIME_CONSTANTS, LONGEST_TAIL_SECONDS = 10.0, 10.0


def control_samples(sample_rate: float) -> int:
    """Return how many samples lie between two spectra of a note."""
    return max(round(CONTROL_SECONDS * sample_rate), 1)


def filter_gate(gate_seconds: float, sample_rate: float) -> float:
    """Return when the filter is released, s: at the first spectrum at or behind the release.

    A player of live notes, which interpolates to the next spectrum, need not know the future so.
    """
    step = control_samples(sample_rate) / sample_rate
    return math.ceil(gate_seconds / step - 1e-6) * step


def note_seconds(voice: Voice, note: Any) -> float:
    """Return how long a note sounds with its release, s."""
    release = 1e-3 * float(detached(voice.controls["amp_release_ms"]))
    tail = min(TAIL_TIME_CONSTANTS * release, LONGEST_TAIL_SECONDS)
    return float(note.duration_seconds + tail)


def first_sample(start_seconds: float, sample_rate: float) -> tuple[int, float]:
    """Return the first sample at or behind a beginning, and by how many samples it is behind."""
    start = math.ceil(start_seconds * sample_rate - 1e-6)
    return start, max(start - start_seconds * sample_rate, 0.0)


def play_note(
    xp: Any,
    voice: Voice,
    note: Any,
    number: int,
    samples: int,
    sample_rate: float,
    ahead: float = 0.0,
) -> Any:
    """Return what a voice makes of one note.

    Args:
        xp: numpy or torch
        voice: what plays
        note: a `Note`
        number: of the note, which has noise of its own
        samples: how many
        sample_rate: Hz
        ahead: how long before the first sample the note begins, samples, less than 1

    Returns:
        (samples,)
    """
    controls, gate = voice.controls, note.duration_seconds
    hertz = frequency_hz(note.pitch)
    times = xp.asarray((np.arange(samples) + ahead) / sample_rate)
    heard = 0.0
    if any(each.coefficients is not None for each in voice.oscillators):
        hop = control_samples(sample_rate)
        moments = xp.asarray(np.arange(-(-(samples + 1) // hop) + 1) * hop / sample_rate)
        released = filter_gate(gate, sample_rate)
        periods = tables(xp, spectra(xp, voice, moments, released, hertz, sample_rate))
        heard = _read(
            xp, periods, times * (sample_rate / hop), cycles(xp, times, hertz, controls), controls
        )
    for each in voice.oscillators:
        silent = isinstance(each.weight, float) and each.weight == 0.0
        if each.coefficients is None and not silent:
            noise = white_noise(voice.noise_seed, number, samples, sample_rate)
            heard = heard + each.weight * filtered_noise(xp, voice, noise, gate, hertz, sample_rate)
    softer = controls["velocity_to_level"] * (1.0 - note.velocity)
    return (1.0 - softer) * envelope(xp, times, gate, controls, "amp") * heard


def _read(xp: Any, periods: Any, frames: Any, passed: Any, controls: Any) -> Any:
    """Return the wavetable read once, and by two more readers that are detuned up and down."""
    mix = controls["unison_mix"]
    alone = read_tables(xp, periods, frames, 0.5 * passed)
    if float(detached(mix)) <= 0.0:
        return alone
    detune = controls["unison_detune_cents"] * (math.log(2.0) / 1200.0)
    up = read_tables(xp, periods, frames, 0.5 * passed * (1.0 + detune))
    down = read_tables(xp, periods, frames, 0.5 * passed * (1.0 - detune))
    return (1.0 - mix) * alone + 0.5 * mix * (up + down)


def play_voice(
    xp: Any, voice: Voice, notes: Sequence[Any], sample_rate: float, samples: int | None = None
) -> Any:
    """Return what a voice makes of notes; they begin where they do, also between two samples.

    Args:
        xp: numpy or torch
        voice: what plays
        notes: with start_seconds, duration_seconds, pitch and velocity
        sample_rate: Hz
        samples: where to end; None: when all have faded away

    Returns:
        (samples,) float64
    """
    ends = [
        math.ceil((note.start_seconds + note_seconds(voice, note)) * sample_rate) for note in notes
    ]
    length = max(ends, default=0) if samples is None else samples
    total = xp.zeros(length, dtype=xp.float64)
    for number, (note, end) in enumerate(zip(notes, ends, strict=True)):
        start, ahead = first_sample(note.start_seconds, sample_rate)
        if min(end, length) - start < 2:
            continue
        count = min(end, length) - start
        heard = play_note(xp, voice, note, number, count, sample_rate, ahead)
        total[start : start + count] += heard
    return total
