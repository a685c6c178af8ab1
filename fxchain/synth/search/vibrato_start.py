"""Vibrato in closed form."""

from dataclasses import dataclass

import numpy as np

from fxchain.notes.note import Note
from fxchain.synth.search.heard import Heard
from fxchain.synth.search.space import Space
from fxchain.synth.voice.phase import frequency_hz

#: Rates that are tried, Hz.
RATES_HZ = np.geomspace(1.0, 10.0, 120)


@dataclass(frozen=True)
class Vibrato:
    """What moves the pitch of a note.

    Attributes:
        rate_hz: of the oscillator
        depth_cents: of the pitch
        explained: share of the movement of the phase that it explains, 0 to 1
    """

    rate_hz: float
    depth_cents: float
    explained: float


def measured_vibrato(heard: Heard) -> Vibrato | None:
    """Return the vibrato of the longest note, or None where there is none to be heard.

    The strongest of the first three harmonics is demodulated; the deviation of its phase is
    compared with n·f₀·2π·d·(1 − cos 2πrt)/(2πr) over a grid of rates r.

    Args:
        heard: the recording and its notes
    """
    note = max(heard.notes, key=lambda each: each.duration_seconds)
    tracks = [_phase_track(heard, note, harmonic) for harmonic in (1, 2, 3)]
    usable = [track for track in tracks if track is not None]
    if not usable:
        return None
    times, phase, harmonic, _ = max(usable, key=lambda track: track[3])
    scale = 2.0 * np.pi * harmonic * frequency_hz(note.pitch) * np.log(2.0) / 1200.0
    best = Vibrato(5.0, 0.0, 0.0)
    line = np.stack([np.ones_like(times), times], axis=1)
    total = float(np.square(phase - line @ np.linalg.lstsq(line, phase, rcond=None)[0]).sum())
    for rate in RATES_HZ:
        turn = 2.0 * np.pi * rate
        moving = scale * (1.0 - np.cos(turn * times)) / turn
        design = np.column_stack([np.ones_like(times), moving])
        found = np.linalg.lstsq(design, phase, rcond=None)[0]
        left = float(np.square(phase - design @ found).sum())
        explained = 1.0 - left / (total + 1e-12)
        if found[1] > 0.0 and explained > best.explained:
            best = Vibrato(float(rate), float(min(found[1], 100.0)), explained)
    return best if best.explained > 0.5 and best.depth_cents >= 1.0 else None


def set_vibrato(space: Space, cube: np.ndarray, vibrato: Vibrato | None) -> None:
    """Place a vibrato in a cube; None is one without depth."""
    found = vibrato or Vibrato(5.0, 0.0, 0.0)
    values = {"vibrato_rate_hz": found.rate_hz, "vibrato_depth_cents": found.depth_cents}
    for name, value in values.items():
        index = int(space.indices(name)[0])
        cube[index] = space.specs[index].normalize(value)


def _phase_track(
    heard: Heard, note: Note, harmonic: int
) -> tuple[np.ndarray, np.ndarray, int, float] | None:
    """Return times, the phase of a harmonic against a steady one, its number and its power."""
    rate, hertz = heard.sample_rate, frequency_hz(note.pitch)
    first = round(note.start_seconds * rate)
    part = heard.samples[first : first + round(note.duration_seconds * rate)]
    length = max(round(3.0 * rate / hertz), round(0.02 * rate))
    if len(part) < 4 * length or harmonic * hertz > 0.4 * rate:
        return None
    carrier = np.exp(-2.0j * np.pi * harmonic * hertz * np.arange(len(part)) / rate)
    window = np.hanning(length + 2)[1:-1]
    smooth = np.convolve(part * carrier, window / window.sum(), mode="valid")[:: length // 4 or 1]
    steps = np.arange(len(smooth)) * (length // 4 or 1)
    times = (steps + 0.5 * (length - 1)) / rate
    return times, np.unwrap(np.angle(smooth)), harmonic, float(np.mean(np.abs(smooth) ** 2))
