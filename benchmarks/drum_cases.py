"""Hidden drums, and how near a patch is to one."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from knob_distance import knob_distances

from fxchain.data.presets import hidden_rng
from fxchain.files.audio_input import from_array
from fxchain.notes.note import Note
from fxchain.synth.distance import mel_spectral_distance
from fxchain.synth.drum.hit import heard_hit
from fxchain.synth.drum.patch import DrumPatch
from fxchain.synth.drum.play import render_drum
from fxchain.synth.drum.space import DrumSpace
from fxchain.synth.search.heard import Heard

SAMPLE_RATE = 44_100
#: A knob is audible where a tenth of its range changes the hit by more, dB.
AUDIBLE_DB = 0.2
#: Of the hidden noise; a search draws its own.
HIDDEN_NOISE_SEED = 1_000_003
#: The hit.
HIT = (Note(0.0, 0.1, 36.0, 1.0),)


@dataclass(frozen=True)
class DrumCase:
    """A hidden drum.

    Attributes:
        number: from 0
    """

    number: int

    @property
    def space(self) -> DrumSpace:
        """Return the coordinates in which it is hidden, with one burst of noise."""
        sources = (("swept_sine", 0), ("noise_burst", 0), ("click", 0))
        return DrumSpace(sources, level=0.5, noise_seed=HIDDEN_NOISE_SEED)

    @cached_property
    def cube(self) -> np.ndarray:
        """Return where it is: one to three sources; the sweep falls; a second at most."""
        rng, space = hidden_rng((33, self.number)), self.space
        cube = rng.uniform(0.05, 0.95, len(space.specs))
        weights = np.zeros(3)
        on = rng.choice(3, rng.integers(1, 4), p=(0.5, 0.35, 0.15), replace=False)
        weights[on] = rng.uniform(0.2, 1.0, len(on))
        cube[space.weights] = weights
        for name, low, high in (
            ("swept_sine.start_frequency_hz", 80.0, 1_500.0),
            ("swept_sine.end_frequency_hz", 40.0, 300.0),
            ("swept_sine.decay_ms", 30.0, 500.0),
            ("noise_burst.decay_ms", 10.0, 400.0),
        ):
            index = int(space.indices(name)[0])
            spec = space.specs[index]
            cube[index] = rng.uniform(spec.normalize(low), spec.normalize(high))
        index = int(space.indices("swept_sine.start_frequency_hz")[0])
        end_hz = space.voice(cube).parts[0].values["end_frequency_hz"]
        cube[index] = max(cube[index], space.specs[index].normalize(1.2 * end_hz))
        return cube

    @cached_property
    def patch(self) -> DrumPatch:
        """Return the hidden patch."""
        return self.space.patch(self.cube)

    @cached_property
    def truth(self) -> np.ndarray:
        """Return the recording, (samples,)."""
        return render_drum(self.patch, HIT, SAMPLE_RATE, 2 * SAMPLE_RATE)[0]

    @cached_property
    def heard(self) -> Heard:
        """Return what a search hears."""
        return heard_hit(from_array(self.truth, SAMPLE_RATE))[0]

    def judged(self, patch: DrumPatch) -> float:
        """Return the mel-spectral distance of a patch to the recording, dB."""
        played = render_drum(patch, HIT, SAMPLE_RATE, 2 * SAMPLE_RATE)[0]
        return mel_spectral_distance(played, self.truth, SAMPLE_RATE)

    def floor(self) -> float:
        """Return that of the truth with another draw of its noise."""
        return self.judged(self.patch.model_copy(update={"noise_seed": 7}))

    @cached_property
    def audible(self) -> tuple[str, ...]:
        """Return the names of the knobs that can be heard."""
        found = []
        for index, name in enumerate(self.space.names):
            moved = self.cube.copy()
            moved[index] += 0.1 if moved[index] < 0.5 else -0.1
            moved[index] = max(moved[index], 0.0)
            if self.judged(self.space.patch(moved)) > AUDIBLE_DB:
                found.append(name)
        return tuple(found)

    def knob_errors(self, patch: DrumPatch) -> dict[str, float]:
        """Return the distance in the unit cube of each audible knob;
        of several sources of one kind the loudest is compared."""
        return knob_distances(self.audible, positions(self.patch), positions(patch))


def positions(patch: DrumPatch) -> dict[str, float]:
    """Return the positions of the knobs of a patch in the unit cube, by their names."""
    found: dict[str, float] = {}
    for each in sorted(patch.sources, key=lambda node: node.weight):
        space = DrumSpace(((each.source, 0),))
        values = {f"{each.source}.weight": each.weight} | {
            f"{each.source}.{name}": value for name, value in each.parameters.items()
        }
        pairs = zip(space.names, space.specs, strict=True)
        found |= {name: spec.normalize(values[name]) for name, spec in pairs}
    return found
