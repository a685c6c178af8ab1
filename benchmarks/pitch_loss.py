"""Does the transport of power along log frequency point to the right pitch?

    python benchmarks/pitch_loss.py [--notes 13] [--seed 17]

Random patches of one or two sources play a note each; the same patch plays it at four random
distances, half a semitone to an octave, above and below. Printed is the share of distances whose
slope has the right sign. No search uses this loss.
"""

import argparse
from dataclasses import dataclass, replace

import numpy as np

from fxchain.files.audio_input import from_array
from fxchain.notes.note import Note
from fxchain.synth.patch import Patch
from fxchain.synth.play import render_patch
from fxchain.synth.search.analytic_bands import AnalyticBands
from fxchain.synth.search.bands import Bands
from fxchain.synth.search.heard import Heard, heard
from fxchain.synth.search.space import Space
from fxchain.synth.voice.oscillator import Voice
from fxchain.synth.voice.spectrum import FADE_BEGIN

#: Bands to an octave, and the lowest, Hz.
PER_OCTAVE, LOWEST_HZ = 24, 30.0
#: Length of the windows, s: neighbouring harmonics of 40 Hz are apart in them.
WINDOW_SECONDS = 0.093
#: Powers below this share of the largest do not count (−60 dB).
_FLOOR = 1e-6
#: Sources that are drawn, sample rate of the notes, Hz, and from where to where the slope is taken,
#: semitones.
PITCHED = ("saw", "pulse", "triangle", "sine", "frequency_modulation")
RATE, BESIDE_SEMITONES = 22_050, 0.1


@dataclass(frozen=True)
class LogBands(Bands):
    """A short-time transform summed in bands of equal width in octaves; see `Bands`."""

    def matrix(self) -> np.ndarray:
        """Return the share of each bin in each band, (bins, bands): each bin is shared between
        the two bands around it."""
        bins = np.arange(self.fft_size // 2 + 1) * self.sample_rate / self.fft_size
        place = PER_OCTAVE * np.log2(np.maximum(bins, LOWEST_HZ) / LOWEST_HZ)
        away = np.abs(place[:, None] - np.arange(self.count))
        inside = (bins >= LOWEST_HZ) & (bins <= FADE_BEGIN * self.sample_rate)
        return np.clip(1.0 - away, 0.0, 1.0) * inside[:, None]


def log_bands(stretch: Heard) -> AnalyticBands:
    """Return the prediction for a stretch in bands of half a semitone."""
    rate = stretch.sample_rate
    size = 2 ** round(float(np.log2(WINDOW_SECONDS * rate)))
    count = int(PER_OCTAVE * np.log2(FADE_BEGIN * rate / LOWEST_HZ)) + 2
    return AnalyticBands(stretch, LogBands(size, size // 4, count, rate))


def transport_semitones(powers: np.ndarray, target: np.ndarray) -> float:
    """Return how far power is carried on average, semitones.

    The cost of the cheapest transport of what each frame has, as shares, to what that of the
    target has, along log frequency; frames count by the root of the power of the target. Of two
    sounds that differ in nothing but their pitch it is the interval.

    Args:
        powers: (frames, bands) in bands of equal width in octaves
        target: (frames, bands)

    Source:
        Monge and Kantorovich's problem on a line: the distance of the distribution functions;
        Torres, Peeters and Richard 2024 take it for pitch on linear frequency
    """
    counted = np.sqrt(target.sum(axis=1))
    levels = [each + _FLOOR * float(target.max()) * 1e-3 + 1e-30 for each in (powers, target)]
    one, other = (np.cumsum(each / each.sum(axis=1, keepdims=True), axis=1) for each in levels)
    carried = np.abs(one - other).sum(axis=1) * (12.0 / PER_OCTAVE)
    return float(np.average(carried, weights=counted + 1e-30))


def pitch_loss(bands: AnalyticBands, voice: Voice, semitones: float = 0.0) -> float:
    """Return the transport from a voice to a recording, semitones.

    Args:
        bands: of `log_bands`
        voice: what plays its notes
        semitones: that all notes are moved by
    """
    if semitones:
        moved = tuple(replace(note, pitch=note.pitch + semitones) for note in bands.heard.notes)
        there = replace(bands, heard=replace(bands.heard, notes=moved), _spreads={})
        return transport_semitones(there.powers(voice), bands.target)
    return transport_semitones(bands.powers(voice), bands.target)


def drawn_voice(rng: np.random.Generator) -> Patch:
    """Return a patch of one or two sources with random controls."""
    space = Space(level=0.3)
    cube = rng.uniform(0.05, 0.95, len(space.specs))
    cube[space.weights] = 0.0
    for name in rng.choice(PITCHED, rng.integers(1, 3), replace=False):
        cube[space.indices(f"{name}.weight")] = rng.uniform(0.2, 1.0)
    cube[space.indices("vibrato_depth_cents")] = 0.0
    return space.patch(cube)


def bands_of_note(patch: Patch, pitch: float) -> AnalyticBands:
    """Return the bands of half a second in which a patch plays one note."""
    note = Note(0.0, 0.4, pitch, 1.0)
    samples = render_patch(patch, (note,), RATE, RATE // 2)
    return log_bands(heard(from_array(samples, RATE, "note.wav"), (note,)))


def right_slopes(notes: int, seed: int) -> list[bool]:
    """Return at which distances the slope has the right sign, eight of each note."""
    rng, right = np.random.default_rng(seed), []
    for _ in range(notes):
        patch, pitch = drawn_voice(rng), float(rng.integers(43, 70))
        bands = bands_of_note(patch, pitch)
        for away in rng.uniform(0.5, 12.0, 4):
            for side in (-1.0, 1.0):
                below, above = (
                    pitch_loss(bands, patch.voice, side * away + step)
                    for step in (-BESIDE_SEMITONES, BESIDE_SEMITONES)
                )
                right.append(side * (above - below) > 0.0)
    return right


def main() -> None:
    """Print the share of distances with the right sign."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--notes", type=int, default=13)
    parser.add_argument("--seed", type=int, default=17)
    options = parser.parse_args()
    right = right_slopes(options.notes, options.seed)
    print(f"{len(right)} distances: {100.0 * float(np.mean(right)):.1f} % have the right sign")


if __name__ == "__main__":
    main()
