"""Band powers of a voice from its spectrum alone, without playing it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from fxchain.notes.note import Note
from fxchain.synth.search.bands import Bands, log_ratio
from fxchain.synth.search.heard import Heard
from fxchain.synth.voice.envelope import envelope
from fxchain.synth.voice.filtered_noise import NOISE_SAMPLE_RATE
from fxchain.synth.voice.low_pass import cutoff_hz, low_pass
from fxchain.synth.voice.oscillator import Voice
from fxchain.synth.voice.phase import frequency_hz
from fxchain.synth.voice.playing import note_seconds
from fxchain.synth.voice.spectrum import spectra

#: Moments at which the amplitude is averaged in each window.
_MOMENTS = 17


@dataclass(frozen=True, eq=False)
class AnalyticBands:
    """Predicts the band powers of a stretch: powers of all harmonics, notes and noise are added.

    Attributes:
        heard: what was recorded
        bands: how it is seen
    """

    heard: Heard
    bands: Bands
    _spreads: dict[float, np.ndarray] = field(default_factory=dict)

    @cached_property
    def target(self) -> np.ndarray:
        """Return the powers of the recording, (frames, bands)."""
        return self.bands.powers(self.heard.samples)

    def residual(self, voice: Voice) -> np.ndarray:
        """Return the differences in dB, (frames · bands,), over the root of their number."""
        difference = log_ratio(self.powers(voice), self.target).reshape(-1)
        return difference / np.sqrt(len(difference))

    def powers(self, voice: Voice) -> np.ndarray:
        """Return the powers that a voice has, (frames, bands)."""
        total = np.zeros_like(self.target)
        for note in self.heard.notes:
            first, last = self._frames(voice, note)
            if last > first:
                total[first:last] += self._note(voice, note, first, last)
        return total

    def _frames(self, voice: Voice, note: Note) -> tuple[int, int]:
        """Return the first frame in which a note sounds, and the one behind the last."""
        half = 0.5 * self.bands.fft_size / self.heard.sample_rate
        rate = self.heard.sample_rate / self.bands.hop
        end = note.start_seconds + note_seconds(voice, note) + half
        first = max(int(np.ceil((note.start_seconds - half) * rate)), 0)
        return first, min(int(end * rate) + 1, len(self.target))

    def of_harmonics(self, voice: Voice, octave: int, count: int) -> np.ndarray:
        """Return the powers that harmonics of a source have alone, (frames · bands, count).

        Args:
            voice: whose controls play them; its source has an amplitude of 1 in each harmonic
            octave: of the source
            count: harmonics, from the first on
        """
        total = np.zeros((*self.target.shape, count))
        stride = 2 * 2**octave if octave >= 0 else 1
        for note in self.heard.notes:
            first, last = self._frames(voice, note)
            if last <= first:
                continue
            centres = self._centres(note, first, last)
            power = self._harmonics(voice, note, centres)
            power *= self._level(voice, note, centres)[:, None]
            spread = self._spread(frequency_hz(note.pitch), power.shape[1])
            inside = slice(stride - 1, stride * count, stride)
            seen = power[:, None, inside] * spread[inside].T[None]
            total[first:last, :, : seen.shape[2]] += seen
        return total.reshape(-1, count)

    def _centres(self, note: Note, first: int, last: int) -> np.ndarray:
        """Return when frames are in the middle, since the beginning of a note, s."""
        return np.arange(first, last) * self.bands.hop / self.heard.sample_rate - note.start_seconds

    def _harmonics(self, voice: Voice, note: Note, centres: np.ndarray) -> np.ndarray:
        """Return the powers of the harmonics of half the pitch before the envelope."""
        hertz, within = frequency_hz(note.pitch), np.clip(centres, 0.0, None)
        spectrum = spectra(np, voice, within, note.duration_seconds, hertz, self.heard.sample_rate)
        power = 0.25 * (spectrum.real**2 + spectrum.imag**2)
        return power * self._unison(voice, within, hertz, power.shape[1])

    def _level(self, voice: Voice, note: Note, centres: np.ndarray) -> np.ndarray:
        """Return the power of envelope and velocity, (frames,)."""
        softer = 1.0 - voice.controls["velocity_to_level"] * (1.0 - note.velocity)
        return softer**2 * self._loudness(voice, centres, note.duration_seconds)

    def _note(self, voice: Voice, note: Note, first: int, last: int) -> np.ndarray:
        rate, gate = self.heard.sample_rate, note.duration_seconds
        centres = self._centres(note, first, last)
        hertz = frequency_hz(note.pitch)
        power = self._harmonics(voice, note, centres)
        found = power @ self._spread(hertz, power.shape[1])
        noise = sum(
            float(each.weight) ** 2 for each in voice.oscillators if each.coefficients is None
        )
        if noise > 0.0:
            bins = np.arange(self.bands.fft_size // 2 + 1) * rate / self.bands.fft_size
            within = np.clip(centres, 0.0, None)
            cutoff = cutoff_hz(np, within, gate, hertz, voice.controls)
            response = low_pass(bins[None, :], cutoff[:, None], voice.controls["resonance"])
            density = noise * rate / NOISE_SAMPLE_RATE
            found = found + density * (np.abs(response) ** 2 @ self.bands.matrix())
        return found * self._level(voice, note, centres)[:, None]

    def _loudness(self, voice: Voice, centres: np.ndarray, gate: float) -> np.ndarray:
        """Return the mean of the squared envelope under each window, (frames,)."""
        offsets = (np.arange(_MOMENTS) + 0.5) / _MOMENTS - 0.5
        weights = np.cos(np.pi * offsets) ** 4
        moments = centres[:, None] + offsets * (self.bands.fft_size / self.heard.sample_rate)
        level = envelope(np, np.clip(moments, 0.0, None), gate, voice.controls, "amp")
        return np.where(moments < 0.0, 0.0, level**2) @ (weights / weights.sum())

    @staticmethod
    def _unison(voice: Voice, times: np.ndarray, hertz: float, count: int) -> np.ndarray:
        """Return the power with which detuned readers add up, (times, count)."""
        mix = voice.controls["unison_mix"]
        if mix <= 0.0:
            return np.ones((1, 1))
        detune = voice.controls["unison_detune_cents"] * np.log(2.0) / 1200.0
        turns = np.pi * hertz * detune * times[:, None] * np.arange(1, count + 1)
        return (1.0 - mix + mix * np.cos(turns)) ** 2

    def _spread(self, hertz: float, count: int) -> np.ndarray:
        """Return how the power of each harmonic is seen in the bands, (count, bands).

        Source:
            the transform of a Hann window, N/2 · sinc(δ)/(1 − δ²)
        """
        if hertz not in self._spreads:
            size = self.bands.fft_size
            at = 0.5 * hertz * np.arange(1, count + 1) * size / self.heard.sample_rate
            away = at[:, None] - np.arange(size // 2 + 1)
            away = np.where(np.abs(np.abs(away) - 1.0) < 1e-6, away + 1e-5, away)
            seen = (0.5 * size * np.sinc(away) / (1.0 - away**2)) ** 2
            self._spreads[hertz] = seen @ self.bands.matrix() / np.square(self.bands.window).sum()
        return self._spreads[hertz]


def analytic_bands(heard: Heard) -> AnalyticBands:
    """Return the prediction for a stretch: 40 bands, 46 ms windows, a frame every 12 ms."""
    size = 2 ** round(float(np.log2(0.046 * heard.sample_rate)))
    return AnalyticBands(heard, Bands(size, size // 4, 40, heard.sample_rate))


def source_powers(bands: AnalyticBands, voices: Sequence[Voice]) -> np.ndarray:
    """Return the powers of several voices, (frames · bands, voices)."""
    return np.stack([bands.powers(voice).reshape(-1) for voice in voices], axis=1)
