"""One note of a voice at some moments, and its derivatives in closed form."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from fxchain.notes.note import Note
from fxchain.synth.voice.envelope import envelope
from fxchain.synth.voice.low_pass import cutoff_hz, low_pass
from fxchain.synth.voice.oscillator import Oscillator, Voice
from fxchain.synth.voice.phase import cycles, frequency_hz
from fxchain.synth.voice.playing import control_samples, filter_gate
from fxchain.synth.voice.spectrum import harmonic_fade, harmonics_of_half, placed

#: A note is left out where its level is below this (−100 dB).
QUIET = 1e-5


class NoteMoments:
    """A note at moments: Σ_k Re(c_k · H_k · u_k · e^{iπkp}) · level, as the player reads it.

    p are the cycles that have passed, k counts the harmonics of half the pitch, c sums the sources,
    H is the low-pass, between two frames of control a line, and u the unison.

    Attributes:
        inside: indices of the moments at which the note is heard
        level: of its envelope there
        carriers: H · u · e^{iπkp}, (moments, harmonics) complex64

    Args:
        voice: what plays, in numpy
        note: what is played
        at: (moments,) numbers of samples
        sample_rate: Hz
    """

    def __init__(self, voice: Voice, note: Note, at: np.ndarray, sample_rate: float) -> None:
        self._voice, self._note, self._rate = voice, note, sample_rate
        since = at - note.start_seconds * sample_rate
        level = self.loudness(voice.controls, np.maximum(since, 0) / sample_rate)
        self.inside = np.flatnonzero((since > -1e-6) & (level > QUIET))
        self.level, since = level[self.inside], np.maximum(since[self.inside], 0.0)
        self.times, self._hertz = since / sample_rate, frequency_hz(note.pitch)
        self._count = harmonics_of_half(self._hertz, sample_rate)
        hop = control_samples(sample_rate)
        whole = np.floor(since / hop)
        frames, place = np.unique(np.stack([whole, whole + 1.0]), return_inverse=True)
        self._before, self._behind = place.reshape(2, -1)
        self._moments = frames * hop / sample_rate
        self._blend = (since / hop - whole).astype(np.float32)[:, None]
        self._passed = self.passed(voice.controls)
        self._turning = _powers(np.exp(1j * np.pi * self._passed), self._count)
        self._cutoff = self.cutoff(voice.controls)
        frequencies = 0.5 * self._hertz * np.arange(1, self._count + 1)
        self._ratio = frequencies[None, :] / self._cutoff[:, None]
        self._response = low_pass(
            frequencies[None, :], self._cutoff[:, None], voice.controls["resonance"]
        )
        self._filtered = self._turning * self._between(self._response)
        mix = voice.controls["unison_mix"]
        self.carriers = self._filtered
        if mix > 0.0:
            self.carriers = self._filtered * np.float32(1.0 - mix) + self._filtered * (
                np.float32(mix) * self._detuned.real
            )

    def loudness(self, controls: Mapping[str, float], times: np.ndarray | None = None) -> Any:
        """Return the level of the note, by its velocity and envelope."""
        times = self.times if times is None else times
        softer = controls["velocity_to_level"] * (1.0 - self._note.velocity)
        gate = self._note.duration_seconds
        return (1.0 - softer) * envelope(np, times, gate, controls, "amp")

    def passed(self, controls: Mapping[str, float]) -> Any:
        """Return the cycles that have passed at the moments."""
        return cycles(np, self.times, self._hertz, controls)

    def cutoff(self, controls: Mapping[str, float]) -> Any:
        """Return the cut-off at the frames of control around the moments, Hz."""
        gate = filter_gate(self._note.duration_seconds, self._rate)
        return cutoff_hz(np, self._moments, gate, self._hertz, controls)

    def source(self, oscillator: Oscillator, values: Mapping[str, float] | None = None) -> Any:
        """Return the coefficients of a source at a weight of 1, (harmonics,)."""
        values = oscillator.values if values is None else values
        alone = Oscillator(oscillator.coefficients, oscillator.octave, 1.0, values)
        return placed(np, alone, self._count) * harmonic_fade(
            np, self._count, self._hertz, self._rate
        )

    def heard(self, coefficients: np.ndarray) -> np.ndarray:
        """Return what (harmonics, columns) sound like at the moments, (moments, columns)."""
        sounding = (self.carriers @ coefficients.astype(np.complex64)).real
        return self.level[:, None] * sounding

    def of_harmonics(self, octave: int, count: int) -> np.ndarray:
        """Return the first harmonics of a source at the moments, (moments, at most count), complex:
        the real part is that of a cosine, the imaginary part that of a sine."""
        stride = 2 * 2**octave if octave >= 0 else 1
        inside = slice(stride - 1, stride * count, stride)
        fade = harmonic_fade(np, self._count, self._hertz, self._rate)[inside]
        return self.level[:, None] * fade * self.carriers[:, inside]

    @cached_property
    def summed(self) -> Any:
        """Return the coefficients of all sources together, (harmonics,)."""
        total = np.zeros(self._count, dtype=np.complex128)
        for each in self._voice.oscillators:
            total += each.weight * self.source(each)
        return total

    @cached_property
    def played(self) -> np.ndarray:
        """Return the note at the moments, (moments,)."""
        return self.heard(self.summed[:, None])[:, 0]

    def by_amplitude(self, controls: Mapping[str, float]) -> np.ndarray:
        """Return the difference that other controls of the amplitude make."""
        return self.played * (self.loudness(controls) / self.level - 1.0)

    def by_phase(self, controls: Mapping[str, float]) -> np.ndarray:
        """Return the difference that another vibrato makes, to first order."""
        return self._of_phase * (self.passed(controls) - self._passed)

    def by_cutoff(self, controls: Mapping[str, float]) -> np.ndarray:
        """Return the difference that other controls of the cut-off make, to first order."""
        octaves = np.log(self.cutoff(controls) / self._cutoff)
        before, behind = self._of_cutoff
        return before * octaves[self._before] + behind * octaves[self._behind]

    @cached_property
    def of_resonance(self) -> np.ndarray:
        """Return the derivative by the resonance."""
        slope = self._response**2 * 1j * self._ratio / self._voice.controls["resonance"] ** 2
        carriers = self._turning * self._between(slope) * self._unison
        return self._sounding(carriers, self.summed)

    @cached_property
    def of_unison_mix(self) -> np.ndarray:
        """Return the derivative by the mix of the unison."""
        return self._sounding(self._filtered * (self._detuned.real - 1.0), self.summed)

    def by_detune(self, factor: float) -> np.ndarray:
        """Return the difference of a detune that is another by a factor, to first order."""
        numbers = np.arange(1, self._count + 1)
        mix = self._voice.controls["unison_mix"]
        slope = self._sounding(self._filtered * self._detuned.imag, self.summed * numbers)
        return -mix * (factor - 1.0) * self._detune_angle * slope

    @cached_property
    def _of_phase(self) -> np.ndarray:
        numbers = np.arange(1, self._count + 1)
        return self._sounding(self.carriers, 1j * np.pi * numbers * self.summed)

    @cached_property
    def _of_cutoff(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the derivatives by the logarithms of the cut-off before and behind."""
        resonance = self._voice.controls["resonance"]
        slope = self._response**2 * (1j * self._ratio / resonance - 2.0 * self._ratio**2)
        slope = slope.astype(np.complex64)
        turning = self._turning * self._unison
        sides = (self._before, 1.0 - self._blend), (self._behind, self._blend)
        before, behind = (
            share[:, 0] * self._sounding(turning * slope[rows], self.summed)
            for rows, share in sides
        )
        return before, behind

    def _sounding(self, carriers: np.ndarray, coefficients: np.ndarray) -> np.ndarray:
        return self.level * (carriers @ coefficients.astype(np.complex64)).real

    def _between(self, spectra: np.ndarray) -> np.ndarray:
        """Return (frames, harmonics) at the moments, a line between frames."""
        spectra = spectra.astype(np.complex64)
        before = spectra[self._before]
        return before + self._blend * (spectra[self._behind] - before)

    @cached_property
    def _detune_angle(self) -> np.ndarray:
        detune = self._voice.controls["unison_detune_cents"] * np.log(2.0) / 1200.0
        return np.pi * self._passed * detune

    @cached_property
    def _detuned(self) -> np.ndarray:
        """Return what turns the harmonics of a detuned reader, (moments, harmonics)."""
        return _powers(np.exp(1j * self._detune_angle), self._count)

    @cached_property
    def _unison(self) -> Any:
        """Return the factor of the unison, (moments, harmonics) or 1."""
        mix = self._voice.controls["unison_mix"]
        if mix <= 0.0:
            return np.float32(1.0)
        return np.float32(1.0 - mix) + np.float32(mix) * self._detuned.real


def _powers(base: np.ndarray, count: int) -> np.ndarray:
    """Return the powers 1 to count of (moments,), (moments, count) complex64, by doubling."""
    found = np.empty((len(base), count), dtype=np.complex64)
    found[:, 0] = base
    known = 1
    while known < count:
        more = min(known, count - known)
        np.multiply(
            found[:, :more], found[:, known - 1 : known], out=found[:, known : known + more]
        )
        known += more
    return found
