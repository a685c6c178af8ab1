"""The waveform at some moments, for second-order steps without a played note."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fxchain.optim.dense_linearization import DenseLinearization
from fxchain.synth.search.heard import Heard
from fxchain.synth.search.least_squares import STEP
from fxchain.synth.search.note_moments import NoteMoments
from fxchain.synth.search.space import Space
from fxchain.synth.voice.oscillator import Oscillator, Voice
from fxchain.synth.voice.playing import control_samples

#: Moments that lie together, so that they share frames of control.
TOGETHER = 8
_AMPLITUDE, _PHASE = ("amp_", "velocity_"), ("vibrato_",)


@dataclass(frozen=True, eq=False)
class Moments:
    """‖recording − voice without its noise‖² at moments over that of the recording.

    Its Jacobian is as dear as a few voices: every control acts through the envelope, the phase,
    the cut-off, the resonance, the unison or the coefficients of a source alone.

    Attributes:
        heard: the recording
        space: the coordinates
        at: (moments,) numbers of samples
    """

    heard: Heard
    space: Space
    at: np.ndarray

    @cached_property
    def _scale(self) -> float:
        return 1.0 / (float(np.linalg.norm(self.heard.samples[self.at])) + 1e-30)

    @cached_property
    def target(self) -> np.ndarray:
        """Return the recording, (moments,), of norm 1."""
        return self.heard.samples[self.at] * self._scale

    def residual(self, cube: np.ndarray) -> np.ndarray:
        """Return voice less recording, (moments,)."""
        total = -self.target
        for each in self._notes(self.space.voice(cube)):
            total[each.inside] += self._scale * each.played
        return total

    def losses(self, population: np.ndarray) -> np.ndarray:
        """Return the losses (population,) of cubes (population, coordinates)."""
        return np.array([float(np.square(self.residual(cube)).sum()) for cube in population])

    def jacobian_indices(self) -> np.ndarray:
        """Return the coordinates that may move: all but the weights of noise."""
        return np.setdiff1d(np.arange(len(self.space.specs)), self.space.of_noise)

    def evolution_indices(self) -> np.ndarray:
        """Return the coordinates that may move."""
        return self.jacobian_indices()

    def columns(self, cube: np.ndarray, sources: Sequence[Oscillator]) -> np.ndarray:
        """Return what each of some sources plays alone at a weight of 1, (moments, sources)."""
        found = np.zeros((len(self.at), len(sources)))
        for each in self._notes(self.space.voice(cube)):
            coefficients = np.stack([each.source(source) for source in sources], axis=1)
            found[each.inside] += self._scale * each.heard(coefficients)
        return found

    def of_harmonics(self, cube: np.ndarray, octave: int, count: int) -> np.ndarray:
        """Return what cosines, then sines of a source play, (moments, 2 · count).

        Args:
            cube: its controls
            octave: of the source
            count: harmonics, from the first on, each at an amplitude of 1
        """
        found = np.zeros((len(self.at), 2 * count))
        for each in self._notes(self.space.voice(cube)):
            heard = self._scale * each.of_harmonics(octave, count)
            own = heard.shape[1]
            found[each.inside, :own] += heard.real
            found[each.inside, count : count + own] += heard.imag
        return found

    def linearize(self, cube: np.ndarray, index: np.ndarray) -> DenseLinearization:
        """Return the residual and its derivatives along coordinates of the cube."""
        voice = self.space.voice(cube)
        steps = np.where(cube + STEP <= 1.0, STEP, -STEP)
        beside = self.space.voice(cube + steps)
        residual, jacobian = -self.target, np.zeros((len(self.at), len(cube)))
        for each in self._notes(voice):
            residual[each.inside] += self._scale * each.played
            columns = [*_by_sources(each, voice, beside), *_by_controls(each, voice, beside)]
            jacobian[each.inside] += self._scale * np.stack(columns, axis=1) / steps
        return DenseLinearization(residual, jacobian[:, index])

    def _notes(self, voice: Voice) -> list[NoteMoments]:
        rate = self.heard.sample_rate
        found = [NoteMoments(voice, note, self.at, rate) for note in self.heard.notes]
        return [each for each in found if len(each.inside)]


def _by_sources(note: NoteMoments, voice: Voice, beside: Voice) -> list[np.ndarray]:
    """Return the differences along the coordinates of the sources, in their order."""
    columns = []
    for one, other in zip(voice.oscillators, beside.oscillators, strict=True):
        coefficients = note.source(one)
        columns.append((other.weight - one.weight) * coefficients)
        for name, value in other.values.items():
            moved = note.source(one, {**one.values, name: value})
            columns.append(one.weight * (moved - coefficients))
    return list(note.heard(np.stack(columns, axis=1)).T)


def _by_controls(note: NoteMoments, voice: Voice, beside: Voice) -> list[np.ndarray]:
    """Return the differences along the coordinates of the controls, in their order."""
    columns = []
    for name, value in beside.controls.items():
        moved, before = {**voice.controls, name: value}, voice.controls[name]
        if name.startswith(_AMPLITUDE):
            columns.append(note.by_amplitude(moved))
        elif name.startswith(_PHASE):
            columns.append(note.by_phase(moved))
        elif name == "resonance":
            columns.append(note.of_resonance * (value - before))
        elif name == "unison_mix":
            columns.append(note.of_unison_mix * (value - before))
        elif name == "unison_detune_cents":
            columns.append(note.by_detune(value / before))
        else:
            columns.append(note.by_cutoff(moved))
    return columns


def drawn_moments(heard: Heard, count: int, rng: np.random.Generator) -> np.ndarray:
    """Return numbers of samples at which to compare, in order.

    Eight lie at random within the distance of two frames of control.

    Args:
        heard: the recording
        count: how many, less those that are drawn twice
        rng: draws them
    """
    span = max(control_samples(heard.sample_rate), TOGETHER)
    begins = rng.integers(0, max(len(heard.samples) - span, 1), -(-count // TOGETHER))
    offsets = rng.integers(0, span, (len(begins), TOGETHER))
    at = np.unique(begins[:, None] + offsets)
    return at[at < len(heard.samples)]
