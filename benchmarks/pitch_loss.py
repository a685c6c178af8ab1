"""Does the transport of power along log frequency point to the right pitch?

    python benchmarks/pitch_loss.py [--notes 13] [--seed 17]

Random patches of one or two sources play a note each; the same patch plays it at four random
distances, half a semitone to an octave, above and below. Printed is the share of distances whose
slope has the right sign. No search uses this loss.
"""

import argparse

import numpy as np

from fxchain.files.audio_input import from_array
from fxchain.notes.note import Note
from fxchain.synth.patch import Patch
from fxchain.synth.play import render_patch
from fxchain.synth.search.analytic_bands import AnalyticBands
from fxchain.synth.search.heard import heard
from fxchain.synth.search.pitch_loss import log_bands, pitch_loss
from fxchain.synth.search.space import Space

#: Sources that are drawn, sample rate of the notes, Hz, and from where to where the slope is taken,
#: semitones.
PITCHED = ("saw", "pulse", "triangle", "sine", "frequency_modulation")
RATE, BESIDE_SEMITONES = 22_050, 0.1


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
